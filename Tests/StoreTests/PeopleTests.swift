import Model
import Store
import Testing

@Suite struct PeopleTests {
    @Test func aNumberThatWentToAnotherNameIsAnotherPerson() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let other = try await database.findOrCreatePerson(osUser: 1001, name: "dora", role: .member)
        #expect(other.id != fixture.anna.id && other.name == "dora" && other.osUser == 1001)
        let anna = try #require(try await database.person(fixture.anna.id))
        #expect(!anna.isActive && anna.osUser == nil)
        // Nor does the old one come back by number, or by a new user of the old name.
        let third = try await database.findOrCreatePerson(osUser: 1005, name: "anna", role: .member)
        #expect(third.id != anna.id && third.name == "anna-1005" && third.osName == "anna")
        let fourth = try await database.findOrCreatePerson(osUser: 1005, name: "Anna", role: .member)
        #expect(fourth.id != third.id && fourth.name == "Anna-1005-2")
    }

    @Test func aPersonIsKeptOutAndLetInAgain() async throws {
        let fixture = try await Fixture()
        let (database, anna) = (fixture.database, fixture.anna)
        #expect(try await database.deactivate(anna.id))
        #expect(try await database.deactivate(anna.id) == false)
        #expect(try await database.person(anna.id)?.isActive == false)
        #expect(try await database.findOrCreatePerson(osUser: 1001, name: "anna", role: .member).isActive == false)
        #expect(try await database.admit(anna.id, as: .admin))
        #expect(try await database.admit(anna.id, as: .admin) == false)
        let back = try #require(try await database.person(anna.id))
        #expect(back.isActive && back.role == .admin && back.osUser == 1001)
        let nobody = PersonID(trusted: "nobody")
        #expect(await code { try await database.admit(nobody, as: .member) } == .notFound)
    }

    @Test func peopleOfTheFirstVersionKeepTheirNames() async throws {
        let folder = TemporaryFolder()
        try Migrations.run(upTo: 1, at: folder.database)
        try folder.tamper(
            """
            INSERT INTO people (id, name, role, os_uid, created) VALUES
                ('p1', 'ben', 'member', 1001, 1), ('p2', 'Ben-1002', 'member', 1002, 1),
                ('p3', 'backup-1003', 'member', 1003, 1), ('p4', 'mail', 'member', NULL, 1)
            """)
        let database = try Store.Database(directory: folder.path)
        let people = try await database.people()
        let expected = ["p1": "ben", "p2": "Ben", "p3": "backup-1003", "p4": nil]
        for person in people {
            #expect(person.osName == expected[person.id.rawValue] ?? "?" && person.isActive, "\(person)")
        }
        #expect(people.count == 4)
        #expect(try await database.findOrCreatePerson(osUser: 1002, name: "Ben", role: .member).id.rawValue == "p2")
        database.close()
    }

    @Test func whoSpokeForAnotherIsKnownByConversation() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let own = try await fixture.say("mine", as: fixture.anna)
        let spoken = try await database.acceptInbound(
            InboundDraft(
                channel: fixture.room.id, author: fixture.anna.id, onBehalfBy: fixture.ben.id, text: "hers",
                surface: "cli", eventID: "1")
        ).message
        let (anna, ben) = (fixture.anna.id, fixture.ben.id)
        #expect(try await database.hasSpoken(ben, for: anna, in: spoken.conversation))
        #expect(try await database.hasSpoken(ben, for: anna, in: own.conversation) == false)
        #expect(try await database.hasSpoken(anna, for: ben, in: spoken.conversation) == false)
        #expect(try await database.hasSpoken(anna, for: anna, in: spoken.conversation) == false)
    }
}
