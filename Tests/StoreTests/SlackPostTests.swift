import Model
import Store
import Testing

@Suite struct SlackPostTests {
    @Test func whatIsAboutToBeMadeIsKeptUntilItIsTakenAway() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let eyes = try await database.intendPost(
            .reaction, of: "m1", channel: "C0A", ts: "1700000000.000100", reference: "eyes")
        #expect(eyes.state == .intended)
        try await database.changePost(eyes.id, to: .up)
        // The second of two tries finds the first.
        let again = try await database.intendPost(
            .reaction, of: "m1", channel: "C0A", ts: "1700000000.000100", reference: "hourglass")
        #expect(again.id == eyes.id && again.state == .up && again.reference == "eyes")
        let file = try await database.intendPost(.file, of: "a1", channel: "C0A", reference: "F1")
        try await database.changePost(file.id, to: .up, ts: "1700000001.000100", reference: "F2")
        #expect(try await database.posts(.file, of: "a1").map(\.reference) == ["F2"])
        #expect(try await database.openPosts([.reaction, .progress]).map(\.id) == [eyes.id])
        try await database.changePost(eyes.id, to: .ended)
        #expect(try await database.openPosts([.reaction, .progress]).isEmpty)
        #expect(await code { try await database.changePost(99, to: .ended) } == .notFound)
    }

    @Test func aMessageInSlackIsFoundByItsPlaceAndAReactionOnItIsNot() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        _ = try await database.intendPost(.reaction, of: "m1", channel: "C0A", ts: "1.000001", reference: "eyes")
        #expect(try await database.posts(in: "C0A", ts: "1.000001").isEmpty)
        let part = try await database.intendPost(.message, of: "m2", part: 1, channel: "C0A", thread: "1.000001")
        try await database.changePost(part.id, to: .up, ts: "1.000002")
        #expect(try await database.posts(in: "C0A", ts: "1.000002").map(\.subject) == ["m2"])
        #expect(try await database.posts(in: "C0B", ts: "1.000002").isEmpty)
    }
}
