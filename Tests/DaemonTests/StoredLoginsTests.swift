import Console
@testable import Daemon
import Foundation
import Model
@testable import Settings
import Store
import Testing

@Suite struct StoredLoginsTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    @Test func aSessionIsWhatWasStoredAfterARestart() async throws {
        let fixture = try await PeopleFixture()
        let (adam, mia) = (try #require(try await fixture.come(1001)), try #require(try await fixture.come(1002)))
        let digest = SecretDigest(hex: String(repeating: "ab", count: 32))
        let session = BrowserSession(
            person: mia, issuer: adam, created: now, seen: now, expires: now.advanced(by: .seconds(60)))
        let ticket = LoginTicket(person: mia, issuer: nil, created: now, expires: now.advanced(by: .seconds(60)))
        let logins = StoredLogins(database: fixture.database)
        try await logins.save(session, under: digest)
        try await logins.save(ticket, under: digest)
        fixture.database.close()

        let next = try await PeopleFixture(folder: fixture.folder)
        defer { next.close() }
        let after = StoredLogins(database: next.database)
        #expect(try await after.session(digest) == session)
        #expect(try await after.ticket(digest) == ticket)
        #expect(try await after.takeTicket(digest) == ticket)
        #expect(try await after.takeTicket(digest) == nil)
        try await after.prolong(digest, seen: now, expires: now.advanced(by: .seconds(90)))
        #expect(try await after.session(digest)?.expires == now.advanced(by: .seconds(90)))
        try await after.endSession(digest)
        #expect(try await after.session(digest) == nil)
    }

    @Test func aPersonTakenOutOfTheSettingsHasNoSessionLeft() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let mia = try #require(try await fixture.come(1002))
        let logins = StoredLogins(database: fixture.database)
        let digest = SecretDigest(hex: "d")
        let session = BrowserSession(
            person: mia, issuer: nil, created: now, seen: now, expires: now.advanced(by: .seconds(60)))
        try await logins.save(session, under: digest)
        fixture.settings.replace(with: PeopleFixture.settings(members: []))
        try await fixture.people.reconcile()
        #expect(try await logins.session(digest) == nil)
        await #expect(throws: StoreError.self) { try await logins.save(session, under: digest) }
    }

    @Test func tooManyLinksAreRefusedInWordsForPeople() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let mia = try #require(try await fixture.come(1002))
        let logins = StoredLogins(database: fixture.database)
        let ticket = LoginTicket(person: mia, issuer: nil, created: now, expires: now.advanced(by: .seconds(60)))
        for number in 0..<50 { try await logins.save(ticket, under: SecretDigest(hex: "\(number)")) }
        let refusal = await #expect(throws: ConsoleError.self) {
            try await logins.save(ticket, under: SecretDigest(hex: "more"))
        }
        #expect(refusal?.code == .conflict && refusal?.message.contains("wait until they expire") == true)
    }

    @Test func whatHasExpiredIsPurged() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let mia = try #require(try await fixture.come(1002))
        let logins = StoredLogins(database: fixture.database)
        let digest = SecretDigest(hex: "d")
        try await logins.save(
            BrowserSession(person: mia, issuer: nil, created: now, seen: now, expires: now), under: digest)
        try await logins.purge(expiredBy: now)
        #expect(try await logins.session(digest) == nil)
    }
}
