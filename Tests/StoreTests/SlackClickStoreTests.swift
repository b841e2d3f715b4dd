import Model
import Store
import Testing

/// What people click is kept once, in order, and nobody's fills the store.
@Suite struct SlackClickStoreTests {
    private static func click(_ key: String, by account: String = "U1", lane: String = "card/C1/1") -> SlackClickDraft {
        SlackClickDraft(key: key, account: account, lane: lane, body: "{\"key\":\"\(key)\"}")
    }

    private func fixture(_ known: [String] = ["U1", "U2"]) async throws -> Fixture {
        let fixture = try await Fixture()
        for account in known {
            let person = try await fixture.database.findOrCreatePerson(name: account.lowercased())
            try await fixture.database.saveAccount(account, on: "slack", called: account, of: person.id)
        }
        return fixture
    }

    @Test func theSameOneIsKeptOnceAndNotAgainOnceItIsDone() async throws {
        let fixture = try await fixture()
        let database = fixture.database
        #expect(try await database.acceptSlackClick(Self.click("a")) == .kept)
        #expect(try await database.acceptSlackClick(Self.click("a", by: "U2", lane: "other")) == .known)
        let record = try #require(try await database.dueSlackClicks().first)
        #expect(try await database.beginSlackClick(record.id) == 1)
        try await database.settleSlackClick(record.id, as: .done)
        #expect(try await database.acceptSlackClick(Self.click("a")) == .known)
        #expect(try await database.dueSlackClicks().isEmpty)
        await #expect(throws: StoreError.self) { try await database.beginSlackClick(record.id) }
    }

    @Test func thoseOfOneCardComeOneAfterTheOther() async throws {
        let fixture = try await fixture()
        let database = fixture.database
        for (key, lane) in [("a", "card/C1/1"), ("b", "card/C1/1"), ("c", "card/C1/2")] {
            #expect(try await database.acceptSlackClick(Self.click(key, lane: lane)) == .kept)
        }
        let first = try await database.dueSlackClicks()
        #expect(first.map(\.body) == [#"{"key":"a"}"#, #"{"key":"c"}"#])
        let soon = fixture.clock.wall.now().advanced(by: .seconds(5))
        _ = try await database.beginSlackClick(first[0].id)
        try await database.settleSlackClick(first[0].id, as: .later(soon, because: "Slack is down"))
        #expect(try await database.dueSlackClicks().map(\.body) == [#"{"key":"c"}"#], "what comes after it waits")
        fixture.clock.advance(by: .seconds(6))
        let again = try #require(try await database.dueSlackClicks().first { $0.lane == "card/C1/1" })
        #expect(try await database.beginSlackClick(again.id) == 2, "and is known to have been begun")
        try await database.settleSlackClick(again.id, as: .failed("no"))
        #expect(try await database.dueSlackClicks().map(\.body) == [#"{"key":"b"}"#, #"{"key":"c"}"#])
        #expect(try await database.waitingSlackClicks() == 2)
    }

    @Test func nobodysClicksAreMoreThanTheirShare() async throws {
        let fixture = try await fixture()
        let database = fixture.database
        var limits = SlackClickLimits()
        (limits.ofOne, limits.ofOneOutsider, limits.ofOutsiders) = (3, 2, 5)
        var receipts: [SlackClickReceipt] = []
        for number in 0..<5 {
            receipts.append(try await database.acceptSlackClick(Self.click("k\(number)", by: "U1"), limits: limits))
        }
        #expect(receipts == [.kept, .kept, .kept, .tooMany, .tooMany])
        #expect(try await database.acceptSlackClick(Self.click("other", by: "U2"), limits: limits) == .kept)
        var kept = 0
        for outsider in 0..<5 {
            for number in 0..<3 {
                let click = Self.click("o\(outsider).\(number)", by: "UOUT\(outsider)")
                if try await database.acceptSlackClick(click, limits: limits) == .kept { kept += 1 }
            }
        }
        #expect(kept == 5)
        // None of them stands before those who may, in the lane of a card.
        let heads = try await database.dueSlackClicks()
        #expect(heads.filter { $0.lane == "card/C1/1" }.map(\.account) == ["U1"])
        #expect(heads.filter { !$0.isKnown }.map(\.lane) == ["account/UOUT0", "account/UOUT1", "account/UOUT2"])
        #expect(try await database.acceptSlackClick(Self.click("again", by: "U2"), limits: limits) == .kept)
    }

    @Test func whatIsDoneIsForgottenAfterAWhile() async throws {
        let fixture = try await fixture()
        let database = fixture.database
        _ = try await database.acceptSlackClick(Self.click("a"))
        _ = try await database.acceptSlackClick(Self.click("b", lane: "card/C1/2"))
        let first = try #require(try await database.dueSlackClicks().first)
        try await database.settleSlackClick(first.id, as: .done)
        fixture.clock.advance(by: .seconds(60))
        try await database.purgeSlackClicks(settledBefore: fixture.clock.wall.now())
        #expect(try await database.acceptSlackClick(Self.click("a")) == .kept)
        #expect(try await database.acceptSlackClick(Self.click("b")) == .known, "what waits is not forgotten")
    }
}
