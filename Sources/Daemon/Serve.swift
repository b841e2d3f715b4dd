internal import Audit
internal import Console
internal import Conversations
internal import Glibc
internal import Harness
internal import Logging
internal import MCP
internal import Policy
internal import Settings
internal import Store
internal import UnixSignals

/// `bulkhead serve`.
package enum DaemonMain {
    /// Runs until SIGTERM or SIGINT; SIGHUP reloads what can be reloaded. Throws what kept it from starting, or ended it.
    package static func serve(configuration path: String) async throws {
        let settings = try Settings.load(path: path)
        let logger = logger(settings)
        try ProcessHardening.apply()
        raiseFileLimit()
        // A hook need not read what it is told.
        signal(SIGPIPE, SIG_IGN)
        let daemon = try await Daemon(settings, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { [logger] group in
            group.addTask { try await daemon.run() }
            group.addTask { await untilTold(to: daemon, settings: settings, logger: logger) }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }

    /// `bulkhead mcp --standalone`: one session's gated tools on standard input and output, without a running daemon.
    /// Whoever can read the data directory is its owner here; `person` names somebody else to speak for.
    package static func serveStandalone(
        configuration path: String, channel: String, onBehalfOf person: String?
    ) async throws {
        let settings = try Settings.load(path: path)
        try ProcessHardening.apply()
        signal(SIGPIPE, SIG_IGN)
        let daemon = try await Daemon(settings, logger: logger(settings))
        let transport = DescriptorTransport(reading: STDIN_FILENO, writing: STDOUT_FILENO, ownsDescriptors: false)
        try await daemon.serveStandalone(transport, channel: channel, onBehalfOf: person)
    }

    /// A live session takes some six descriptors; the usual soft limit of 1,024 would be the first thing to run out.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func logger(_ settings: Settings) -> Logger {
        var logger = Logger(label: "bulkhead") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: settings.log.level.rawValue) ?? .notice
        return logger
    }

    /// What to tell the operator, and the exit status (sysexits(3)): 78 configuration, 75 somebody else holds what we
    /// need, 1 else.
    package static func ending(of error: any Error) -> (message: String, status: Int32) {
        switch error {
        case let error as SettingsError: ("\(error)", 78)
        case let error as PolicyError: ("\(error)", 78)
        case let error as StartError: (error.message, error.exitStatus)
        case let error as StoreError: (error.message, error.code == .locked ? 75 : 1)
        case let error as ChatError: (error.message, 1)
        case let error as ConsoleError: (error.message, error.code == .portTaken ? 75 : 1)
        default: ("\(error)", 1)
        }
    }

    private static func untilTold(to daemon: Daemon, settings: Settings, logger: Logger) async {
        var settings = settings
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) {
            guard signal == .sighup else {
                logger.notice("stopping", metadata: ["signal": "\(signal)"])
                return
            }
            do {
                let reload = try settings.reload()
                await daemon.apply(settings)
                logger.notice(
                    "settings reloaded",
                    metadata: [
                        "applied": "\(reload.applied.joined(separator: ", "))",
                        "needs restart": "\(reload.needsRestart.joined(separator: ", "))",
                    ])
                await record(reload, in: daemon.audit, logger)
            } catch {
                logger.error("settings not reloaded; the last good ones stay", metadata: ["error": "\(error)"])
            }
            do {
                let hasChanged = try await daemon.reloadPolicy()
                logger.notice("policy reloaded", metadata: ["policy": hasChanged ? "changed" : "unchanged"])
            } catch {
                logger.error("policy not reloaded; the last good one stays", metadata: ["error": "\(error)"])
            }
        }
    }

    /// After they hold: what takes somebody's rights away must not wait for a disk with room.
    private static func record(_ reload: SettingsReload, in audit: AuditLog, _ logger: Logger) async {
        guard !reload.applied.isEmpty || !reload.needsRestart.isEmpty else { return }
        do {
            try await audit.event(
                "settings.changed",
                details: [
                    "applied": .array(reload.applied.map { .string($0) }),
                    "needsRestart": .array(reload.needsRestart.map { .string($0) }),
                ])
        } catch {
            logger.error("a change of the settings is not in the audit", metadata: ["error": "\(error)"])
        }
    }
}
