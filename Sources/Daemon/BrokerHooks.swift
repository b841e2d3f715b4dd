internal import BrokerClient
internal import BrokerProtocol
internal import Hooks
internal import Logging
internal import Settings

/// The operator's hooks, started by the broker as a user of their own.
struct BrokerHooks: HookStarter {
    let connect: @Sendable () throws -> BrokerClient

    func check(_ name: String) async throws {
        let broker = try connect()
        defer { broker.close() }
        try await broker.checkHook(name)
    }

    func start(_ name: String) async throws -> HookStreams {
        let broker = try connect()
        // The hook goes on: it hangs at its own socket.
        defer { broker.close() }
        let files = try await broker.runHook(name)
        return HookStreams(input: files.input, output: files.output, error: files.error, control: files.control)
    }

    /// Waits for a broker that is just being started, and no longer. Throws `StartError`: work does not begin with hooks
    /// that are configured and could not be asked.
    static func check(_ desk: HookDesk, logger: Logger) async throws {
        let deadline = ContinuousClock.now + .seconds(15)
        while true {
            do {
                try await desk.check()
                logger.notice("hooks are asked", metadata: ["hooks": "\(desk.plan.names.joined(separator: ", "))"])
                return
            } catch let error as BrokerError
                where error.code == .disconnected && ContinuousClock.now < deadline && !Task.isCancelled
            {
                try await Task.sleep(for: .milliseconds(200))
            } catch let error as BrokerError {
                throw StartError(
                    "Hooks are configured and cannot be run, so nothing is started: \(error.message). The broker runs "
                        + "them as another user; see docs/hooks.md, or empty the lists under `hooks`.")
            }
        }
    }
}

extension HookPlan {
    /// `nil` where no event names a hook.
    init?(_ settings: HookSettings) {
        self.init(
            hooks: [
                .messageIn: settings.messageIn, .sessionStart: settings.sessionStart,
                .toolBefore: settings.toolBefore, .toolAfter: settings.toolAfter, .messageOut: settings.messageOut,
                .sessionEnd: settings.sessionEnd,
            ], deadline: settings.deadline, outputBytes: settings.outputBytes, concurrent: settings.concurrent)
        if hooks.isEmpty { return nil }
    }
}
