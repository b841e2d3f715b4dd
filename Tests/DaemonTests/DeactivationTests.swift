import Console
import Conversations
import Foundation
import Model
import Store
import Testing

@testable import Daemon

@Suite struct DeactivationTests {
    @Test func whomAnAdminPutOutStaysOutWhateverTheSettingsSay() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let (adam, mia) = (try #require(try await fixture.come(1001)), try #require(try await fixture.come(1002)))
        try await fixture.people.deactivate(mia, by: adam)
        #expect(try await fixture.come(1002) == nil)
        #expect(try await fixture.role(mia) == nil)
        let refusal = await #expect(throws: ChatError.self) { try await fixture.people.directory.byUser(1002) }
        #expect(refusal?.message.contains("deactivated by an admin") == true)
        await #expect(throws: ChatError.self) { try await fixture.people.person(named: "mia") }
        fixture.settings.replace(with: PeopleFixture.settings(admins: ["adam", "mia"]))
        try await fixture.people.reconcile()
        #expect(try await fixture.people.isAdmitted(mia) == false)
        #expect(try await fixture.come(1002) == nil)
        #expect(try await fixture.role(mia) == nil)
        // And then they say it again.
        #expect(try await fixture.people.activate(mia, by: adam) == .admin)
        #expect(try await fixture.come(1002) == mia)
        let events = try await fixture.events()
        #expect(events.contains("person.deactivated") && events.contains("person.activated"))
        await #expect(throws: ChatError.self) { try await fixture.people.activate(mia, by: adam) }
    }

    @Test func whoMayPutOutWhom() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let root = try #require(try await fixture.come(0))
        let (olga, adam) = (try #require(try await fixture.come(1000)), try #require(try await fixture.come(1001)))
        let (mia, max) = (try #require(try await fixture.come(1002)), try #require(try await fixture.come(1003)))
        for (target, author, words) in [
            (max, mia, "Only an owner or admin"), (adam, adam, "Nobody deactivates themselves"),
            (olga, olga, "Nobody deactivates themselves"), (olga, adam, "Only an owner may"),
            (root, olga, "Root cannot be deactivated"), (PersonID(trusted: "nobody"), olga, "no such person"),
        ] {
            let refusal = await #expect(throws: ChatError.self) {
                try await fixture.people.deactivate(target, by: author)
            }
            #expect(refusal?.message.contains(words) == true, "\(String(describing: refusal))")
        }
        try await fixture.people.deactivate(adam, by: olga)
        // Whoever is out decides nothing.
        await #expect(throws: ChatError.self) { try await fixture.people.deactivate(mia, by: adam) }
        await #expect(throws: ChatError.self) { try await fixture.people.activate(adam, by: adam) }
        await #expect(throws: ChatError.self) { try await fixture.people.deactivate(adam, by: olga) }
    }

    @Test func aSignInEndsWithIt() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let (adam, mia) = (try #require(try await fixture.come(1001)), try #require(try await fixture.come(1002)))
        let now = WallClock.system.now()
        try await fixture.database.saveBrowserSession(
            BrowserSessionRecord(
                digest: "d", person: mia, issuer: nil, created: now, seen: now,
                expires: now.advanced(by: .seconds(600))))
        try await fixture.database.saveLinkCode("CODE", of: mia, expires: now.advanced(by: .seconds(600)))
        try await fixture.people.deactivate(mia, by: adam)
        #expect(try await fixture.database.browserSession("d") == nil)
        #expect(
            try await fixture.database.linkAccount("1004", on: "os", called: "eve", by: "CODE", own: nil) == nil)
    }

    @Test func deputiesAreNamedByThoseWhoMay() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let (olga, adam) = (try #require(try await fixture.come(1000)), try #require(try await fixture.come(1001)))
        let (mia, max) = (try #require(try await fixture.come(1002)), try #require(try await fixture.come(1003)))
        let past = Timestamp(milliseconds: 1)
        for (deputy, person, author, until) in [
            (max, adam, mia, nil), (mia, mia, mia, nil), (max, olga, adam, nil), (max, mia, mia, past),
            (PersonID(trusted: "nobody"), mia, mia, nil), (adam, max, mia, nil),
        ] as [(PersonID, PersonID, PersonID, Timestamp?)] {
            await #expect(throws: ChatError.self) {
                try await fixture.people.setDeputy(deputy, of: person, until: until, by: author)
            }
        }
        #expect(try await fixture.database.deputies().isEmpty)
        try await fixture.people.setDeputy(max, of: mia, until: nil, by: mia)
        try await fixture.people.setDeputy(mia, of: adam, until: nil, by: olga)
        #expect(try await fixture.database.principals(of: max).map(\.id) == [mia])
        #expect(try await fixture.database.principals(of: mia).map(\.id) == [adam])
        try await fixture.people.setDeputy(nil, of: mia, until: nil, by: adam)
        #expect(try await fixture.database.principals(of: max).isEmpty)
        await #expect(throws: ChatError.self) {
            try await fixture.people.setDeputy(nil, of: mia, until: nil, by: mia)
        }
        let events = try await fixture.events()
        #expect(events.filter { $0 == "person.deputy_set" }.count == 2 && events.contains("person.deputy_removed"))
    }
}
