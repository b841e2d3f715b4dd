import Audit
@testable import Conversations
import Foundation
import GRDB
import Harness
import Logging
import MCP
import Model
import Policy
import Store
import Testing
import ToolServers

/// Giving, seeing and taking back what holds beyond one call.
@Suite struct GrantDeskTests {
    /// Questions in a room of ada's and ben's, asked for ada.
    private struct Room {
        let stage: Stage
        let ada: PersonID
        let ben: PersonID
        let boss: PersonID
        let conversation: ConversationID
        let session: SessionID
        let numbers = IdentifierSource()

        init() async throws {
            stage = try await Stage { _ in }
            let database = stage.database
            ada = try await database.findOrCreatePerson(name: "ada").id
            ben = try await database.findOrCreatePerson(name: "ben").id
            boss = try await database.findOrCreatePerson(name: "boss", role: .admin).id
            let room = try await database.createRoom(named: "sales", by: ada)
            try await database.addMember(ben, to: room.id)
            conversation = try await database.acceptInbound(
                InboundDraft(channel: room.id, author: ada, text: "go", surface: "test", eventID: "1")
            ).message.conversation
            session = try await database.startSession(conversation: conversation, requester: ada).id
        }

        func ask(
            _ reach: GrantScope?, approvers: Approvers = .requester, isExact: Bool = false, digest: String = "t",
            in conversation: ConversationID? = nil
        ) async throws -> ApprovalID {
            try await stage.database.createApproval(
                ApprovalDraft(
                    call: numbers.make(), session: session, conversation: conversation ?? self.conversation,
                    requester: ada, tool: "write_file", effect: .write, arguments: #"{"path":"a"}"#,
                    argumentsDigest: "d", policyDigest: "p", rule: "ask (policy line 3)", reason: "a test",
                    approvers: approvers.rawValue, expires: WallClock.system.now().advanced(by: .seconds(600)),
                    offer: reach.map {
                        GrantOffer(reach: $0, rule: "ask", toolDigest: digest, isExact: isExact, mode: .auto)
                    })
            ).id
        }

        func answer(_ id: ApprovalID, _ scope: GrantScope?, by person: PersonID) async throws {
            try await stage.service.answer(id, allow: true, scope: scope, reason: nil, by: person)
        }

        func offered(_ id: ApprovalID, to person: PersonID) async throws -> [GrantScope]? {
            try await stage.service.approvals(for: person).first { $0.view.id == id }?.view.scopes
        }

        func events(_ name: String) async throws -> [AuditEntry] {
            try await stage.service.parts.audit.rows(matching: AuditFilter()).filter { $0.event == name }
        }
    }

    @Test func anAnswerGivesWhatWasOffered() async throws {
        let room = try await Room()
        let id = try await room.ask(.channel, isExact: true)
        #expect(try await room.offered(id, to: room.ada) == [.conversation, .channel])
        #expect(try await room.offered(id, to: room.ben) == [])
        var events = room.stage.hub.subscribe(to: room.conversation).events.makeAsyncIterator()
        try await room.answer(id, .channel, by: room.ada)
        if case .approvalClosed(id, let outcome)? = await events.next() {
            #expect(outcome == "allowed by ada, always here")
        } else {
            Issue.record("nobody was told")
        }
        let grant = try #require(try await room.stage.database.grants(of: nil).first)
        #expect(grant.giver == room.ada && grant.scope == .channel && grant.argumentsDigest == "d")
        #expect(grant.rule == "ask" && grant.policyDigest == "p" && grant.approval == id)
        let row = try #require(try await room.events("grant.given").first)
        #expect(row.sequence == grant.recorded && row.details?["grant"] == .string(grant.id.rawValue))
        #expect(row.requester == room.ada.rawValue)
    }

