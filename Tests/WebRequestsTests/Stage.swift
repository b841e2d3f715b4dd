import Egress
import MCP
import Model
import NetworkRules
import Synchronization
import ToolServers
import Vault

@testable import WebRequests

/// The tool with a vault, an allowlist and a host of the test's own, against a real server.
struct Stage {
    let server: WebServer
    let vault = TestVault()
    let authority = TestAuthority()
    let host = TestHost()
    let tool: WebRequestServer
    let context = ToolContext(
        session: SessionID(trusted: "ses_1"), conversation: ConversationID(trusted: "con_1"),
        channel: ChannelID(trusted: "cha_1"), requester: PersonID(trusted: "per_1"), call: CallID(trusted: "call_1"))

    var base: String { "https://api.example.test:\(server.port)" }

    init(limits: WebRequestLimits = WebRequestLimits(), isTrusted: Bool = true, reach: EgressReach? = nil) throws {
        server = try WebServer()
        guard let name = HostName("api.example.test"), let other = HostName("other.example.test") else {
            throw WebServer.Failure(message: "no name")
        }
        let standIns = try StandIns([name: IPAddress(127, 0, 0, 1), other: IPAddress(127, 0, 0, 1)])
        tool = WebRequestServer(
            keeper: vault, egress: authority, reach: reach ?? EgressReach(standIns: standIns), host: host,
            limits: limits, authority: isTrusted ? server.authority : nil)
    }

    func call(_ arguments: JSONObject) async throws -> CallToolResult {
        try await tool.call("http_request", arguments: arguments, context: context)
    }

    /// Bound to the server's host and port.
    func secret(
        _ name: String, value: String, methods: Set<String> = [], paths: [String] = [],
        host: String = "api.example.test",
        port: UInt16? = nil, places: Set<SecretPlace> = []
    ) throws {
        guard let pattern = DomainPattern(host), let name = SecretName(name) else {
            throw WebServer.Failure(message: "no such secret")
        }
        let entry = EgressEntry(
            domain: pattern, ports: [port ?? server.port], methods: methods, pathPrefixes: paths)
        vault.add(name, value, SecretBinding(hosts: [entry], places: places))
    }
}

final class TestVault: SecretKeeper {
    private let secrets = Mutex<[String: (Secret, String)]>([:])
    private let used = Mutex<[SecretUse]>([])

    var uses: [SecretUse] { used.withLock { $0 } }
    var all: [Secret] { secrets.withLock { $0.values.map(\.0) } }

    func add(_ name: SecretName, _ value: String, _ binding: SecretBinding) {
        let person = PersonID(trusted: "per_1")
        let secret = Secret(
            id: SecretID(trusted: "sec_\(name)"), name: name, scope: .person(person), version: 1, binding: binding,
            owner: person, created: Timestamp(milliseconds: 0), changed: Timestamp(milliseconds: 0), uses: 0,
            lastUsed: nil)
        secrets.withLock { $0[name.rawValue] = (secret, value) }
    }

    func find(_ name: String, for requester: PersonID, in channel: ChannelID) async throws -> Secret? {
        secrets.withLock { $0[name]?.0 }
    }

    func demand(for names: [String], kind: SecretUse.Kind, context: ToolContext) async throws -> ToolDemand? {
        ToolDemand(rule: "use of secrets", word: .requester, reason: "it uses \(names.joined(separator: ", "))")
    }

    func value(of secret: Secret, for use: SecretUse, context: ToolContext) async throws -> SecretValue {
        used.withLock { $0.append(use) }
        guard let value = secrets.withLock({ $0[secret.name.rawValue]?.1 }) else {
            throw VaultError(.notFound, "There is none.")
        }
        return SecretValue(Array(value.utf8))
    }
}

final class TestAuthority: EgressAuthority {
    private let state = Mutex<(allowed: Set<String>, asked: [EgressRequest])>((["api.example.test"], []))

    var asked: [EgressRequest] { state.withLock { $0.asked } }
    func allow(_ hosts: Set<String>) { state.withLock { $0.allowed = hosts } }

    func decide(_ request: EgressRequest) async throws -> EgressVerdict {
        state.withLock { state in
            state.asked.append(request)
            return state.allowed.contains(request.target.host.description)
                ? .allow(rule: "test", allowsUnnamedTLS: false)
                : .refuse(reason: "\(request.target.host) is not granted.")
        }
    }

    func record(_ connection: EgressConnection) async {}
}

final class TestHost: WebRequestHost {
    private let state = Mutex<
        (labels: Labels, bound: Set<String>, denied: Set<String>, records: [WebRequestRecord], kept: [[UInt8]])
    >(([], [], [], [], []))

    var records: [WebRequestRecord] { state.withLock { $0.records } }
    var kept: [[UInt8]] { state.withLock { $0.kept } }
    func set(labels: Labels) { state.withLock { $0.labels = labels } }
    func deny(_ host: String) { state.withLock { _ = $0.denied.insert(host) } }
    func bind(_ host: String) { state.withLock { _ = $0.bound.insert(host) } }

    func labels(of session: SessionID) async throws -> Labels { state.withLock { $0.labels } }

    func isAnySecretBound(to host: HostName, context: ToolContext) async throws -> Bool {
        state.withLock { $0.bound.contains(host.description) }
    }

    func decide(_ request: EgressRequest, only entries: [EgressEntry]) async throws -> EgressVerdict {
        guard !state.withLock({ $0.denied.contains(request.target.host.description) }) else {
            return .refuse(reason: "\(request.target.host) is denied by the policy.")
        }
        return .allow(rule: "hosts of its secrets", allowsUnnamedTLS: false)
    }

    func record(_ record: WebRequestRecord, context: ToolContext) async { state.withLock { $0.records.append(record) } }

    func keep(_ bytes: [UInt8], name: String, context: ToolContext) async throws -> String {
        state.withLock { $0.kept.append(bytes) }
        return "/workspace/session/downloads/\(name)"
    }
}
