internal import Audit
package import MCP
internal import Model
package import NetworkRules
internal import Store
package import ToolServers

/// The tools by which an agent stores what it was told, sees what there is, and reads a value where people let it.
package struct SecretServer: ToolServer {
    private let vault: Vault
    private let mayReach: @Sendable (EgressEntry, ToolContext) async throws -> Bool

    /// `mayReach`: whether all that the entry allows is granted to the session already; no host is where nobody says.
    package init(
        vault: Vault,
        mayReach: @escaping @Sendable (EgressEntry, ToolContext) async throws -> Bool = { _, _ in false }
    ) {
        self.vault = vault
        self.mayReach = mayReach
    }

    package static let put = "secret_put"
    package static let list = "secret_list"
    package static let get = "secret_get"

    package let tools = [
        RegisteredTool(
            tool: Tool(
                name: put,
                description:
                    "Stores a secret (a token, a password) for the person you work for, who alone can use it. Use it for "
                    + "what they told you to keep; afterwards name the secret and never repeat its value. hosts: where it "
                    + "may be sent, as example.com, *.example.com or \"example.com GET,POST /v1/\"; without one it goes "
                    + "into no request. Only hosts that are granted here. places: header:NAME, query:NAME or body; without one the header authorization.",
                inputSchema: [
                    "type": "object",
                    "properties": [
                        "name": ["type": "string", "description": .string(SecretName.rule)],
                        "value": ["type": "string"],
                        "hosts": ["type": "array", "items": ["type": "string"], "maxItems": 32],
                        "places": ["type": "array", "items": ["type": "string"], "maxItems": 32],
                    ], "required": ["name", "value"], "additionalProperties": false,
                ]), effect: .write, server: "vault", isHarness: true,
            secretArguments: BuiltInTool.named(put).secretArguments),
        RegisteredTool(
            tool: Tool(
                name: list,
                description:
                    "Names the secrets that can be used for the person you work for here, whose each is, where it may be "
                    + "sent, and when it was last used. No values.",
                inputSchema: ["type": "object", "properties": [:], "additionalProperties": false]),
            effect: .read, server: "vault", isHarness: true),
        RegisteredTool(
            tool: Tool(
                name: get,
                description:
                    "Returns the value of a secret in the clear, once a person has allowed it. Everything here is private "
                    + "from then on. Rarely needed: http_request and bash use secrets without your seeing them.",
                inputSchema: [
                    "type": "object", "properties": ["name": ["type": "string"]], "required": ["name"],
                    "additionalProperties": false,
                ]), effect: .read, server: "vault", hasSecretResult: true),
    ]

    package func demand(
        for name: String, arguments: JSONObject, context: ToolContext
    ) async throws -> ToolDemand? {
        guard name == Self.get else { return nil }
        return try await vault.demand(
            for: [arguments["name"]?.stringValue ?? ""], kind: .reading, context: context)
    }

    package func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        do {
            switch name {
            case Self.put: return try await put(arguments, context)
            case Self.list: return try await list(context)
            case Self.get: return try await get(arguments, context)
            default: return .failure("There is no tool \(name.prefix(64)) here.")
            }
        } catch let error as VaultError {
            return .failure(error.message)
        }
    }

    private func put(_ arguments: JSONObject, _ context: ToolContext) async throws -> CallToolResult {
        func texts(_ key: String) -> [String] { arguments[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        let binding = try SecretBinding(hosts: texts("hosts"), places: texts("places"))
        let name = arguments["name"]?.stringValue ?? ""
        // Nor one that would come before what the name means here: who got an agent to store it could be used by others.
        if let secret = try await vault.find(name, for: context.requester, in: context.channel) {
            throw VaultError.taken(secret.name)
        }
        // Who got an agent to store a secret would else choose where it goes from then on.
        for host in binding.hosts {
            guard try await mayReach(host, context) else {
                throw VaultError(
                    .forbidden,
                    "An agent cannot bind a secret to a host that was not granted here: store it without hosts; the person "
                        + "binds it with `bulkhead secret set`.")
            }
        }
        let (secret, _) = try await vault.set(
            name, scope: .person(context.requester),
            value: SecretValue((arguments["value"]?.stringValue ?? "").utf8), binding: binding,
            by: SecretManager(person: context.requester, isAdmin: false), onlyNew: true,
            subject: AuditSubject(
                requester: context.requester, channel: context.channel, conversation: context.conversation,
                session: context.session, call: context.call))
        let hosts = binding.hosts.map(\.description).joined(separator: "; ")
        return .text(
            "Stored as \(secret.name), version \(secret.version). "
                + (hosts.isEmpty ? "It is bound to no host, so no request can carry it." : "It may go to: \(hosts).")
                + " Do not repeat the value.")
    }

    private func list(_ context: ToolContext) async throws -> CallToolResult {
        let secrets = try await vault.names(for: context.requester, in: context.channel)
        guard !secrets.isEmpty else {
            return .text("There are no secrets here. A person adds one: bulkhead secret set NAME")
        }
        let lines = try secrets.map { visible in
            let record = visible.record
            let secret = try record.secret()
            let whose =
                record.person == context.requester
                ? "own" : visible.isGranted ? "granted" : "the \(record.scope.rawValue)'s, an admin is asked each time"
            let hosts = secret.binding.hosts.map(\.description).joined(separator: "; ")
            let places = secret.binding.effectivePlaces.map(\.description).sorted().joined(separator: ", ")
            return "\(secret.name) (\(whose)): "
                + (hosts.isEmpty ? "goes to no host" : "goes to \(hosts) in \(places)")
                + (secret.lastUsed.map { "; last used \($0.rfc3339), \(secret.uses) times" } ?? "; never used")
        }
        return .text(lines.joined(separator: "\n"))
    }

    private func get(_ arguments: JSONObject, _ context: ToolContext) async throws -> CallToolResult {
        let name = arguments["name"]?.stringValue ?? ""
        guard let secret = try await vault.find(name, for: context.requester, in: context.channel) else {
            throw VaultError.unknown(name)
        }
        let value = try await vault.value(of: secret, for: .reading, context: context)
        // More would be cut, and the whole kept in a file.
        guard value.count <= 32 << 10, let text = value.text else {
            throw VaultError(.forbidden, "The secret \(secret.name) is too long to be read.")
        }
        return .text(text)
    }
}
