import Foundation
import Model
import Store
import Synchronization
import Testing

@Suite struct UndoTests {
    private func draft(
        _ call: String, _ session: SessionRecord, _ content: String?, after: String? = "x", undoes: CallID? = nil
    ) -> UndoDraft {
        UndoDraft(
            call: CallID(trusted: call), conversation: session.conversation, requester: session.requester,
            session: session.id, tool: "write_file", path: "/workspace/thread/\(call)", volume: "thread/x",
            content: content.map { Array($0.utf8) }, after: after, undoes: undoes)
    }

    private func start() async throws -> (Fixture, SessionRecord) {
        let fixture = try await Fixture()
        let message = try await fixture.say("hi", as: fixture.anna)
        return (fixture, try await fixture.session(of: fixture.anna, in: message.conversation))
    }

    private func blobs(_ fixture: Fixture) -> Int {
        let files = FileManager.default.enumerator(atPath: fixture.folder.path + "/blobs")
        return files?.count { ($0 as? String)?.contains("/") == true } ?? 0
    }

    @Test func whatWasReplacedIsKeptForItsTimeAndThenGone() async throws {
        let (fixture, session) = try await start()
        let limits = UndoLimits()
        try await fixture.database.recordUndo(draft("a", session, "old"), limits: limits)
        try await fixture.database.recordUndo(draft("new", session, nil), limits: limits)
        let record = try #require(try await fixture.database.undoRecord(CallID(trusted: "a")))
        #expect(try await fixture.database.undoContent(record, limits: limits) == Array("old".utf8))
        let created = try #require(try await fixture.database.undoRecord(CallID(trusted: "new")))
        #expect(try await fixture.database.undoContent(created, limits: limits) == nil && created.before == nil)
        fixture.clock.advance(by: limits.keep + .seconds(1))
        #expect(blobs(fixture) == 1)
        try await fixture.database.trimUndo(limits)
        #expect(try await fixture.database.undoRecord(record.call) == nil && blobs(fixture) == 0)
        #expect(await code { try await fixture.database.undoContent(record, limits: limits) } == .notFound)
    }

    @Test func theOldestMakeRoom() async throws {
        let (fixture, session) = try await start()
        var limits = UndoLimits()
        limits.conversationBytes = 10
        let other = try await fixture.session(
            of: fixture.anna, in: try await fixture.say("2", as: fixture.anna).conversation)
        for (call, session) in [("a", session), ("o", other), ("b", session), ("c", session)] {
            try await fixture.database.recordUndo(draft(call, session, "4 \(call)."), limits: limits)
            fixture.clock.advance(by: .seconds(1))
        }
        func kept() async throws -> [String] {
            var kept: [String] = []
            for call in ["a", "b", "c", "d", "o"]
            where try await fixture.database.undoRecord(CallID(trusted: call)) != nil { kept.append(call) }
            return kept
        }
        #expect(try await kept() == ["b", "c", "o"] && blobs(fixture) == 3)
        limits.totalBytes = 8
        try await fixture.database.trimUndo(limits)
        #expect(try await kept() == ["b", "c"] && blobs(fixture) == 2)
        try await fixture.database.dropUndo(CallID(trusted: "c"))
        #expect(try await kept() == ["b"] && blobs(fixture) == 1)
    }

    @Test func contentSomebodyElseNeedsStays() async throws {
        let (fixture, session) = try await start()
        let file = try await fixture.database.addAttachment(
            name: "a", mime: "text/plain", bytes: Array("same".utf8), owner: fixture.anna.id)
        let limits = UndoLimits()
        try await fixture.database.recordUndo(draft("a", session, "same"), limits: limits)
        try await fixture.database.recordUndo(draft("b", session, "both"), limits: limits)
        try await fixture.database.recordUndo(draft("c", session, "both"), limits: limits)
        for call in ["a", "b"] { try await fixture.database.dropUndo(CallID(trusted: call)) }
        #expect(blobs(fixture) == 2)
        #expect(try await fixture.database.attachmentBytes(file.id, limit: 10) == Array("same".utf8))
        try await fixture.database.dropUndo(CallID(trusted: "c"))
        #expect(blobs(fixture) == 1)
    }

    /// Stored again while it is on its way out: it is there afterwards, whoever is first.
    @Test func contentThatIsNeededAgainMeanwhileStays() async throws {
        let (fixture, _) = try await start()
        let blobs = fixture.database.blobs
        let digest = try await blobs.put([1, 2, 3])
        try await blobs.remove(digest) {
            try await blobs.keeping([1, 2, 3]) { _ in }
            return false
        }
        #expect(try await blobs.read(digest, limit: 3) == [1, 2, 3])
        try await blobs.keeping([1, 2, 3]) { digest in
            try await blobs.remove(digest) { false }
        }
        #expect(try await blobs.read(digest, limit: 3) == [1, 2, 3])
        await #expect(throws: StoreError.self) {
            try await blobs.remove(digest) { throw StoreError(.failed, "cannot tell") }
        }
        #expect(try await blobs.read(digest, limit: 3) == [1, 2, 3])
        try await blobs.remove(digest) { false }
        #expect(await code { try await blobs.read(digest, limit: 3) } == .notFound)
    }

    @Test func undoneIsWhatAnUndoThatHoldsHasUndone() async throws {
        let (fixture, session) = try await start()
        let database = fixture.database
        let calls = ["x", "u1", "u2", "u3"].map { CallID(trusted: $0) }
        for (index, call) in calls.enumerated() {
            try await database.recordUndo(
                draft(call.rawValue, session, call.rawValue, undoes: index == 0 ? nil : calls[index - 1]),
                limits: UndoLimits())
        }
        func state() async throws -> [String?] {
            var state: [String?] = []
            for call in calls { state.append(try await database.undoRecord(call)?.undoneBy?.rawValue) }
            return state
        }
        try await database.markUndone(calls[0], by: calls[1])
        #expect(try await state() == ["u1", nil, nil, nil])
        try await database.markUndone(calls[1], by: calls[2])
        #expect(try await state() == [nil, "u2", nil, nil])
        try await database.markUndone(calls[2], by: calls[3])
        #expect(try await state() == ["u1", nil, "u3", nil])
    }
}
