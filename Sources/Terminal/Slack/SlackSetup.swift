internal import Settings
internal import SlackAPI

/// What the settings say of Slack, and clients of it for one command.
struct SlackSetup: Sendable {
    let settings: Settings
    let endpoint: SlackEndpoint

    init(config: String?) throws(TerminalError) {
        let path = try DaemonLocation.configuration(config)
        do {
            settings = try Settings.load(path: path)
        } catch {
            throw TerminalError(.usage, "\(error)")
        }
        guard let endpoint = SlackEndpoint(settings.slack.apiURL) else {
            throw TerminalError(.usage, "slack.api_url is no address: it has to be \(SlackEndpoint.addressRule).")
        }
        self.endpoint = endpoint
    }

    /// Where the settings say; else where `connect` puts it.
    var botFile: SlackSecretFile { file(settings.slack.botTokenFile, "slack-bot.token") }
    var appFile: SlackSecretFile { file(settings.slack.appTokenFile, "slack-app.token") }

    var signingFile: SlackSecretFile { file(settings.slack.signingSecretFile, "slack-signing.secret") }

    /// Whether Slack sends requests, by the settings, in place of connections of ours.
    var isHTTP: Bool { !settings.slack.eventsListen.isEmpty }

    var isNamedForHTTP: Bool {
        isHTTP && !settings.slack.botTokenFile.isEmpty && !settings.slack.signingSecretFile.isEmpty
    }

    var adviceForHTTP: String {
        "Set slack.bot_token_file to \(botFile.path), slack.signing_secret_file to \(signingFile.path) and slack.events.listen to "
            + "an address (127.0.0.1:8090) in \(settings.file), and start Bulkhead again."
    }

    var isNamed: Bool { !settings.slack.botTokenFile.isEmpty && !settings.slack.appTokenFile.isEmpty }

    var advice: String {
        "Set slack.bot_token_file to \(botFile.path) and slack.app_token_file to \(appFile.path) in \(settings.file), "
            + "and start Bulkhead again."
    }

    private func file(_ named: String, _ usual: String) -> SlackSecretFile {
        SlackSecretFile(named.isEmpty ? settings.data.directory + "/" + usual : named)
    }

    /// Runs `body` with a client, and lets it go. `token` is asked at each call.
    func with<Result>(
        _ token: @escaping @Sendable () throws(SlackError) -> SlackToken,
        _ body: (SlackClient) async throws -> Result
    ) async throws -> Result {
        var limits = SlackLimits()
        // Somebody sits and waits.
        limits.patience = .seconds(30)
        limits.tries = 2
        let client = try SlackClient(endpoint: endpoint, limits: limits, token: token)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.shutdown()
        return try result.get()
    }
}

extension TerminalError {
    init(_ error: any Error) {
        switch error {
        case let error as TerminalError: self = error
        case let error as SlackError: self.init(.refused, error.description)
        case let error as SlackSecretFile.Failure: self.init(.file, error.description)
        default: self.init(.cancelled, "Interrupted.")
        }
    }
}
