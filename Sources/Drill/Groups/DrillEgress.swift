internal import Egress
internal import Model
internal import NetworkRules
internal import Synchronization

/// What the drill's door goes by. A test takes one of these away, to see that an attempt notices.
package struct DrillRules: Sendable {
    /// Every host is granted.
    package var grantsEverything = false
    /// The hosts it grants may leave out or hide their names.
    package var allowsUnnamedTLS = false
    /// Names below the wildcard that are served on loopback, as if their addresses were not looked at.
    package var unchecked: [String] = []

    package init() {}

    /// The names that are served, on this machine's loopback. The others are looked up as any name is.
    func standIns() throws -> StandIns {
        var served: [HostName: IPAddress] = [:]
        for name in [EgressNames.allowed, EgressNames.limited] + unchecked.map({ "\($0).\(EgressNames.wildcard)" }) {
            if let host = HostName(name) { served[host] = IPAddress(127, 0, 0, 1) }
        }
        return try StandIns(served)
    }
}

/// The drill's own allowlist, for the drill's own door: nothing else is granted by it, and nothing is stored.
final class DrillAuthority: EgressAuthority {
    private let entries: Mutex<[EgressEntry]>
    private let rules: DrillRules
    private let told: @Sendable (EgressConnection) async -> Void

    /// `told`: how the running door puts a connection on record.
    init(rules: DrillRules, port: UInt16, told: @escaping @Sendable (EgressConnection) async -> Void) {
        self.rules = rules
        self.told = told
        let ports: Set<UInt16> = [port]
        entries = Mutex(
            [
                DomainPattern(EgressNames.allowed).map { EgressEntry(domain: $0, ports: ports) },
                DomainPattern("*." + EgressNames.wildcard).map { EgressEntry(domain: $0, ports: ports) },
                DomainPattern(EgressNames.limited).map {
                    EgressEntry(domain: $0, ports: ports, methods: ["GET"], pathPrefixes: ["/open/"])
                },
            ].compactMap { $0 })
    }

    func decide(_ request: EgressRequest) async throws -> EgressVerdict {
        let entries = entries.withLock { $0 }
        guard
            rules.grantsEverything
                || EgressEntry.first(in: entries, matching: request.target, method: request.method, path: request.path)
                    != nil
        else { return .refuse(reason: "The drill grants no such thing.") }
        return .allow(rule: "the drill's own", allowsUnnamedTLS: rules.allowsUnnamedTLS)
    }

    func record(_ connection: EgressConnection) async { await told(connection) }

    /// Nothing is granted any more.
    func revoke() { entries.withLock { $0 = [] } }
}

/// Knows the drill's names alone, and which it was asked for.
final class DrillResolver: Resolver {
    private let asked = Mutex<Set<String>>([])

    func addresses(of host: HostName, for session: SessionID) async throws -> [IPAddress] {
        asked.withLock { _ = $0.insert(host.description) }
        let suffix = "." + EgressNames.wildcard
        guard host.description.hasSuffix(suffix) else { return [] }
        let name = host.description.dropLast(suffix.count)
        return EgressNames.elsewhere.first { $0.key == name }?.value.compactMap { IPAddress($0) } ?? []
    }

    func wasAsked(_ name: String) -> Bool { asked.withLock { $0.contains(name) } }
}
