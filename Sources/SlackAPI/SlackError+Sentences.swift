// Slack's error codes (https://docs.slack.dev/reference/methods, "Errors" of each method): what kind they are, and a
// sentence for those an operator or a colleague meets. A code that stands nowhere here is permanent.
extension SlackError {
    static let kinds: [String: Kind] = {
        var kinds: [String: Kind] = [:]
        for code in auth { kinds[code] = .auth }
        for code in notThere { kinds[code] = .notThere }
        for code in transient { kinds[code] = .transient }
        return kinds
    }()

    private static let auth = [
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope",
        "not_allowed_token_type", "no_permission", "org_login_required", "ekm_access_denied", "access_denied",
        "two_factor_setup_required", "team_access_not_granted", "enterprise_is_restricted", "forbidden_team",
        "accesslimited", "app_missing_action_url", "not_enabled", "not_agent_app",
    ]

    private static let notThere = [
        "channel_not_found", "not_in_channel", "is_archived", "is_inactive", "message_not_found", "thread_not_found",
        "user_not_found", "users_not_found", "user_disabled", "user_not_visible", "user_not_in_channel",
        "file_not_found", "file_deleted", "not_found", "view_not_found", "cannot_dm_bot", "no_reaction",
        "already_in_channel", "method_not_supported_for_channel_type", "cannot_reply_to_message",
    ]

    private static let transient = [
        "ratelimited", "rate_limited", "message_limit_exceeded", "request_timeout", "team_added_to_org",
    ]

    static let sentences: [String: String] = [
        "invalid_auth":
            "The token is not one of Slack's, or not for this workspace. Run `bulkhead slack connect` again.",
        "not_authed": "No token was sent. Run `bulkhead slack connect`.",
        "account_inactive":
            "The app was uninstalled from the workspace, or its user was deactivated. Install it again, then run "
            + "`bulkhead slack connect`.",
        "token_revoked": "The token was revoked. Install the app again, then run `bulkhead slack connect`.",
        "token_expired":
            "The token has expired: token rotation is on for this app, which is not supported. Make an app anew from "
            + "`bulkhead slack manifest`, then run `bulkhead slack connect`.",
        "not_allowed_token_type":
            "This is another kind of token than needed here: a bot token begins with xoxb-, an app token with xapp-.",
        "no_permission": "The workspace's rules do not let the app do this. A workspace admin can change that.",
        "access_denied": "Slack denies the app access to this. A workspace admin can change that.",
        "ekm_access_denied": "The workspace's administrators have suspended access to this for now.",
        "org_login_required": "The workspace is being moved into an organisation; the app has to be installed again.",
        "team_access_not_granted": "The app is not granted this workspace. An organisation admin has to add it.",
        "enterprise_is_restricted": "The organisation's rules do not let the app do this.",
        "forbidden_team": "Socket Mode is off for this app. Turn it on under Socket Mode in the app's settings.",
        "not_enabled": "The app's Home tab is off. Turn it on under App Home in the app's settings.",
        "not_agent_app": "The app is no agent for Slack. Turn on Agents & AI Apps in the app's settings.",
        "not_in_channel": "The app is not in this channel. Someone there has to invite it.",
        "channel_not_found": "There is no such channel, or it is private and the app is not in it.",
        "is_archived": "The channel is archived.",
        "is_inactive": "The channel is archived.",
        "message_not_found": "The message is not there any more.",
        "thread_not_found": "The thread is not there any more.",
        "user_not_found": "There is no such person in Slack.",
        "users_not_found": "Nobody in this workspace has that mail address.",
        "user_disabled": "That person's account is deactivated.",
        "file_not_found": "There is no such file, or the app may not see it.",
        "file_deleted": "The file was deleted.",
        "restricted_action": "The workspace's rules do not let the app post here. A workspace admin can change that.",
        "restricted_action_read_only_channel": "The channel is read-only for the app.",
        "restricted_action_thread_only_channel": "In this channel the app may only reply in threads.",
        "restricted_action_non_threadable_channel": "In this channel the app may not reply in threads.",
        "cant_update_message": "The app may change only its own messages.",
        "cant_delete_message": "The app may delete only its own messages.",
        "edit_window_closed": "The workspace's rules do not let a message this old be changed.",
        "msg_too_long": "The text is longer than Slack takes.",
        "msg_blocks_too_long": "The formatted text is longer than Slack takes.",
        "metadata_too_large": "The message's metadata is larger than Slack takes.",
        "no_text": "The message has neither text nor blocks.",
        "invalid_blocks": "Slack does not take the message's blocks.",
        "invalid_blocks_format": "Slack does not take the message's blocks.",
        "invalid_arguments": "Slack does not take the call's arguments.",
        "expired_trigger_id": "The click is too long ago: Slack gives three seconds.",
        "exchanged_trigger_id": "This click has opened its window already.",
        "hash_conflict": "The view was changed by somebody else in this moment.",
        "unknown_method": "This Slack does not know the method: the workspace's plan, or the app, lacks the feature.",
        "message_not_in_streaming_state": "The message is not being written any more: Slack ended it.",
        "stopped_by_user": "The reader has stopped it.",
        "fatal_error": "Slack failed at it, perhaps half-way.",
        "internal_error": "Slack failed at it, perhaps half-way.",
        "service_unavailable": "Slack is not available for now.",
        "ratelimited": "Slack asks for less of this.",
        "message_limit_exceeded": "The workspace's limit of messages is reached.",
        "request_timeout": "Slack got only part of the request.",
    ]
}
