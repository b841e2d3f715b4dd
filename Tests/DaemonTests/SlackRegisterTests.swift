import Conversations
import Foundation
import Model
import Settings
import Slack
import Store
import Synchronization
import Testing

@testable import Daemon

/// Who Slack's accounts are.
@Suite struct SlackRegisterTests {
    private struct Desk {
        let fixture: PeopleFixture
        let register: SlackRegister
        let linking: AccountLinking
        let ended: Ended

        func who(_ user: SlackAccount) async -> PersonID? { try? await register.person(of: user) }
    }

    private final class Ended: Sendable {
        let people = Mutex<[PersonID]>([])
    }

    private func desk(
        _ slack: String = "{}", people: String = "{owner: olga, members: [mia, max]}",
        _ body: (Desk) async throws -> Void
    ) async throws {
        let settings = try Settings.parse("people: \(people)\nslack: \(slack)", file: "/f")
        let fixture = try await PeopleFixture(settings: settings.people)
        defer { fixture.close() }
        fixture.slack.replace(with: settings.slack)
        let (linking, ended) = (AccountLinking(people: fixture.people), Ended())
        let register = SlackRegister(people: fixture.people, linking: linking, settings: fixture.slack) { person, _ in
            ended.people.withLock { $0.append(person) }
        }
        try await body(Desk(fixture: fixture, register: register, linking: linking, ended: ended))
    }

    private static func account(_ id: String = "U1", name: String = "Ada", address: String? = nil) -> SlackAccount {
        SlackAccount(id: id, name: name, team: "T1", address: address, isAddressConfirmed: true)
    }

    @Test func aFullMemberOfTheWorkspaceIsAPersonOfTheirOwn() async throws {
        try await desk { (desk) async throws -> Void in
            let fixture = desk.fixture
            let ada = try #require(await desk.who(Self.account()))
            #expect(await desk.who(Self.account(name: "Ada L.")) == ada)
            #expect(try await fixture.role(ada) == .member)
            #expect(try await fixture.people.reconcile().isEmpty, "and stays so")
            #expect(try await desk.register.known("U1") == ada)
            // Two of one name are two people, and one called like a user of the system is not that user.
            let other = try #require(await desk.who(Self.account("U2")))
            #expect(other != ada)
            let mia = try #require(try await fixture.come(1002))
            #expect(await desk.who(Self.account("U3", name: "mia")) != mia)
            // The setting alone decides, at every use.
            fixture.slack.replace(with: try Settings.parse("slack: {people: linked}", file: "/f").slack)
            #expect(await desk.who(Self.account()) == nil)
            #expect(await desk.who(Self.account("U9")) == nil)
            #expect(try await fixture.people.reconcile().map(\.role).allSatisfy { $0 == nil })
            #expect(try await fixture.role(ada) == nil)
            fixture.slack.replace(with: Settings().slack)
            #expect(await desk.who(Self.account()) == ada)
            #expect(try await fixture.role(ada) == .member)
            #expect(try await fixture.events().contains("person.admitted"))
        }
    }

    @Test func whereAnAdminHasToAllowItAMemberComesInByThatWordAlone() async throws {
        try await desk("{admission: ask}") { (desk) async throws -> Void in
            let database = desk.fixture.people.database
            let olga = try #require(try await desk.fixture.people.person(named: "olga"))
            #expect(await desk.who(Self.account()) == nil)
            #expect(await desk.who(Self.account()) == nil)
            let asked = try await database.slackAdmissions()
            #expect(asked.map(\.id) == ["U1"] && asked.map(\.label) == ["Ada"] && asked.map(\.state) == [.asked])
            // A guest is nobody, and no admin is asked about one.
            var guest = Self.account("U2")
            guest.isGuest = true
            #expect(await desk.who(guest) == nil)
            #expect(try await database.slackAdmissions().count == 1)

            _ = try await database.decideSlackAdmission(.person, "U1", called: "Ada", allow: true, by: olga)
            let ada = try #require(await desk.who(Self.account()))
            _ = try await database.decideSlackAdmission(.person, "U1", called: "Ada", allow: false, by: olga)
            try await desk.register.admissionEffects.shutOut("U1")
            #expect(await desk.who(Self.account()) == nil)
            #expect(desk.ended.people.withLock { $0 } == [ada])
        }
    }

    @Test func anAllowlistAsksNobodyAndKeepsWhoWasHere() async throws {
        try await desk { (desk) async throws -> Void in
            let ada = try #require(await desk.who(Self.account()))
            desk.fixture.slack.replace(with: try Settings.parse("slack: {admission: allowlist}", file: "/f").slack)
            #expect(await desk.who(Self.account()) == ada)
            #expect(await desk.who(Self.account("U2", name: "Ben")) == nil)
            #expect(try await desk.fixture.people.database.slackAdmissions().isEmpty)
        }
    }

