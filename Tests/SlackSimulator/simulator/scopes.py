"""Bot scopes, the events they allow, and the tiers of the rate limits."""

BOT_SCOPES = set(
    """
    app_mentions:read assistant:write bookmarks:read bookmarks:write calls:read calls:write canvases:read canvases:write
    channels:history channels:join channels:manage channels:read channels:write.invites channels:write.topic
    chat:write chat:write.customize chat:write.public commands conversations.connect:read dnd:read emoji:read
    files:read files:write groups:history groups:read groups:write im:history im:read im:write incoming-webhook
    links:read links:write lists:read lists:write metadata.message:read mpim:history mpim:read mpim:write pins:read
    pins:write reactions:read reactions:write reminders:read reminders:write search:read.files search:read.public
    search:read.users team:read usergroups:read usergroups:write users.profile:read users:read users:read.email
    users:write workflow.steps:execute
    """.split()
)

# What an assistant usually asks for; an app that is told in few words gets these.
USUAL_SCOPES = """
    app_mentions:read assistant:write channels:history channels:join channels:read chat:write chat:write.customize
    commands
    files:read files:write groups:history groups:read im:history im:read im:write mpim:history mpim:read mpim:write
    reactions:read reactions:write users:read users:read.email
""".split()

# An event is sent to an app that subscribed to it and was granted one of these.
EVENT_SCOPES = {
    "agent_session_stopped": [],
    "app_home_opened": [],
    "app_mention": ["app_mentions:read"],
    "app_uninstalled": [],
    "assistant_thread_context_changed": ["assistant:write"],
    "assistant_thread_started": ["assistant:write"],
    "channel_archive": ["channels:read"],
    "channel_created": ["channels:read"],
    "channel_deleted": ["channels:read"],
    "channel_left": ["channels:read"],
    "channel_rename": ["channels:read"],
    "channel_unarchive": ["channels:read"],
    "file_shared": ["files:read"],
    "group_left": ["groups:read"],
    "member_joined_channel": ["channels:read", "groups:read"],
    "member_left_channel": ["channels:read", "groups:read"],
    "message.app_home": [],
    "message.channels": ["channels:history"],
    "message.groups": ["groups:history"],
    "message.im": ["im:history"],
    "message.mpim": ["mpim:history"],
    "message_stream_stopped": ["chat:write"],
    "reaction_added": ["reactions:read"],
    "reaction_removed": ["reactions:read"],
    "team_join": ["users:read"],
    "tokens_revoked": [],
    "user_change": ["users:read"],
}

# Calls a minute. Slack promises no number for its special tier; these are of the size its pages name.
TIERS = {1: 1, 2: 20, 3: 50, 4: 100, "auth.test": 600, "assistant.threads.setStatus": 600, "chat.getPermalink": 600}
