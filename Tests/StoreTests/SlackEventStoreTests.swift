import GRDB
import Model
import Store
import Testing

/// What Slack tells is kept once, and worked off in order.
@Suite struct SlackEventStoreTests {
    static func event(
        _ id: String?, lane: String = "C1/10.000001", ts: String? = "10.000001", kind: String = "message",
        at: Int64 = 10_000, body: String = "{}", isFuller: Bool = false
    ) -> SlackEventDraft {
        SlackEventDraft(
            eventID: id, kind: kind, lane: lane, channel: "C1", ts: ts, body: body, at: Timestamp(milliseconds: at),
            isFuller: isFuller)
    }

    private func due(_ fixture: Fixture, besides busy: Set<String> = []) async throws -> [String] {
        try await fixture.database.dueSlackEvents(besides: busy, limit: 10).map(\.body)
    }

    /// Lesson 1: an event delivered twice, and a mention that comes as two events, are one.
    @Test func lesson1TheSameEventIsKeptOnce() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        #expect(try await database.acceptSlackEvents([Self.event("Ev1", body: "mention")]) == 1)
        #expect(try await database.acceptSlackEvents([Self.event("Ev1", body: "again")]) == 0)
        #expect(try await database.acceptSlackEvents([Self.event("Ev2", body: "message", isFuller: true)]) == 0)
        #expect(try await due(fixture) == ["message"], "the fuller one takes the other's place")
        #expect(try await database.acceptSlackEvents([Self.event(nil, body: "history", isFuller: true)]) == 0)
        let record = try #require(try await database.dueSlackEvents(besides: [], limit: 1).first)
        _ = try await database.beginSlackEvent(record.id)
        try await database.settleSlackEvent(record.id, as: .done)
        for id in ["Ev1", "Ev2", "Ev3", nil] {
            #expect(
                try await database.acceptSlackEvents([Self.event(id, isFuller: true)]) == 0, "not after it was done")
        }
        #expect(try await due(fixture).isEmpty)
        // Another kind of event about the same message is another event.
        #expect(try await database.acceptSlackEvents([Self.event("Ev4", kind: "message_deleted")]) == 1)
    }

    /// Lesson 4: each thread has an order of its own.
    @Test func lesson4ThreadsAreLanesOfTheirOwn() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        try await database.acceptSlackEvents([
            Self.event("Ev1", lane: "C1/1", ts: "3.000000", at: 3000, body: "late"),
            Self.event("Ev2", lane: "C1/1", ts: "2.000000", at: 2000, body: "early"),
            Self.event("Ev3", lane: "C1/2", ts: "4.000000", at: 4000, body: "other"),
        ])
        #expect(Set(try await due(fixture)) == ["early", "other"], "one of each, the oldest")
        #expect(try await due(fixture, besides: ["C1/1"]) == ["other"])
        let early = try #require(try await database.dueSlackEvents(besides: ["C1/2"], limit: 1).first)
        #expect(try await database.beginSlackEvent(early.id) == 1)
        let soon = fixture.clock.wall.now().advanced(by: .seconds(10))
        try await database.settleSlackEvent(early.id, as: .later(soon, because: "no", counts: true))
        #expect(try await due(fixture) == ["other"], "what comes after it waits, other threads do not")
        #expect(try await database.nextSlackEventTime(besides: ["C1/2"]) == soon)
        fixture.clock.advance(by: .seconds(11))
        #expect(Set(try await due(fixture)) == ["early", "other"])
        #expect(try await database.beginSlackEvent(early.id) == 2)
        try await database.settleSlackEvent(early.id, as: .later(soon, because: "no", counts: false))
        #expect(try await database.beginSlackEvent(early.id) == 2, "a try that does not count")
        try await database.settleSlackEvent(early.id, as: .failed("poison"))
        #expect(Set(try await due(fixture)) == ["late", "other"])
        let failed = try await database.failedSlackEvents()
        #expect(failed.map(\.error) == ["poison"] && failed.map(\.body) == ["early"])
        #expect(try await database.slackEventCounts() == (waiting: 2, failed: 1))
        #expect(await code { try await database.beginSlackEvent(early.id) } == .conflict)
    }

    @Test func whatWasWorkedOffKeepsNoWordsAndIsForgottenInTime() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        try await database.acceptSlackEvents([Self.event("Ev1", body: "private words")])
        let record = try #require(try await database.dueSlackEvents(besides: [], limit: 1).first)
        _ = try await database.beginSlackEvent(record.id)
        try await database.settleSlackEvent(record.id, as: .done)
        // Whoever else writes at that moment is waited for.
        var patient = Configuration()
        patient.busyMode = .timeout(20)
        let file = try DatabaseQueue(path: fixture.folder.database, configuration: patient)
        let words = try await file.read { db in try String.fetchOne(db, sql: "SELECT body FROM slack_events") }
        #expect(words == nil)
        try file.close()
        #expect(try await database.acceptSlackEvents([Self.event("Ev1")]) == 0)
        try await database.purgeSlackEvents(settledBefore: fixture.clock.wall.now())
        #expect(try await database.acceptSlackEvents([Self.event("Ev1")]) == 0, "not yet")
        fixture.clock.advance(by: .seconds(1))
        try await database.purgeSlackEvents(settledBefore: fixture.clock.wall.now())
        #expect(try await database.acceptSlackEvents([Self.event("Ev1")]) == 1)
    }

    @Test func keepingAnEventMovesWhatWasSeen() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        try await database.saveSlackChannel(
            "C1", name: "general", kind: .public, isMember: true, isArchived: false, seen: "15.000000")
        let room = try await database.roomOfSlackChannel("C1")
        _ = try await database.openSlackThread(
            SlackThreadDraft(channel: "C1", thread: "16.000000", place: room, firstText: "x", seen: "16.000000"))
        try await database.acceptSlackEvents([
            Self.event("Ev1", lane: "C1/16.000000", ts: "19.000000"),
            Self.event("Ev2", lane: "C1/17.000000", ts: "18.000000"),
        ])
        #expect(try await database.slackChannel("C1")?.seen == "19.000000")
        #expect(try await database.slackThread("16.000000", in: "C1")?.seen == "19.000000")
        // Out of the channel and in again: what was said meanwhile was not for it.
        try await database.saveSlackChannel(
            "C1", name: "general", kind: .public, isMember: false, isArchived: false, seen: "19.000000")
        try await database.saveSlackChannel(
            "C1", name: "general", kind: .public, isMember: true, isArchived: false, seen: "20.000000")
        #expect(try await database.slackChannel("C1")?.seen == "20.000000")
        try await database.saveSlackChannel(
            "C1", name: "renamed", kind: .public, isMember: true, isArchived: false, seen: "30.000000")
        #expect(try await database.slackChannel("C1")?.seen == "20.000000", "what it has not seen yet stays to be seen")
        #expect(try await database.channel(room)?.name == "#renamed")
    }
}
