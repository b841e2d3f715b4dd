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
            "What differs in single channels, by name or id: `follow_ups`, and each `keyword` that is for it wherever it"
                + " stands."),
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
