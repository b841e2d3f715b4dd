import Audit
import Conversations
import Egress
import Glibc
import MCP
import Model
import NetworkRules
import Store
import Synchronization
import Testing
import ToolServers
import Vault

/// `bash` with secrets, through the real gate and real tools: asked for, run apart, and nowhere written down.
@Suite(.timeLimit(.minutes(5))) struct SecretCommandTests {
    typealias Call = Workbench.Call

    @Test func aPersonIsAskedAndThatOneCommandHasTheValue() async throws {
        let keeper = FakeKeeper(["deploy": ("value-4711-canary", ["api.example.com", "example.org"])])
        let egress = FakeEgress()
        let bench = try await Workbench(errands: Errands(secrets: keeper, egress: egress))
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await bench.say(
                [
                    Call(
                        "bash",
                        [
                            "command": "printf %s \"$KEY\" > out; printf %s \"${#KEY}\"", "secrets": ["KEY": "deploy"],
                        ]),
                    Call("bash", ["command": "echo \"[$KEY]\"; env | grep -c canary"]),
                ], by: anna)
            let question = try await bench.question(of: receipt, for: anna)
            #expect(question.reason.contains("deploy"), "\(question)")
            #expect(keeper.uses.isEmpty && bench.read("out") == nil)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: anna)
            let entry = try await bench.answer(to: receipt, for: anna)
            #expect(entry.text.contains("17\n[it ran in a sandbox of its own"), "\(entry.text)")
            // What comes after does not have it.
            #expect(entry.text.contains("[]\n0"), "\(entry.text)")
            #expect(bench.read("out") == "value-4711-canary")
            #expect(keeper.uses == ["deploy KEY"])
            // It could reach that secret's hosts, while it ran.
            #expect(egress.log.first?.hasSuffix(" to api.example.com, example.org") == true, "\(egress.log)")
            #expect(egress.log.count == 2 && egress.log.last?.hasPrefix("close errand-") == true)
            // Neither audit nor transcript have it.
            let rows = try await stage.audit.rows(matching: AuditFilter())
            #expect(rows.contains { $0.tool == "bash" })
            #expect(!rows.contains { "\($0)".contains("value-4711") })
            #expect(!entry.tools.contains { "\($0)".contains("4711") })
        }
    }

    @Test func withoutAnAnswerOrAVaultOrTheSecretNothingRuns() async throws {
        let command: JSONObject = ["command": "touch ran", "secrets": ["KEY": "deploy"]]
        for (errands, words) in [
            (nil, "no stored secrets here"), (Errands(secrets: FakeKeeper([:]), egress: nil), "no secret deploy"),
        ] as [(Errands?, String)] {
            let bench = try await Workbench(errands: errands)
            try await bench.stage.run { stage in
                let anna = try await stage.person("anna")
                let (_, entry) = try await bench.run([Call("bash", command)], by: anna)
                #expect(entry.text.contains(words) && bench.read("ran") == nil, "\(entry.text)")
            }
        }
        let bench = try await Workbench(
            errands: Errands(secrets: FakeKeeper(["deploy": ("v", [])]), egress: FakeEgress()))
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await bench.say([Call("bash", command)], by: anna)
            let question = try await bench.question(of: receipt, for: anna)
            try await stage.service.answer(question.id, allow: false, reason: nil, by: anna)
            _ = try await bench.answer(to: receipt, for: anna)
            #expect(bench.read("ran") == nil)
        }
    }

    @Test func valuesAreTheHarnesssToGiveAndNamesAreHeldToRules() async throws {
        let bench = try await Workbench(
            errands: Errands(secrets: FakeKeeper(["deploy": ("v", [])]), egress: FakeEgress()))
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            for arguments in [
                ["command": "touch ran", "secret_values": ["KEY": "mine"]],
                ["command": "touch ran", "secrets": ["PATH": "deploy"]],
                ["command": "touch ran", "secrets": ["KEY": 1]],
            ] as [JSONObject] {
                _ = try await bench.run([Call("bash", arguments)], by: anna)
                #expect(bench.read("ran") == nil, "\(arguments)")
            }
        }
    }

    /// It is said, before anything ran and before a secret was used.
    @Test func aDoorThatIsNotServedIsSaid() async throws {
        let keeper = FakeKeeper(["deploy": ("v", ["api.example.com"])])
        let bench = try await Workbench(errands: Errands(secrets: keeper, egress: FakeEgress(isBroken: true)))
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await bench.say(
                [Call("bash", ["command": "touch ran", "secrets": ["KEY": "deploy"]])], by: anna)
            let question = try await bench.question(of: receipt, for: anna)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: anna)
            let entry = try await bench.answer(to: receipt, for: anna)
            #expect(entry.text.contains("could not be opened") && entry.text.contains("stopped"), "\(entry.text)")
            #expect(bench.read("ran") == nil && keeper.uses.isEmpty)
        }
    }

    /// With several secrets in one environment each could go where another may: only what all share is reached.
    @Test func severalSecretsReachOnlyWhatTheyShare() async throws {
        let keeper = FakeKeeper([
            "a": ("1", ["x.example", "shared.example"]), "b": ("2", ["shared.example", "y.example"]),
        ])
        let egress = FakeEgress()
        let bench = try await Workbench(errands: Errands(secrets: keeper, egress: egress))
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await bench.say(
                [Call("bash", ["command": "echo $A$B", "secrets": ["A": "a", "B": "b"]])], by: anna)
            let question = try await bench.question(of: receipt, for: anna)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: anna)
            let entry = try await bench.answer(to: receipt, for: anna)
            #expect(entry.text.contains("12\n"), "\(entry.text)")
            #expect(egress.log.first?.hasSuffix(" to shared.example") == true, "\(egress.log)")
        }
    }
}

