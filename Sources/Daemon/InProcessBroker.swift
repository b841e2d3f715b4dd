internal import Broker
internal import BrokerClient
internal import BrokerProtocol
internal import Glibc
internal import Logging
internal import Settings

/// The broker inside the daemon, for those who refuse a process of its own: no weaker towards containers, but the daemon
/// is then root's equal. The only file of the daemon's that knows the broker's inside.
struct InProcessBroker: Sendable {
    private let server: BrokerServer

    /// Throws `StartError` where the daemon lacks the rights or the broker's configuration.
    init(_ settings: Settings, logger: Logger) throws(StartError) {
        let lacking = Self.lacking(user: geteuid(), capabilities: Self.capabilities())
        guard lacking.isEmpty else {
            throw StartError(
                "broker.in_process is true, so the daemon has to make containers itself, and for that it lacks: "
                    + lacking.joined(separator: "; ")
                    + ". Start it as root, or better: run bulkhead-broker as root, set broker.in_process to false, and "
                    + "leave the daemon an ordinary user.")
        }
        do {
            server = try BrokerServer(
                configuration: try BrokerConfiguration.load(settings.broker.file), logger: logger)
            try server.claim()
        } catch {
            throw StartError(
                "The broker inside the daemon cannot start: \(error.message)",
                exitStatus: error.code == .conflict ? 75 : 78)
        }
        logger.warning(
            "the broker runs inside the daemon: the harness is root-equivalent",
            metadata: ["setting": "broker.in_process", "configuration": "\(settings.broker.file)"])
    }

    /// A connection of its own, as to a broker's socket: what is started over it ends with it.
    func connect() throws -> BrokerClient {
        BrokerClient(socket: try server.connectInProcess())
    }

    /// Until cancelled; then every container is ended. Nothing listens: nobody else can ask.
    func run() async throws {
        try await server.run(listening: false)
    }

    // MARK: Rights

    /// What it cannot do without, as capabilities(7) numbers them. Mounting (21) is not among them: without it volumes are
    /// bound when a container is created.
    private static let needed: [(name: String, bit: UInt64)] = [
        ("CAP_CHOWN", 0), ("CAP_DAC_OVERRIDE", 1), ("CAP_FOWNER", 3),
    ]

    static func lacking(user: uid_t, capabilities: UInt64) -> [String] {
        guard user == 0 else { return ["root (it runs as uid \(user); the group docker is not enough)"] }
        return needed.filter { capabilities & (1 << $0.bit) == 0 }.map { "the capability \($0.name)" }
    }

    /// The effective ones; none where the kernel does not say.
    private static func capabilities() -> UInt64 {
        guard let file = fopen("/proc/self/status", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, CInt(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("CapEff:") else { continue }
            return UInt64(text.dropFirst(7).filter { $0.isHexDigit }, radix: 16) ?? 0
        }
        return 0
    }
}