    @Test func guestsStrangersProgramsAndTheDeactivatedAreNobody() async throws {
        try await desk(people: "{owner: olga, members: [mia], addresses: {mia: [mia@example.com]}}") {
            (desk) async throws -> Void in
            for change: (inout SlackAccount) -> Void in [
                { $0.isGuest = true }, { $0.isStranger = true }, { $0.isBot = true }, { $0.isDeactivated = true },
            ] {
                var user = Self.account(address: "mia@example.com")
                change(&user)
                #expect(await desk.who(user) == nil, "\(user)")
                await #expect(throws: ChatError.self) { try await desk.register.link(user, by: "ABCDEFGHJK") }
            }
            #expect(try await desk.register.known("U1") == nil)
        }
    }

    @Test func aConfirmedAddressThatTheSettingsKnowIsThatPerson() async throws {
        try await desk(people: "{owner: olga, members: [mia], addresses: {mia: [mia@example.com]}}") {
            (desk) async throws -> Void in
            let mia = try #require(try await desk.fixture.come(1002))
            var user = Self.account(address: "Mia@example.com")
            user.isAddressConfirmed = false
            let own = try #require(await desk.who(user))
            #expect(own != mia, "an address nobody made sure of is a claim")
            user.isAddressConfirmed = true
            #expect(await desk.who(user) == mia)
            #expect(
                try await desk.fixture.role(own) == nil, "who was somebody by that account alone is nobody without it")
        }
    }

    @Test func aCodeMakesTheAccountAPersons() async throws {
        try await desk("{people: linked}") { (desk) async throws -> Void in
            let mia = try #require(try await desk.fixture.come(1002))
            let refusal = await #expect(throws: ChatError.self) { try await desk.register.person(of: Self.account()) }
            #expect(refusal?.code == .forbidden && refusal?.message.contains("link CODE") == true)
            await #expect(throws: ChatError.self) { try await desk.register.link(Self.account(), by: "WRONG-WRONG") }
            let code = try await desk.linking.makeCode(for: mia).code
            #expect(try await desk.register.link(Self.account(), by: code.lowercased()).contains("mia"))
            #expect(await desk.who(Self.account()) == mia)
            await #expect(throws: ChatError.self, "once") { try await desk.register.link(Self.account("U2"), by: code) }
            // Out in the settings is out in Slack.
            desk.fixture.settings.replace(with: PeopleFixture.settings(members: []))
            #expect(await desk.who(Self.account()) == nil)
        }
    }

    @Test func aCodeIsOverAWorkspacesWordUnlessThereIsAHistory() async throws {
        try await desk { (desk) async throws -> Void in
            let mia = try #require(try await desk.fixture.come(1002))
            let own = try #require(await desk.who(Self.account()))
            let code = try await desk.linking.makeCode(for: mia).code
            _ = try await desk.register.link(Self.account(), by: code)
            #expect(await desk.who(Self.account()) == mia)
            #expect(try await desk.fixture.role(own) == nil)

            let busy = try #require(await desk.who(Self.account("U2")))
            let room = try await desk.fixture.database.createRoom(named: "x", by: busy)
            #expect(room.owner == busy)
            let second = try await desk.linking.makeCode(for: mia).code
            await #expect(throws: ChatError.self) { try await desk.register.link(Self.account("U2"), by: second) }
            #expect(await desk.who(Self.account("U2")) == busy)
        }
    }

    @Test func whoIsDeactivatedInSlackIsSignedOutAndTheirWorkEnds() async throws {
        try await desk { (desk) async throws -> Void in
            let ada = try #require(await desk.who(Self.account()))
            let now = WallClock.system.now()
            try await desk.fixture.database.saveBrowserSession(
                BrowserSessionRecord(
                    digest: "d", person: ada, issuer: nil, created: now, seen: now,
                    expires: now.advanced(by: .seconds(600))))
            try await desk.register.changed(Self.account(name: "Ada Lovelace"))
            #expect(try await desk.fixture.database.browserSession("d") != nil, "a new name is no reason")
            var user = Self.account()
            user.isDeactivated = true
            try await desk.register.changed(user)
            #expect(try await desk.fixture.database.browserSession("d") == nil)
            #expect(try await desk.fixture.role(ada) == nil)
            #expect(try await desk.register.known("U1") == nil)
            #expect(desk.ended.people.withLock { $0 } == [ada])
            try await desk.register.changed(user)
            #expect(desk.ended.people.withLock { $0 } == [ada], "once")
        }
    }

    @Test func aProgramSpeaksForWhomTheSettingsSay() async throws {
        try await desk("{bots: {UBOT1: mia, UBOT2: nobody-here}}") { (desk) async throws -> Void in
            let mia = try #require(try await desk.fixture.come(1002))
            func principal(_ id: String) async throws -> PersonID? {
                try await desk.register.principal(
                    ofBot: SlackAccount(id: id, name: "bot", team: "T1", isBot: true))
            }
            #expect(try await principal("UBOT1") == mia)
            #expect(try await principal("UBOT2") == nil)
            #expect(try await principal("UBOT3") == nil)
            desk.fixture.settings.replace(with: PeopleFixture.settings(members: []))
            #expect(try await principal("UBOT1") == nil)
        }
    }
}