/// A vault that has what it is given, and asks the requester.
private final class FakeKeeper: SecretKeeper {
    private let secrets: [String: (value: String, hosts: [String])]
    private let seen = Mutex<[String]>([])

    init(_ secrets: [String: (value: String, hosts: [String])]) { self.secrets = secrets }

    var uses: [String] { seen.withLock { $0 } }

    func find(_ name: String, for requester: PersonID, in channel: ChannelID) async throws -> Secret? {
        guard let found = secrets[name], let name = SecretName(name) else { return nil }
        let now = WallClock.system.now()
        return Secret(
            id: SecretID(trusted: "s1"), name: name, scope: .person(requester), version: 1,
            binding: SecretBinding(hosts: try found.hosts.map { try EgressEntry(written: $0) }), owner: requester,
            created: now, changed: now, uses: 0, lastUsed: nil)
    }

    func demand(for names: [String], kind: SecretUse.Kind, context: ToolContext) async throws -> ToolDemand? {
        for name in names where secrets[name] == nil { throw VaultError(.notFound, "There is no secret \(name).") }
        return ToolDemand(
            rule: "use of secrets", word: .requester, reason: "it uses the secret \(names.joined(separator: ", "))")
    }

    func value(of secret: Secret, for use: SecretUse, context: ToolContext) async throws -> SecretValue {
        guard context.demand != nil, case .environment(let variable) = use else {
            throw VaultError(.forbidden, "Nobody agreed to this.")
        }
        seen.withLock { $0.append("\(secret.name) \(variable)") }
        return SecretValue(Array((secrets[secret.name.rawValue]?.value ?? "").utf8))
    }
}

private final class FakeEgress: ErrandEgress {
    private let lines = Mutex<[String]>([])
    private let isBroken: Bool
    var log: [String] { lines.withLock { $0 } }

    init(isBroken: Bool = false) { self.isBroken = isBroken }

    func openErrand(
        _ name: EgressDoorName, of session: SessionID, to entries: [EgressEntry], listening: CInt
    ) async throws {
        if isBroken { throw ChatError(.unavailable, "the proxy has been stopped.") }
        lines.withLock { $0.append("open \(name) to \(entries.map { "\($0.domain)" }.joined(separator: ", "))") }
    }

    func closeErrand(_ name: EgressDoorName, of session: SessionID) async {
        lines.withLock { $0.append("close \(name)") }
    }
}
