internal import Logging
internal import MCP
internal import Model
internal import Settings
internal import SlackAPI
internal import Synchronization

/// Hears Slack by HTTP, where the settings say. An address that somebody else has is tried again.
final class SlackListener: Sendable {
    let address: ListenAddress
    private let secret: SlackSecretFile
    private let logger: Logger
    private let state = Mutex<(server: EventServer?, problem: String?)>((nil, nil))

    /// Throws `StartError` for a secret that is none.
    init(_ settings: SlackSettings, logger: Logger) throws {
        guard let address = ListenAddress(settings.eventsListen) else {
            throw StartError("slack.events.listen is no address with a port.")
        }
        guard !settings.signingSecretFile.isEmpty else {
            throw StartError(
                "slack.signing_secret_file is missing: without it nothing that comes is known to be Slack's.")
        }
        self.address = address
        secret = SlackSecretFile(settings.signingSecretFile)
        self.logger = logger
        do { _ = try secret.signingSecret() } catch {
            throw StartError("slack.signing_secret_file: \(error.message)")
        }
    }

    var status: SlackEar.Status {
        state.withLock { state in
            let isHearing = state.server?.status.port != nil
            return SlackEar.Status(
                state: isHearing ? "listening" : "stopped", connections: 0, problem: isHearing ? nil : state.problem,
                isHearing: isHearing)
        }
    }

    func run(
        cameUp: @escaping @Sendable () -> Void, handle: @escaping @Sendable (SlackEnvelope) async throws -> JSONValue?
    ) async {
        let desk = EventDesk(
            secrets: { [secret] in [try secret.signingSecret()] },
            now: { WallClock.system.now().milliseconds / 1000 }, logger: logger, handle: handle)
        while !Task.isCancelled {
            let server = EventServer(host: address.host, port: address.port, desk: desk, logger: logger)
            state.withLock { $0 = (server, nil) }
            do {
                try await server.run(listening: cameUp)
            } catch {
                guard !Task.isCancelled else { return }
                let problem = "Nothing can listen at \(address.text): \(error)"
                state.withLock { $0.problem = problem }
                logger.error("slack cannot be heard", metadata: ["problem": .string(problem)])
                try? await Task.sleep(for: .seconds(10))
            }
        }
    }
}
