import Model
import Store
import Testing

@Suite struct LoginTests {
    private func session(
        _ digest: String, of person: PersonRecord, by issuer: PersonRecord? = nil, seen: Int64 = 1,
        expires: Int64 = 1000
    ) -> BrowserSessionRecord {
        BrowserSessionRecord(
            digest: digest, person: person.id, issuer: issuer?.id, created: Timestamp(milliseconds: 1),
            seen: Timestamp(milliseconds: seen), expires: Timestamp(milliseconds: expires))
    }

    private func ticket(_ digest: String, of person: PersonRecord, by issuer: PersonRecord? = nil) -> LoginTicketRecord
    {
        LoginTicketRecord(
            digest: digest, person: person.id, issuer: issuer?.id, created: Timestamp(milliseconds: 1),
            expires: Timestamp(milliseconds: 1000))
    }

    @Test func aSignInOutlivesTheProcess() async throws {
        let fixture = try await Fixture()
        let signedIn = session("d1", of: fixture.anna, by: fixture.ben)
        try await fixture.database.saveBrowserSession(signedIn)
        try await fixture.database.saveLoginTicket(ticket("t1", of: fixture.anna))
        fixture.database.close()
        let database = try Store.Database(directory: fixture.folder.path)
        #expect(try await database.browserSession("d1") == signedIn)
        #expect(try await database.browserSession("d2") == nil)
        #expect(try await database.loginTicket("t1") == ticket("t1", of: fixture.anna))
        database.close()
    }

    @Test func aTicketIsTakenOnce() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        try await database.saveLoginTicket(ticket("t1", of: fixture.anna))
        let taken = try await withThrowingTaskGroup(of: LoginTicketRecord?.self) { group in
            for _ in 0..<16 { group.addTask { try await database.takeLoginTicket("t1") } }
            return try await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
        }
        #expect(taken == 1)
    }

    @Test func soManyLinksWaitForOneMaker() async throws {
        let fixture = try await Fixture()
        let (database, anna, ben) = (fixture.database, fixture.anna, fixture.ben)
        for number in 0..<25 {
            try await database.saveLoginTicket(ticket("own\(number)", of: anna))
            try await database.saveLoginTicket(ticket("made\(number)", of: ben, by: anna))
        }
        #expect(await code { try await database.saveLoginTicket(ticket("more", of: anna)) } == .conflict)
        #expect(await code { try await database.saveLoginTicket(ticket("more", of: ben, by: anna)) } == .conflict)
        try await database.saveLoginTicket(ticket("more", of: ben))
        _ = try await database.takeLoginTicket("own3")
        try await database.saveLoginTicket(ticket("again", of: anna))
        try await database.purgeLogins(expiredBy: Timestamp(milliseconds: 1000))
        for number in 0..<50 { try await database.saveLoginTicket(ticket("new\(number)", of: anna)) }
    }

    @Test func whatHasEndedIsNotProlonged() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        try await database.saveBrowserSession(session("d1", of: fixture.anna))
        let (seen, expires) = (Timestamp(milliseconds: 5), Timestamp(milliseconds: 2000))
        try await database.prolongBrowserSession("d1", seen: seen, expires: expires)
        #expect(try await database.browserSession("d1") == session("d1", of: fixture.anna, seen: 5, expires: 2000))
        try await database.endBrowserSession("d1")
        try await database.prolongBrowserSession("d1", seen: seen, expires: expires)
        #expect(try await database.browserSession("d1") == nil)
    }

    @Test func whoIsKeptOutIsSignedOutAndSoAreTheirLinks() async throws {
        let fixture = try await Fixture()
        let (database, anna, ben) = (fixture.database, fixture.anna, fixture.ben)
        let carl = try await database.findOrCreatePerson(osUser: 1003, name: "carl", role: .member)
        try await database.saveBrowserSession(session("own", of: anna))
        try await database.saveBrowserSession(session("made", of: carl, by: anna))
        try await database.saveBrowserSession(session("other", of: carl, by: ben))
        try await database.saveLoginTicket(ticket("t-own", of: anna))
        try await database.saveLoginTicket(ticket("t-made", of: carl, by: anna))
        try await database.deactivate(anna.id)
        for digest in ["own", "made"] { #expect(try await database.browserSession(digest) == nil) }
        for digest in ["t-own", "t-made"] { #expect(try await database.loginTicket(digest) == nil) }
        #expect(try await database.browserSession("other") != nil)
        // A sign-in that was under way meanwhile comes to nothing.
        #expect(await code { try await database.saveBrowserSession(session("late", of: anna)) } == .forbidden)
        #expect(await code { try await database.saveBrowserSession(session("late", of: carl, by: anna)) } == .forbidden)
        #expect(await code { try await database.saveLoginTicket(ticket("late", of: anna)) } == .forbidden)
    }

    @Test func whatExpiredIsRemovedAndAPersonHasSoMany() async throws {
        let fixture = try await Fixture()
        let (database, anna) = (fixture.database, fixture.anna)
        try await database.saveBrowserSession(session("old", of: anna, expires: 50))
        try await database.saveBrowserSession(session("new", of: anna, expires: 51))
        try await database.purgeLogins(expiredBy: Timestamp(milliseconds: 50))
        #expect(try await database.browserSession("old") == nil)
        #expect(try await database.browserSession("new") != nil)
        for number in 0..<100 {
            try await database.saveBrowserSession(session("s\(number)", of: anna, seen: Int64(number) + 2))
        }
        // The one that was not seen for longest made room.
        #expect(try await database.browserSession("new") == nil)
        for digest in ["s0", "s99"] { #expect(try await database.browserSession(digest) != nil) }
    }
}
