internal import SlackAPI

/// `bulkhead slack connect`: tokens in, tried out, and only then kept.
struct SlackConnect: Sendable {
    let setup: SlackSetup

    struct Given: Sendable {
        var bot: SlackToken
        var other: Other

        /// What is needed besides, by the way Slack tells.
        enum Other: Sendable {
            case app(SlackToken)
            case signingSecret(String)
        }
    }

    /// For requests over HTTP, one line each, in any order: `xoxb-…`, and the signing secret.
    static func readSigned(_ lines: [String]) throws(TerminalError) -> Given {
        let lines = lines.map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
        let bots = lines.compactMap { SlackToken($0) }
        let rest = lines.filter { SlackToken($0) == nil }
        guard lines.count == 2, let bot = bots.first, bot.kind == .bot, let secret = rest.first else {
            throw TerminalError(
                .usage, "Needed are two lines: the bot token (xoxb-…) and the signing secret. Nothing was stored.")
        }
        guard secret.utf8.count == 32, secret.allSatisfy({ $0.isHexDigit }) else {
            throw TerminalError(
                .usage,
                "The signing secret has 32 hexadecimal digits (Basic Information, App Credentials). Nothing was stored."
            )
        }
        return Given(bot: bot, other: .signingSecret(secret))
    }

    /// One line each, in any order: `xoxb-…` and `xapp-…`.
    static func read(_ lines: [String]) throws(TerminalError) -> Given {
        var bot: SlackToken?
        var app: SlackToken?
        for line in lines.map({ $0.filter { !$0.isWhitespace } }) where !line.isEmpty {
            guard let token = SlackToken(line) else {
                throw TerminalError(
                    .usage,
                    "A line is no token: a bot token begins with xoxb-, an app token with xapp-. Nothing was stored.")
            }
            guard token.kind == .bot ? bot == nil : app == nil else {
                throw TerminalError(.usage, "There are two tokens that begin with \(token.kind.rawValue).")
            }
            if token.kind == .bot { bot = token } else { app = token }
        }
        guard let bot, let app else {
            throw TerminalError(
                .usage,
                "There was no \(bot == nil ? "bot token (xoxb-…)" : "app token (xapp-…)"). Nothing was stored.")
        }
        return Given(bot: bot, other: .app(app))
    }

    /// Tries the tokens, then keeps them, then tells `owner` (a mail address or a person's id). Says what it did.
    func connect(_ given: Given, owner: String?) async throws -> [String] {
        var said: [String] = []
        let (teamName, ownerID) = try await setup.with({ () throws(SlackError) in given.bot }) { client in
            let identity = try await client.authTest()
            let missing = ScopeReport(granted: identity.scopes ?? []).required.flatMap(\.missing)
            guard identity.scopes == nil || missing.isEmpty else {
                throw TerminalError(
                    .refused,
                    "The bot token lacks scopes without which nothing works: \(missing.joined(separator: ", ")). Make the "
                        + "app from `bulkhead slack manifest`, or add them and install it again. Nothing was stored.")
            }
            return (identity.teamName, try await Self.person(owner, client))
        }
        let other: (String, SlackSecretFile)
        switch given.other {
        case .app(let app):
            try await setup.with({ () throws(SlackError) in app }) { client in
                _ = try await client.call(.connectionsOpen)
            }
            other = (app.secret, setup.appFile)
        case .signingSecret(let secret): other = (secret, setup.signingFile)
        }
        for (secret, file) in [(given.bot.secret, setup.botFile), other] {
            try file.write(secret)
            said.append("Stored \(file.path), readable by its user alone.")
        }
        said.append("Connected to \(teamName).")
        if let ownerID {
            try await setup.with({ () throws(SlackError) in given.bot }) { client in
                _ = try await client.post(
                    SlackPost(channel: ownerID, text: "Bulkhead is connected to \(teamName). This is a test message."))
            }
            said.append("A test message is in your direct messages.")
        }
        switch given.other {
        case .app: if !setup.isNamed { said.append(setup.advice) }
        case .signingSecret: if !setup.isNamedForHTTP { said.append(setup.adviceForHTTP) }
        }
        return said
    }

    private static func person(_ owner: String?, _ client: SlackClient) async throws -> String? {
        guard let owner else { return nil }
        guard owner.contains("@") else { return try await client.user(owner).id }
        guard let user = try await client.user(email: owner) else {
            throw TerminalError(.notFound, "Nobody in this workspace has the address \(owner). Nothing was stored.")
        }
        return user.id
    }
}
