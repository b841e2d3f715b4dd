import Conversations
@testable import Daemon
import Harness
import Model
@testable import Settings
import Store
import Testing

@Suite struct PeopleTests {
    @Test func theSettingsSayWhoComesInAndAsWhat() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        for (number, role) in [
            (0, Role.admin), (1000, .owner), (1001, .admin), (1002, .member), (1004, nil), (9999, nil),
        ] {
            #expect(try await fixture.role(try await fixture.come(UInt32(number))) == role, "\(number)")
        }
        fixture.settings.replace(with: PeopleFixture.settings(others: .member))
        #expect(try await fixture.role(try await fixture.come(1004)) == .member)
        #expect(try await fixture.come(9999) == nil)
    }

    @Test func aReloadTakesRolesAwayFromThoseWhoDoNotCome() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let (adam, mia) = (try await fixture.come(1001), try await fixture.come(1002))
        fixture.settings.replace(with: PeopleFixture.settings(admins: [], members: ["adam"]))
        let changes = try await fixture.people.reconcile()
        #expect(Set(changes.map(\.name)) == ["adam", "mia"])
        #expect(try await fixture.role(adam) == .member)
        #expect(try await fixture.role(mia) == nil)
        #expect(try await fixture.come(1002) == nil)
        #expect(try await fixture.people.isAdmitted(try #require(mia)) == false)
        #expect(try await fixture.people.reconcile().isEmpty)
        // The same person, once listed again.
        fixture.settings.replace(with: PeopleFixture.settings())
        try await fixture.people.reconcile()
        #expect(try await fixture.role(mia) == .member)
        #expect(try await fixture.role(adam) == .admin)
        #expect(try await fixture.come(1002) == mia)
        #expect(
            try await fixture.events() == [
                "person.admitted", "person.admitted", "person.role_changed", "person.removed", "person.role_changed",
                "person.admitted",
            ])
    }

    /// Between the new settings and the end of `reconcile`, or where that failed, each use decides for itself.
    @Test func aChangeCountsAtTheNextUseByItself() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let (adam, mia) = (try #require(try await fixture.come(1001)), try #require(try await fixture.come(1002)))
        fixture.settings.replace(with: PeopleFixture.settings(admins: [], members: ["adam"]))
        #expect(try await fixture.people.isAdmitted(adam))
        #expect(try await fixture.role(adam) == .member)
        #expect(try await fixture.people.isAdmitted(mia) == false)
        #expect(try await fixture.role(mia) == nil)
        fixture.users.set(1001, to: nil)
        #expect(try await fixture.people.isAdmitted(adam) == false)
        #expect(try await fixture.role(adam) == nil)
    }

    @Test func namedLookUpsRefuseTheRemovedInWords() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let mia = try #require(try await fixture.come(1002))
        #expect(try await fixture.people.person(named: "mia") == mia)
        #expect(try await fixture.people.person(named: mia.rawValue) == mia)
        #expect(try await fixture.people.person(named: "max") != nil, "known by name before he ever came")
        fixture.settings.replace(with: PeopleFixture.settings(members: []))
        for name in ["mia", "MIA", mia.rawValue] {
            let refusal = await #expect(throws: ChatError.self) { try await fixture.people.person(named: name) }
            #expect(refusal?.code == .forbidden && refusal?.message.contains("may not use Bulkhead any more") == true)
            #expect(try await fixture.people.anyone(named: name) == mia, "the audit is still read by name")
        }
        #expect(try await fixture.people.person(named: "eve") == nil)
        #expect(try await fixture.people.person(named: "nobody-at-all") == nil)
    }

    @Test func aNumberUsedAnewIsNobodyTheOldPersonWas() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let mia = try #require(try await fixture.come(1002))
        let dm = try await fixture.database.dmChannel(of: mia).id
        // mia's account is deleted; max's successor gets her number, and her name stays in the settings.
        fixture.users.set(1002, to: "nina")
        fixture.settings.replace(with: PeopleFixture.settings(members: ["mia", "nina"]))
        #expect(try await fixture.people.isAdmitted(mia) == false)
        let nina = try #require(try await fixture.come(1002))
        #expect(nina != mia)
        #expect(try await fixture.database.mayRead(channel: dm, person: nina) == false)
        #expect(try await fixture.role(mia) == nil)
        #expect(try await fixture.role(nina) == .member)
        // A new account of the old name and another number is somebody new too.
        fixture.users.set(1010, to: "mia")
        let second = try #require(try await fixture.come(1010))
        #expect(second != mia && second != nina)
        #expect(try await fixture.people.person(named: "mia") == second, "the one who can come in is meant")
        try await fixture.people.reconcile()
        #expect(try await fixture.role(mia) == nil)
    }

    @Test func anotherOwnerLeavesTheFormerOneWhatTheListsSay() async throws {
        let fixture = try await PeopleFixture()
        try await fixture.people.establishOwner()
        let olga = try await fixture.come(1000)
        fixture.database.close()
        for (members, role) in [(["olga"], Role.member), ([], nil)] {
            let next = try await PeopleFixture(
                folder: fixture.folder, settings: PeopleFixture.settings(owner: "max", members: members))
            try await next.people.establishOwner()
            try await next.people.reconcile()
            #expect(try await next.role(olga) == role)
            #expect(try await next.role(try await next.come(1003)) == .owner)
            next.database.close()
        }
        let gone = try await PeopleFixture(
            folder: fixture.folder, settings: PeopleFixture.settings(owner: "zoe", members: []))
        await #expect(throws: StartError.self) { try await gone.people.establishOwner() }
        gone.close()
    }

    @Test func whereTheSystemCannotSayNobodyComesInAndNobodyIsRemoved() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let mia = try #require(try await fixture.come(1002))
        fixture.users.fail(true)
        await #expect(throws: FakeUsers.Unavailable.self) { try await fixture.people.isAdmitted(mia) }
        await #expect(throws: FakeUsers.Unavailable.self) { try await fixture.come(1002) }
        await #expect(throws: FakeUsers.Unavailable.self) { try await fixture.people.reconcile() }
        #expect(try await fixture.database.person(mia)?.isActive == true)
        fixture.users.fail(false)
        #expect(try await fixture.people.isAdmitted(mia))
    }

    @Test func notFoundIsBelievedWhereTheDaemonItselfIsFound() throws {
        #expect(try SystemUsers.name(of: 7, own: 999) { $0 == 7 ? "mia" : nil } == "mia")
        #expect(try SystemUsers.name(of: 7, own: 999) { $0 == 999 ? "bulkhead" : nil } == nil)
        for user in [UInt32(7), 999] {
            #expect(throws: ChatError.self) { try SystemUsers.name(of: user, own: 999) { _ in nil } }
        }
    }

    @Test func theSystemsOwnUsersAreKnown() throws {
        #expect(try SystemUsers.current.name(0) == "root")
        #expect(try SystemUsers.current.number("root") == 0)
        #expect(try SystemUsers.current.name(4_000_000_123) == nil)
        #expect(try SystemUsers.current.number("no-such-user-here") == nil)
    }

    @Test func whoIsNotAUserOfTheSystemIsKeptOut() async throws {
        let fixture = try await PeopleFixture(settings: PeopleFixture.settings(others: .member))
        defer { fixture.close() }
        let ghost = try await fixture.database.findOrCreatePerson(name: "ghost", role: .admin)
        try await fixture.people.reconcile()
        #expect(try await fixture.role(ghost.id) == nil)
    }
}
