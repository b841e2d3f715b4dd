import Budgets
import Foundation
import Model
import Store
import Testing

@Suite struct RecordTests {
    @Test func peopleAreNeverUnitedByName() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.database.findOrCreatePerson(osUser: 1001, name: "anna", role: .admin) == fixture.anna)
        let other = try await fixture.database.findOrCreatePerson(osUser: 1002, name: "Ben", role: .member)
        #expect(other.name == "Ben-1002" && other.id != fixture.ben.id)
        #expect(try await fixture.database.findOrCreatePerson(name: "BEN") == fixture.ben)
        for name in ["", " ", "a\nb", "anna\u{200B}", "x\u{202E}y", String(repeating: "n", count: 101)] {
            #expect(await code { try await fixture.database.findOrCreatePerson(name: name) } == .invalid)
        }
        try await fixture.database.admit(fixture.ben.id, as: .guest)
        #expect(try await fixture.database.person(named: "ben")?.role == .guest)
    }

    @Test func aPersonReadsTheirChannelsOnly() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let root = try await database.findOrCreatePerson(osUser: 0, name: "root", role: .owner)
        let conversation = try await fixture.say("hi", as: fixture.anna).conversation
        #expect(try await database.mayRead(conversation: conversation, person: fixture.ben.id))
        #expect(try await database.mayRead(conversation: conversation, person: root.id) == false)
        #expect(try await database.channels(for: fixture.ben.id).map(\.name) == ["ben", "sales"])
        try await database.removeMember(fixture.ben.id, from: fixture.room.id)
        #expect(try await database.mayRead(conversation: conversation, person: fixture.ben.id) == false)
        let dm = try await database.dmChannel(of: fixture.anna.id)
        #expect(await code { try await database.addMember(fixture.ben.id, to: dm.id) } == .forbidden)
        #expect(await code { try await database.createRoom(named: "SALES", by: fixture.ben.id) } == .conflict)
        #expect(try await database.members(of: fixture.room.id).map(\.name) == ["anna"])
    }

    @Test func ofTwoWhoLeaveARoomAtOnceOneStays() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        func leave(_ person: PersonID) async -> StoreError.Code? {
            await code { try await database.removeMember(person, from: fixture.room.id) }
        }
        async let anna = leave(fixture.anna.id)
        async let ben = leave(fixture.ben.id)
        #expect(Set([await anna, await ben]) == [nil, .conflict])
        #expect(try await database.members(of: fixture.room.id).count == 1)
    }

    @Test func labelsAreOnlyAdded() async throws {
        let fixture = try await Fixture()
        let conversation = try await fixture.say("hi", as: fixture.anna).conversation
        let session = try await fixture.session(of: fixture.anna, in: conversation)
        #expect(try await fixture.database.label(session.id, adding: .untrusted) == .untrusted)
        #expect(try await fixture.database.label(session.id, adding: .private) == [.untrusted, .private])
        #expect(try await fixture.database.label(session.id, adding: []) == [.untrusted, .private])
        try await fixture.database.endSession(session.id, reason: "idle")
        try await fixture.database.endSession(session.id, reason: "second")
        let ended = try #require(try await fixture.database.session(session.id))
        #expect(ended.state == .ended && ended.endReason == "idle" && ended.labels == [.untrusted, .private])
        #expect(
            await code { try await fixture.database.assign(CompartmentID(trusted: "c"), to: session.id) } == .conflict)
    }

    @Test func sessionsAreListedByPages() async throws {
        let fixture = try await Fixture()
        var ids: [SessionID] = []
        for _ in 0..<5 {
            let conversation = try await fixture.say("hi", as: fixture.anna).conversation
            ids.append(try await fixture.session(of: fixture.anna, in: conversation).id)
        }
        let newest = Array(ids.sorted().reversed())
        let page = try await fixture.database.sessions(for: fixture.anna.id, limit: 3)
        #expect(page.map(\.id) == Array(newest[..<3]))
        #expect(try await fixture.database.sessions(before: page.last?.id, limit: 3).map(\.id) == Array(newest[3...]))
        #expect(try await fixture.database.sessions(for: fixture.ben.id).isEmpty)
    }

    @Test func anApprovalIsDecidedOnce() async throws {
        let fixture = try await Fixture()
        let conversation = try await fixture.say("hi", as: fixture.anna).conversation
        let session = try await fixture.session(of: fixture.anna, in: conversation)
        func ask() async throws -> ApprovalRecord {
            try await fixture.database.createApproval(
                ApprovalDraft(
                    call: CallID(trusted: "c1"), session: session.id, conversation: conversation,
                    requester: fixture.anna.id, tool: "post", effect: .external, arguments: "{}", argumentsDigest: "d",
                    policyDigest: "p", rule: "r", reason: "why", approvers: "requester",
                    expires: fixture.clock.wall.now().advanced(by: .seconds(60))))
        }
        let approval = try await ask()
        let outcomes = try await withThrowingTaskGroup(of: ApprovalOutcome.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await fixture.database.decideApproval(
                        approval.id, allow: number.isMultiple(of: 2), by: fixture.anna.id)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { if case .decided = $0 { true } else { false } } == 1)
        #expect(outcomes.count { if case .already = $0 { true } else { false } } == 19)

        let late = try await ask()
        let withdrawn = try await ask()
        #expect(try await fixture.database.pendingApprovals(conversation: conversation).count == 2)
        #expect(try await fixture.database.withdrawApproval(withdrawn.id).count == 1)
        fixture.clock.advance(by: .seconds(60))
        guard case .tooLate = try await fixture.database.decideApproval(late.id, allow: true, by: fixture.anna.id)
        else {
            Issue.record("a late click counted")
            return
        }
        #expect(try await fixture.database.expireApprovals().map(\.id) == [late.id])
        guard case .tooLate = try await fixture.database.decideApproval(withdrawn.id, allow: true, by: fixture.anna.id)
        else {
            Issue.record("a withdrawn question was allowed")
            return
        }
        #expect(try await fixture.database.pendingApprovals().isEmpty)
        let orphan = try await ask()
        try await fixture.database.endSession(session.id, reason: "idle")
        #expect(try await fixture.database.approval(orphan.id)?.state == .withdrawn)
    }

    @Test func toolCallsEndOnceAndAreCutForDisplay() async throws {
        let fixture = try await Fixture()
        let conversation = try await fixture.say("hi", as: fixture.anna)
        let session = try await fixture.session(of: fixture.anna, in: conversation.conversation)
        let id = CallID(trusted: "c1")
        try await fixture.database.startToolCall(
            ToolCallDraft(
                id: id, session: session.id, turn: conversation.id, tool: "bash", effect: .write,
                arguments: "{\"x\":\"" + String(repeating: "y", count: 300_000) + "\"}"))
        try await fixture.database.setToolCall(id, state: .waiting)
        try await fixture.database.finishToolCall(
            id, state: .done, result: String(repeating: "z\u{0}", count: 20_000), duration: .milliseconds(12))
        try await fixture.database.setToolCall(id, state: .running)
        try await fixture.database.finishToolCall(id, state: .failed, result: nil, duration: .zero)
        let call = try #require(try await fixture.database.toolCalls(turn: conversation.id).first)
        #expect(call.state == .done && call.milliseconds == 12)
        #expect((call.result?.utf8.count ?? 0) <= 16 << 10)
        #expect(call.arguments.contains("too long to show"))
        try await fixture.database.startToolCall(
            ToolCallDraft(
                id: CallID(trusted: "c2"), session: session.id, turn: nil, tool: "glob", effect: nil, arguments: "{}"))
        #expect(try await fixture.database.cancelOpenToolCalls(session: nil) == 1)
    }

    @Test func modelCallsAndSettingsAreKept() async throws {
        let fixture = try await Fixture()
        let conversation = try await fixture.say("hi", as: fixture.anna).conversation
        let session = try await fixture.session(of: fixture.anna, in: conversation)
        var call = ModelCallEntry(
            BudgetSubject(
                person: fixture.anna.id, channel: fixture.room.id, conversation: conversation, session: session.id),
            turn: MessageID(trusted: "t1"), tier: "balanced", provider: "offline", model: "m",
            started: fixture.clock.wall.now())
        (call.inputTokens, call.outputTokens, call.microdollars) = (10, 20, 30)
        try await fixture.database.recordModelCall(call)
        #expect(try await fixture.database.modelCalls(session: session.id) == [call])
        try await fixture.database.setSetting("k", to: "1")
        try await fixture.database.setSetting("k", to: "2")
        #expect(try await fixture.database.setting("k") == "2")
        try await fixture.database.setSetting("k", to: nil)
        #expect(try await fixture.database.setting("k") == nil)
    }

    @Test func aBlobIsWhatWasStoredOrAnError() async throws {
        let fixture = try await Fixture()
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let digest = try await fixture.database.blobs.put(bytes)
        #expect(try await fixture.database.blobs.put(bytes) == digest)
        #expect(try await fixture.database.blobs.read(digest, limit: 100_000) == bytes)
        #expect(await code { try await fixture.database.blobs.read(digest, limit: 99_999) } == .invalid)
        #expect(await code { try await fixture.database.blobs.put(bytes, limit: 10) } == .invalid)
        #expect(await code { try await fixture.database.blobs.read("../../lock", limit: 10) } == .invalid)
        let path = fixture.folder.path + "/blobs/" + digest.prefix(2) + "/" + digest.dropFirst(2)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: Data([0xFF]))
        try file.close()
        #expect(await code { try await fixture.database.blobs.read(digest, limit: 100_000) } == .broken)
        try FileManager.default.removeItem(atPath: path)
        #expect(await code { try await fixture.database.blobs.read(digest, limit: 100_000) } == .notFound)
        #expect(try await fixture.database.blobs.put([]).count == 64)
    }
}
