internal import ArgumentParser
internal import Broker
internal import Dispatch
internal import Glibc
internal import Logging

/// The one root process: see docs/modules.md, Broker.
@main
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulkhead-broker",
        abstract: "Starts and ends Bulkhead's containers for the service user, from fixed templates only.")

    @Option(help: "The configuration, a JSON file only root can write.")
    var config: String

    @Flag(help: "Check the configuration and stop.")
    var check = false

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        guard geteuid() == 0 else {
            throw ValidationError("bulkhead-broker needs root: it mounts volumes and uses the Docker Engine")
        }
        let configuration = try BrokerConfiguration.load(config)
        guard !check else { return }
        let server = try BrokerServer(configuration: configuration, logger: Logger(label: "broker"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { await Self.stopSignal() }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Returns at SIGTERM or SIGINT.
    private static func stopSignal() async {
        let (signals, arrived) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { arrived.yield() }
            source.resume()
            return source
        }
        for await _ in signals { break }
        withExtendedLifetime(sources) {}
    }
}
