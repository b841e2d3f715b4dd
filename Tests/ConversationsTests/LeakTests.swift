import Audit
import Conversations
import LeakScan
import Logging
import MCP
import Model
import Store
import Testing
import ToolServers

/// Live secrets on their way to people.
@Suite struct LeakTests {
    private static let value = "k9#Vq2-Zt7_Lm4"

    private static func secret(of owner: PersonID? = nil) -> LeakSecret {
        LeakSecret(id: "s1", name: "MAIL", value: Array(value.utf8), owner: owner)
    }

    @Test func anAnswerLeavesItOutAndItsOwnerIsTold() async throws {
        let stage = try await Stage { agent in
            while try await agent.receive() != nil { try await agent.reply("The password is \(Self.value).") }
        }
        try await stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await stage.person("ben"))
            stage.leaks.replace(with: [Self.secret(of: ben)])
            let receipt = try await stage.say("what is it?", by: anna, in: try await stage.dm(of: anna))
            let answer = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            #expect(answer.text == "The password is [a secret withheld].")
            let rows = try await stage.audit.rows(matching: AuditFilter())
            let found = try #require(rows.first { $0.event == "leak.found" })
            #expect(found.details?["name"] == "MAIL" && found.details?["where"] == "answer")
            #expect(rows.allSatisfy { $0.details?.text.contains(Self.value) != true })
            let channel = try await stage.dm(of: ben)
            let notices = try await stage.database.conversations(in: channel)
            #expect(notices.map(\.title) == ["Secrets that were withheld"])
            let line = try await stage.database.transcript(of: try #require(notices.first).id).first
            #expect(line?.message.text.contains("MAIL") == true && line?.message.text.contains("anna") == true)
            // Nobody else learns of it.
            #expect(
                try await stage.database.conversations(in: try await stage.dm(of: anna)).map(\.id)
                    == [receipt.conversation])
        }
    }

    /// In a room the answer of a session in which one was found is its requester's alone.
    @Test func theSessionIsPrivateFromThenOn() async throws {
        let stage = try await Stage { agent in
            while try await agent.receive() != nil { try await agent.reply("It is \(Self.value).") }
        }
        try await stage.run { stage in
            let anna = try await stage.person("anna")
            let room = try await stage.database.createRoom(named: "sales", by: anna).id
            stage.leaks.replace(with: [Self.secret()])
            let receipt = try await stage.say("what is it?", by: anna, in: room)
            let line = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            #expect(!line.text.contains("It is"))
            #expect(try await stage.service.privateAnswers(for: anna).map(\.text) == ["It is [secret MAIL withheld]."])
        }
    }

    @Test func whatPeopleWroteThemselvesIsWorkedWithUntilItIsASecret() async throws {
        let token = "ghp_" + String(repeating: "a1", count: 18)
        let stage = try await Stage { agent in
            while let messages = try await agent.receive() { try await agent.reply("got \(messages.joined())") }
        }
        try await stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say(token, by: anna, in: try await stage.dm(of: anna))
            let answer = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            #expect(answer.text == "got \(token)")
            stage.leaks.replace(with: [LeakSecret(id: "s2", name: "HUB", value: Array(token.utf8))])
            _ = try await stage.say(
                token, by: anna, in: try await stage.dm(of: anna), conversation: receipt.conversation)
            let later = try #require(
                try await stage.answer(in: receipt.conversation, for: anna, after: answer.sequence + 1))
            #expect(later.text == "got [secret HUB withheld]")
        }
    }

    @Test func aDraftNeverShowsPartsOfIt() {
        let hub = EventHub()
        let leaks = LeakGuard()
        leaks.replace(with: [Self.secret()])
        let drafts = TurnDrafts(hub: hub, leaks: leaks)
        let (room, turn, session) = (
            ConversationID(trusted: "c1"), MessageID(trusted: "m1"), SessionID(trusted: "s1")
        )
        hub.turnStarted(in: room)
        drafts.open(
            turn,
            of: SessionDescription(
                session: session, conversation: room, channel: ChannelID(trusted: "ch"),
                requester: PersonID(trusted: "a")))
        for character in "It is \(Self.value)" {
            drafts.write(String(character), reset: false, for: turn, of: session)
            #expect(hub.live(in: room)?.draft.contains("k9#") == false)
        }
        drafts.end(for: turn, of: session)
        #expect(hub.live(in: room)?.draft == "It is [secret MAIL withheld]")
        // A call that begins anew takes nothing over from the one before.
        drafts.write("k9#V", reset: true, for: turn, of: session)
        drafts.write("", reset: true, for: turn, of: session)
        drafts.end(for: turn, of: session)
        #expect(hub.live(in: room)?.draft == "")
    }

    /// What could not be put on record is not taken for known: the next attempt fails too, until it can be.
    @Test func whatCouldNotBeRecordedIsTriedAnew() async throws {
        let stage = try await Stage { _ in }
        try await stage.run { stage in
            let desk = LeakDesk(database: stage.database, audit: stage.audit, logger: Logger(label: "test"))
            let finding = LeakFinding(source: .secret(id: "s1", owner: nil), name: "MAIL", form: "plain")
            let report = LeakReport(findings: [finding], place: .modelRequest, subject: LeakSubject())
            try stage.tamper("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
            for _ in 0..<2 { await #expect(throws: (any Error).self) { try await desk.record(report) } }
            try stage.tamper("DROP TRIGGER full")
            for _ in 0..<2 { try await desk.record(report) }
            let rows = try await stage.audit.rows(matching: AuditFilter())
            #expect(rows.filter { $0.event == "leak.found" }.count == 1)
        }
    }
}