    @Test func nobodyGivesMoreThanTheQuestionOffers() async throws {
        let room = try await Room()
        for (reach, scope) in [(GrantScope?.none, GrantScope.conversation), (nil, .channel), (.conversation, .channel)]
        {
            let id = try await room.ask(reach)
            await #expect(throws: ChatError.self) { try await room.answer(id, scope, by: room.ada) }
            // Nothing was decided by it.
            #expect(try await room.stage.database.approval(id)?.state == .pending)
        }
        // Past the desk, the store holds to it too.
        let id = try await room.ask(.conversation)
        await #expect(throws: StoreError.self) {
            try await room.stage.database.decideApproval(
                id, allow: true, by: room.ada, grant: GrantDraft(id: GrantID(trusted: "g"), scope: .channel))
        }
        #expect(try await room.stage.database.approval(id)?.state == .pending)
        #expect(try await room.stage.database.grants(of: nil).isEmpty)
    }

    @Test func aGuestAndWhoSpokeForTheRequesterGiveNone() async throws {
        let room = try await Room()
        let id = try await room.ask(.channel, approvers: .admins)
        #expect(try await room.offered(id, to: room.boss) == [.conversation, .channel])
        _ = try await room.stage.database.acceptInbound(
            InboundDraft(
                channel: try #require(try await room.stage.database.conversation(room.conversation)).channel,
                conversation: room.conversation, author: room.ada, onBehalfBy: room.boss, text: "and", surface: "test",
                eventID: "2"))
        #expect(try await room.offered(id, to: room.boss) == [])
        await #expect(throws: ChatError.self) { try await room.answer(id, .conversation, by: room.boss) }
        let own = try await room.ask(.channel)
        try await room.stage.database.admit(room.ada, as: .guest)
        #expect(try await room.offered(own, to: room.ada) == [])
        await #expect(throws: ChatError.self) { try await room.answer(own, .conversation, by: room.ada) }
        // Once is theirs.
        try await room.answer(own, nil, by: room.ada)
        #expect(try await room.stage.database.grants(of: nil).isEmpty)
    }

    @Test func aLateOrSecondAnswerGivesNothing() async throws {
        let room = try await Room()
        let id = try await room.ask(.channel)
        try await room.answer(id, nil, by: room.ada)
        let late = await #expect(throws: ChatError.self) { try await room.answer(id, .channel, by: room.ada) }
        #expect(late?.code == .conflict)
        let gone = try await room.ask(.channel)
        try await room.stage.database.withdrawApproval(gone)
        await #expect(throws: ChatError.self) { try await room.answer(gone, .channel, by: room.ada) }
        #expect(try await room.stage.database.grants(of: nil).isEmpty)
    }

    /// The answer counts, for the one call it was asked about.
    @Test func whatCannotBeRecordedHoldsForNoMoreThanTheCall() async throws {
        let room = try await Room()
        // Whoever else writes at that moment is waited for.
        var patient = Configuration()
        patient.busyMode = .timeout(20)
        let queue = try DatabaseQueue(path: room.stage.directory + "/bulkhead.sqlite", configuration: patient)
        try await queue.write { db in
            try db.execute(
                sql: "CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'a test'); END")
        }
        let id = try await room.ask(.channel)
        let refused = await #expect(throws: ChatError.self) { try await room.answer(id, .channel, by: room.ada) }
        #expect(refused?.message.contains("this once only") == true)
        #expect(try await room.stage.database.approval(id)?.state == .allowed)
        #expect(try await room.stage.service.grants(for: room.ada).isEmpty)
        let found = try await room.stage.database.grants(for: room.ada, tool: "write_file", in: room.conversation)
        #expect(found.isEmpty)
    }

    @Test func peopleSeeAndRevokeTheirOwnAndAdminsAll() async throws {
        let room = try await Room()
        let service = room.stage.service
        try await room.answer(try await room.ask(.channel), .channel, by: room.ada)
        let id = try #require(try await service.grants(for: room.ada).first).id
        #expect(try await service.grants(for: room.ben).isEmpty)
        #expect(try await service.grants(for: room.boss).map(\.id) == [id])
        let strange = await #expect(throws: ChatError.self) { try await service.revokeGrant(id, by: room.ben) }
        #expect(strange?.code == .notFound)
        #expect(try await service.grants(for: room.ada).first?.end?.contains("revoked") == false)
        try await service.revokeGrant(id, by: room.boss)
        #expect(try await service.grants(for: room.ada).first?.end == "revoked by boss")
        let twice = await #expect(throws: ChatError.self) { try await service.revokeGrant(id, by: room.ada) }
        #expect(twice?.code == .conflict)
        #expect(try await room.events("grant.revoked").map(\.requester) == [room.boss.rawValue])
    }

    /// By the digest of the tool as it is now: the one in the store is of another description.
    @Test func oneOfAToolThatChangedIsShownAsVoid() async throws {
        let room = try await Room()
        try await room.answer(try await room.ask(.channel), .channel, by: room.ada)
        #expect(try await room.stage.service.grants(for: room.ada).first?.end == "void: write_file is not what it was")
        let tool = try #require(SandboxServer.declared.first { $0.tool.name == "write_file" })
        let now = tool.digest(effect: tool.effect, runsCommands: tool.runsCommands)
        try await room.answer(try await room.ask(.channel, digest: now), .channel, by: room.ada)
        #expect(try await room.stage.service.grants(for: room.ada).first?.end == nil)
    }
}
