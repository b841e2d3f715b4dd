internal import BrokerClient
internal import Console
internal import Conversations
internal import Crypto
internal import Glibc
internal import Harness
internal import Hooks
internal import MCP
internal import Model
internal import ModelGateway
internal import Policy
internal import Settings
internal import Store
internal import ToolServers

/// `bulkhead surface`: everything somebody could try something at, from the values the code goes by. Objects are keyed by
/// what a thing is, lists are sets, so that two of these can be compared.
struct AttackSurface: Sendable {
    static let schema: Int64 = 1

    let settings: Settings
    let people: People
    let conversations: ConversationService
    let gateway: GatewayConfiguration
    let egress: EgressOperator
    let connect: @Sendable () throws -> BrokerClient

    func document(_ doors: [ConsoleDoor]) async throws -> JSONObject {
        let client = try connect()
        defer { client.close() }
        let broker = try await client.surface()
        return [
            "schema": .int(Self.schema), "sockets": .object(sockets(broker)), "routes": .object(Self.routes(doors)),
            "people": .object(try await whoComesIn()), "tools": .object(tools),
            "model_door": .object(ModelGateway.doorSurface(gateway)),
            "egress_door": .object(try await egressDoor()),
            "hooks": .object(hooks), "sinks": .object(sinks),
            "containers": broker["containers"] ?? [:], "volumes": broker["volumes"] ?? [:],
            "broker": .object(Self.broker(broker, inProcess: settings.broker.inProcess)),
            "files": .object(files(broker)),
        ]
    }

    /// What sandboxes can be let out to: by the policy file, and by grants that hold. With neither, nothing.
    private func egressDoor() async throws -> JSONObject {
        let limits = settings.egress
        return [
            "speaks": ["HTTP CONNECT", "HTTP with an absolute URL"],
            "reaches": "public addresses alone, resolved and dialled by the daemon; never this machine or its networks",
            "there_for": "sandboxes that something is granted to, and that have seen nothing private",
            "bytes_up": .int(Int64(limits.bytesUp)), "bytes_down": .int(Int64(limits.bytesDown)),
            "connections": .int(Int64(limits.connections)),
            "connections_per_second": .int(Int64(limits.connectionsPerSecond)),
            "policy": .object(
                JSONObject(
                    egress.policy.current.egress.listing.map { entry in
                        (entry["rule"]?.stringValue ?? "", JSONValue.object(entry))
                    })),
            "guests": .string(egress.policy.current.egress.holdsForGuests ? "company" : "none"),
            "grants": .object(JSONObject(try await egress.inForce())),
        ]
    }

    private func sockets(_ broker: JSONObject) -> JSONObject {
        let own = "\(geteuid()):\(getegid())"
        func unix(_ mode: mode_t, _ purpose: String) -> JSONValue {
            [
                "by": "bulkhead", "mode": .string(Self.octal(mode)), "owner": .string(own), "type": "stream",
                "for": .string(purpose),
            ]
        }
        var sockets: JSONObject = [
            "tcp \(settings.console.host):\(settings.console.port)": ["by": "bulkhead", "for": "browsers"],
            "unix \(settings.consoleSocket)": unix(ConsoleServer.socketMode, "the command line"),
            "unix \(settings.mcpSocket)": unix(MCPDoor.socketMode, "MCP clients"),
        ]
        if let address = ListenAddress(settings.slack.eventsListen) {
            sockets["tcp \(address.text)"] = ["by": "bulkhead", "for": "requests that Slack signed"]
        }
        let handed = "bulkhead-broker, handed to bulkhead"
        for (name, maker, use) in [
            ("socket", "bulkhead-broker", "the daemon"), ("doors", handed, "one session's agent, the model"),
            ("egress", handed, "one session's sandbox, to what is granted; there only while something is"),
        ] {
            guard var socket = broker[name]?.objectValue, let path = socket["path"]?.stringValue else { continue }
            // A broker within the daemon has no socket; its doors are the same.
            if name == "socket", settings.broker.inProcess { continue }
            socket["path"] = nil
            socket["by"] = .string(maker)
            socket["for"] = .string(use)
            sockets["unix " + path] = .object(socket)
        }
        return sockets
    }

    private static func routes(_ doors: [ConsoleDoor]) -> JSONObject {
        JSONObject(
            doors.map { door in
                (
                    door.kind.rawValue,
                    .object(JSONObject(door.routes.map { ($0.name, $0.isOpen ? "anybody" : "those who may come in") }))
                )
            })
    }

