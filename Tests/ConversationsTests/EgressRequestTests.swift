import Conversations
import Foundation
import MCP
import Model
import NetworkRules
import Store
import Testing

/// `egress_request`: an agent asks, an admin decides, and what was decided holds.
@Suite(.timeLimit(.minutes(5))) struct EgressRequestTests {
    /// Asks for the hosts it is told, one after the other, and says what came of it.
    private static let asking: ScriptedAgent.Script = { agent in
        while true {
            guard let texts = try await agent.receive() else { continue }
            guard !texts[0].hasPrefix("[A question to a person") else {
                try await agent.reply("went on: \(texts[0])")
                continue
            }
            var said: [String] = []
            for host in texts[0].split(separator: " ") {
                let result = try await agent.client.callTool(
                    "egress_request", arguments: ["domain": .string(String(host)), "reason": "to fetch a report"])
                said.append((result.isError ? "failed: " : "") + result.text)
            }
            try await agent.reply(said.joined(separator: "\n"))
        }
    }

    private struct Asked: Sendable {
        let stage: Stage
        let ada: PersonID
        let ben: PersonID
        let room: ChannelID
        let conversation: ConversationID
    }

    private func asked(
        _ hosts: String, policy: String? = nil, hold: Duration = .seconds(600),
        _ body: @escaping @Sendable (Asked) async throws -> Void
    ) async throws {
        let stage = try await Stage(
            limits: WaitingStage.limits(hold: hold), policy: policy, network: FakeDoors(), agent: Self.asking)
        try await stage.run { stage in
            let ada = try await stage.person("ada")
            let ben = try await stage.database.findOrCreatePerson(name: "ben", role: .admin).id
            let room = try await stage.database.createRoom(named: "sales", by: ada).id
            let receipt = try await stage.say(hosts, by: ada, in: room)
            try await body(
                Asked(stage: stage, ada: ada, ben: ben, room: room, conversation: receipt.conversation))
        }
    }

    private func question(_ asked: Asked) async throws -> ApprovalView {
        let record = try #require(try await WaitingStage.open(asked.stage, suspended: false).first)
        return try #require(try await asked.stage.service.approvals(for: asked.ben).first { $0.view.id == record.id })
            .view
    }

    private func grants(_ asked: Asked) async throws -> [EgressGrantRecord] {
        try await asked.stage.database.egressGrants()
    }

    @Test func anAdminsYesIsGoodForTheSession() async throws {
        try await asked("files.example.com") { asked in
            let card = try await question(asked)
            #expect(card.tool == "egress_request" && card.isYours && card.scopes == [.channel, .company])
            #expect(card.details?.contains("files.example.com, ports 80 and 443") == true)
            #expect(card.arguments["reason"] == "to fetch a report" && card.approvers == "an admin")
            #expect(card.rule == "use of the network")
            try await asked.stage.service.answer(card.id, allow: true, scope: nil, reason: nil, by: asked.ben)
            let answer = try await asked.stage.answer(in: asked.conversation, for: asked.ada)
            #expect(
                answer?.text.contains("granted to this session until it ends, by ben") == true, "\(answer?.text ?? "")")
            let grant = try #require(try await grants(asked).first)
            #expect(grant.scope.kind == .session && grant.giver == asked.ben && grant.approval == card.id)
            #expect(grant.reason == "to fetch a report" && grant.recorded != nil)
        }
    }

    @Test(arguments: [GrantScope.channel, .company])
    func aYesForLongerHoldsForOthersToo(_ scope: GrantScope) async throws {
        try await asked("files.example.com files.example.com") { asked in
            let card = try await question(asked)
            try await asked.stage.service.answer(card.id, allow: true, scope: scope, reason: nil, by: asked.ben)
            let answer = try await asked.stage.answer(in: asked.conversation, for: asked.ada)
            // The second time nobody is asked.
            #expect(answer?.text.components(separatedBy: "granted to this session").count == 3, "\(answer?.text ?? "")")
            let grant = try #require(try await grants(asked).first)
            #expect(grant.scope == (scope == .channel ? .channel(asked.room) : .company))
            #expect(grant.expires != nil && grant.giver == asked.ben)
            #expect(try await grants(asked).count == 1)
        }
    }

    @Test func aNoOpensNothingAndIsTold() async throws {
        try await asked("files.example.com") { asked in
            let card = try await question(asked)
            try await asked.stage.service.answer(card.id, allow: false, reason: "use the mirror", by: asked.ben)
            let answer = try await asked.stage.answer(in: asked.conversation, for: asked.ada)
            #expect(answer?.text.contains("use the mirror") == true)
            #expect(try await grants(asked).isEmpty)
        }
    }

    @Test func whoAsksIsNoAdminAndCannotAnswer() async throws {
        try await asked("files.example.com") { asked in
            let card = try await question(asked)
            for scope in [nil, GrantScope.channel, .company] {
                await #expect(throws: ChatError.self) {
                    try await asked.stage.service.answer(card.id, allow: true, scope: scope, reason: nil, by: asked.ada)
                }
            }
            // Nor for one conversation: there is no such grant of an address.
            await #expect(throws: ChatError.self) {
                try await asked.stage.service.answer(
                    card.id, allow: true, scope: .conversation, reason: nil, by: asked.ben)
            }
            #expect(try await grants(asked).isEmpty)
            try await asked.stage.service.answer(card.id, allow: false, reason: nil, by: asked.ben)
            _ = try await asked.stage.answer(in: asked.conversation, for: asked.ada)
        }
    }

    @Test(arguments: [
        "10.0.0.1", "127.1", "0x7f000001", "localhost", "intranet", "*", "*.com", "https://files.example.com",
        "files.example.com:443", "files.example.com/x", "a@files.example.com", "files..example.com", "[::1]",
    ])
    func whatIsNoHostIsRefusedWithoutAskingAnybody(_ host: String) async throws {
        try await asked(host) { asked in
            let answer = try await asked.stage.answer(in: asked.conversation, for: asked.ada)
            #expect(answer?.text.hasPrefix("failed: Nothing was asked") == true, "\(answer?.text ?? "")")
            #expect(try await asked.stage.database.pendingApprovals().isEmpty)
        }
    }

    @Test func whatIsGrantedAlreadyIsSaid() async throws {
        let policy = "version: 1\negress:\n  allow:\n    - {name: files, domain: \"*.example.com\"}\n"
        try await asked("files.example.com", policy: policy) { asked in
            let answer = try await asked.stage.answer(in: asked.conversation, for: asked.ada)
            #expect(answer?.text.contains("egress: files (policy line 4)") == true, "\(answer?.text ?? "")")
        }
    }

    @Test func whatIsDeniedNobodyIsAskedAbout() async throws {
        let policy = """
            version: 1
            egress:
              deny:
                - {name: ours, domain: "*.example.com", reason: it is ours}
            """
        try await asked("files.example.com", policy: policy) { asked in
            let answer = try await asked.stage.answer(in: asked.conversation, for: asked.ada)
            #expect(answer?.text.contains("it is ours") == true, "\(answer?.text ?? "")")
            #expect(try await asked.stage.database.pendingApprovals().isEmpty)
        }
    }

    /// In Unattended nobody is asked; in the others an operator's `allow` for the tool does not stand in for the word.
    @Test func noRuleOpensAnythingInAnAdminsPlace() async throws {
        let policy = """
            version: 1
            rules:
              - {name: all, tool: "*", decision: allow}
            """
        try await asked("files.example.com", policy: policy) { asked in
            let card = try await question(asked)
            #expect(try await grants(asked).isEmpty)
            try await asked.stage.service.answer(card.id, allow: false, reason: nil, by: asked.ben)
            _ = try await asked.stage.answer(in: asked.conversation, for: asked.ada)
            #expect(try await grants(asked).isEmpty)
        }
    }

    @Test func aYesThatComesAfterTheTurnOpensItForTheSessionThatGoesOn() async throws {
        try await asked("files.example.com", hold: .zero) { asked in
            let record = try #require(try await WaitingStage.open(asked.stage).first)
            try await asked.stage.service.answer(record.id, allow: true, scope: nil, reason: nil, by: asked.ben)
            var text = ""
            for await event in try await asked.stage.service.events(of: asked.conversation, after: 0, for: asked.ada) {
                if case .entry(let entry) = event, entry.kind == .assistant {
                    text = entry.text
                    break
                }
            }
            #expect(text.contains("granted to this session until it ends"), "\(text)")
            let grant = try #require(try await grants(asked).first)
            let live = try await asked.stage.database.liveSession(
                conversation: asked.conversation, requester: asked.ada)
            #expect(grant.scope == live.map { .session($0.id) })
            #expect(try await grants(asked).count == 1)
        }
    }

    @Test func aPrivateSessionIsToldThatAskingIsForNothing() async throws {
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard try await agent.receive() != nil else { continue }
                _ = try await agent.client.callTool("open_personal_folder", arguments: [:])
                let result = try await agent.client.callTool(
                    "egress_request", arguments: ["domain": "files.example.com", "reason": "x"])
                try await agent.reply(result.text)
            }
        }
        let stage = try await Stage(network: FakeDoors(), agent: script)
        try await stage.run { stage in
            let ada = try await stage.person("ada")
            let room = try await stage.database.createRoom(named: "sales", by: ada).id
            let receipt = try await stage.say("go", by: ada, in: room)
            _ = try await stage.answer(in: receipt.conversation, for: ada)
            let answers = try await stage.database.privateAnswers(for: ada)
            #expect(answers.first?.text.contains("private") == true)
            #expect(try await stage.database.pendingApprovals().isEmpty)
        }
    }
}
