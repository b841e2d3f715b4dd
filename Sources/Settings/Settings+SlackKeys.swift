extension Settings {
    static let slackKeys: [SettingKey] = [
        SettingKey(
            "slack.bot_token_file", \.slack.botTokenFile, .optionalPath,
            "The file whose one line is the app's bot token (`xoxb-…`); readable by the service user alone (0600). Without it"
                + " and the next one nothing is connected to Slack."),
        SettingKey(
            "slack.app_token_file", \.slack.appTokenFile, .optionalPath,
            "The file whose one line is the app-level token (`xapp-…`) that opens Socket Mode connections."),
        SettingKey(
            "slack.events.listen", \.slack.eventsListen,
            .text("address", allowed: "nothing, or a numeric address with a port: 127.0.0.1:8090") { text in
                text.isEmpty || ListenAddress(text) != nil
            },
            "Where requests of Slack's are taken, in place of Socket Mode, at the path `/slack/events`. Plain HTTP: what makes"
                + " TLS of it stands before it."),
        SettingKey(
            "slack.signing_secret_file", \.slack.signingSecretFile, .optionalPath,
            "The file whose one line is the app's signing secret, by which requests of Slack's are known (0600). Needed with"
                + " `slack.events.listen`."),
        SettingKey(
            "slack.api_url", \.slack.apiURL,
            .text("URL", allowed: "https:// and a host with a path, or http:// to this machine") { text in
                let isHere = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { text.hasPrefix($0) }
                return (text.hasPrefix("https://") || isHere)
                    && !text.contains { $0.isWhitespace || $0 == "@" || $0 == "?" || $0 == "#" }
            }, "Where Slack's Web API is."),
        SettingKey(
            "slack.people", \.slack.people, .choice, reloadable: true,
            "Who may use it from Slack: all full `members` of the workspace, each as a person of their own, or those alone"
                + " who `linked` their account with a code or whose address is in `people.addresses`. Guests, programs and"
                + " people of other workspaces never."),
        SettingKey(
            "slack.joining", \.slack.joining, .choice, reloadable: true,
            "Channels it works in: all it is invited into (`open`), those an admin allowed (`allowlist`: `bulkhead slack"
                + " channels allow`), or the same and admins are asked (`ask`). What was in use before stays so until it is"
                + " refused."),
        SettingKey(
            "slack.admission", \.slack.admission, .choice, reloadable: true,
            "Where `slack.people` is `members`: all of them (`open`), those an admin allowed (`allowlist`: `bulkhead slack"
                + " people allow`), or the same and admins are asked (`ask`). Who was here before stays until refused."),
        SettingKey(
            "slack.bots", \.slack.bots, .slackBots, reloadable: true,
            "Programs in Slack that may call it, and for whom: what they ask is done with that person's rights."),
        SettingKey(
            "slack.bot_turns", \.slack.botTurns, .integer(1...100), reloadable: true,
            "How often programs are answered in a row before a person has to say something."),
        SettingKey(
            "slack.names", \.slack.names, .phrases, reloadable: true,
            "Names by which it is called at the beginning of a message, besides being mentioned."),
        SettingKey(
            "slack.follow_ups", \.slack.followUps, .choice, reloadable: true,
            "Whether a reply in a thread it is in is for it without a mention: `always`, while one person is `alone` with it"
                + " there, or `never`."),
        SettingKey(
            "slack.channels", \.slack.channels, .slackChannels, reloadable: true,
            "What differs in single channels, by name or id: `follow_ups`, each `keyword` that is for it wherever it"
                + " stands, and the `face` it has there."),
        SettingKey(
            "slack.faces", \.slack.faces, .slackFaces, reloadable: true,
            "Names and pictures to speak under in channels that have `face=KEY` in `slack.channels`. One that has the name of a"
                + " real person needs `persona=true`: each conversation then begins by saying that it is not that person."
        ),
        SettingKey(
            "slack.footer", \.slack.footer, .choice, reloadable: true,
            "What stands under an answer: `full`, what was changed, what was read, and buttons for a word about it and for how"
                + " it was made; `short`, the buttons; or `none`."),
        SettingKey(
            "slack.catch_up", \.slack.catchUp, .duration(.zero...(.seconds(86_400))), reloadable: true,
            "After a time without a connection, what was said longer ago than this is read and not answered; that is said"
                + " once in each thread."),
    ]
}