    /// By account, the role with which it comes in, at every door: the terminal and MCP by the kernel's word, a browser by
    /// a link somebody got there.
    private func whoComesIn() async throws -> JSONObject {
        let settings = people.settings.current
        var accounts: JSONObject = [:]
        for name in Set([settings.owner, "root"] + settings.admins + settings.members) {
            accounts["os:" + name] = settings.role(of: name).map { .string($0.rawValue) }
        }
        let records = try await people.database.people()
        for record in records where record.deactivated != nil {
            accounts["os:" + (record.osName ?? record.name)] = "deactivated"
        }
        for link in try await people.database.accounts() {
            guard let person = records.first(where: { $0.id == link.person }) else { continue }
            accounts["\(link.surface):\(link.label)"] = .string(
                person.isActive ? "\(person.role.rawValue), as \(person.name)" : "nobody, as \(person.name) is out")
        }
        for (name, addresses) in settings.addresses {
            for address in addresses { accounts["address:" + address] = .string("whoever \(name) is") }
        }
        return [
            "accounts": .object(accounts), "all_other_accounts": .string(settings.others.rawValue),
        ]
    }

    private var tools: JSONObject {
        let (inbox, offered) = conversations.offered
        var tools: JSONObject = [
            inbox.name: ["effect": "none", "server": "conversation", "schema": .string(Self.digest(inbox))]
        ]
        for tool in offered {
            tools[tool.tool.name] = [
                "effect": .string(tool.effect.rawValue), "server": .string(tool.server),
                "runs_commands": .bool(tool.runsCommands), "schema": .string(Self.digest(tool.tool)),
            ]
        }
        return tools
    }

    /// What the operator's programs are asked about, in their order: the first that denies ends it.
    private var hooks: JSONObject {
        let plan = HookPlan(settings.hooks)
        return JSONObject(
            HookEvent.allCases.compactMap { event in
                guard let names = plan?.hooks[event], !names.isEmpty else { return nil }
                return (event.rawValue, JSONValue.string(names.joined(separator: ", then ")))
            })
    }

    /// Where the daemon sends something by itself: signed ends of the audit, and nothing else.
    private var sinks: JSONObject {
        let audit = settings.audit
        var sinks: JSONObject = [:]
        if !audit.syslog.isEmpty { sinks["syslog " + audit.syslog] = ["for": "signed ends of the audit"] }
        if !audit.httpsURL.isEmpty {
            sinks["https " + audit.httpsURL] = [
                "for": "signed ends of the audit", "has_token": .bool(!audit.httpsTokenFile.isEmpty),
                "trusts": .string(audit.httpsAuthority.isEmpty ? "the system's authorities" : audit.httpsAuthority),
            ]
        }
        if !settings.vault.kvURL.isEmpty {
            sinks["kv " + settings.vault.kvURL] = [
                "for": "values of secrets",
                "trusts": .string(
                    settings.vault.kvAuthority.isEmpty ? "the system's authorities" : settings.vault.kvAuthority),
            ]
        }
        return sinks
    }

    /// Of all an agent is told about it: a changed description is a changed tool.
    private static func digest(_ tool: Tool) -> String {
        let digest = SHA256.hash(data: tool.json.canonical()).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "sha256:" + digest.joined()
    }

    /// What root does, and for what: all of it is here, and nothing else is root's.
    private static func broker(_ broker: JSONObject, inProcess: Bool) -> JSONObject {
        var summary: JSONObject = [
            "process": .string(inProcess ? "the daemon's own, as root" : "bulkhead-broker, as root")
        ]
        for name in ["user", "vocabulary", "engine", "directories", "witness", "owners", "hooks"] {
            summary[name] = broker[name]
        }
        return summary
    }

    private func files(_ broker: JSONObject) -> JSONObject {
        let data = settings.data.directory
        var files: JSONObject = [:]
        for (path, purpose) in [
            (settings.file, "the configuration"), (settings.policy.file, "the policy"),
            (settings.model.keyFile, "the model provider's key"), (data, "all that is kept"),
            (data + "/bulkhead.sqlite", "the database"), (data + "/audit.key", "the key that signs the audit"),
            (settings.audit.witnessFile, "the witness of the audit, root's"),
            (settings.audit.httpsTokenFile, "the token for the audit's HTTPS sink"),
            (settings.slack.botTokenFile, "the token by which the app speaks in Slack"),
            (settings.slack.appTokenFile, "the token by which Slack's events are taken"),
            (settings.slack.signingSecretFile, "the secret by which Slack's requests are known"),
            (settings.vault.key == .file ? settings.vault.keyFile : "", "the key secrets are sealed under"),
            (settings.vault.kvTokenFile, "the token for the server that keeps secrets"),
            (settings.audit.httpsAuthority, "the authorities the audit's HTTPS sink is held to"),
            (HookPlan(settings.hooks) == nil ? "" : settings.hooks.directory, "the operator's hooks, root's"),
            (broker["engine"]?.stringValue ?? "", "the Docker Engine's socket, the broker's"),
        ] where !path.isEmpty {
            files[path] = ["for": .string(purpose), "is": .string(Self.standing(of: path))]
        }
        return files
    }

    private static func standing(of path: String) -> String {
        var about = stat()
        guard lstat(path, &about) == 0 else { return errno == ENOENT ? "not there" : "closed to the daemon" }
        return "\(octal(about.st_mode & 0o7777)) \(about.st_uid):\(about.st_gid)"
    }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
