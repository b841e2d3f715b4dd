import Conversations
import Foundation
import Model
import Settings
import Store
import Testing

@testable import Daemon

/// Accounts on several surfaces are one person.
@Suite struct AccountTests {
    /// mia's other account is eve's number 1004, which the settings do not list.
    private func linked(_ body: (PeopleFixture, PersonID, AccountLinking) async throws -> Void) async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let mia = try #require(try await fixture.come(1002))
        let linking = AccountLinking(people: fixture.people)
        let code = try await linking.makeCode(for: mia).code
        #expect(try await linking.redeem(code.lowercased(), user: 1004).id == mia)
        try await body(fixture, mia, linking)
    }

    @Test func aLinkedAccountIsThePersonAndHasThePersonsRole() async throws {
        try await linked { (fixture, mia, linking) async throws -> Void in
            #expect(try await fixture.come(1004) == mia)
            #expect(try await fixture.role(mia) == .member)
            fixture.settings.replace(with: PeopleFixture.settings(admins: ["adam", "mia"]))
            #expect(try await fixture.come(1004) == mia)
            #expect(try await fixture.role(mia) == .admin, "the person's own name counts")
            fixture.settings.replace(with: PeopleFixture.settings(members: []))
            #expect(try await fixture.come(1004) == nil)
            #expect(try await fixture.come(1002) == nil)
            let events = try await fixture.events()
            #expect(events.contains("account.code_made") && events.contains("account.linked"))
        }
    }

    @Test func theSettingsWordOnAnAccountIsOverALink() async throws {
        try await linked { (fixture, mia, linking) async throws -> Void in
            fixture.settings.replace(with: PeopleFixture.settings(members: ["mia", "max", "eve"]))
            let eve = try #require(try await fixture.come(1004))
            #expect(eve != mia)
            #expect(try await fixture.role(eve) == .member)
            fixture.settings.replace(with: PeopleFixture.settings())
            try await fixture.people.reconcile()
            #expect(try await fixture.come(1004) == mia)
            #expect(try await fixture.role(eve) == nil, "one account, one person at a time")
        }
    }

    @Test func aNumberThatWentToAnotherNameIsNoLongerLinked() async throws {
        try await linked { (fixture, mia, linking) async throws -> Void in
            fixture.users.set(1004, to: "zoe")
            #expect(try await fixture.come(1004) == nil)
            fixture.users.set(1004, to: "eve")
            #expect(try await fixture.come(1004) == nil, "and does not come back by itself")
            #expect(try await fixture.events().last == "account.unlinked")
        }
    }

    @Test func unlinkingIsThePersonsAndTheAdmins() async throws {
        try await linked { (fixture, mia, linking) async throws -> Void in
            let (adam, max) = (try #require(try await fixture.come(1001)), try #require(try await fixture.come(1003)))
            let now = WallClock.system.now()
            try await fixture.database.saveBrowserSession(
                BrowserSessionRecord(
                    digest: "d", person: mia, issuer: nil, created: now, seen: now,
                    expires: now.advanced(by: .seconds(600))))
            await #expect(throws: ChatError.self) { try await fixture.people.unlink("eve", by: max) }
            await #expect(throws: ChatError.self) { try await fixture.people.unlink("slack:eve", by: mia) }
            _ = try await fixture.people.unlink("os:eve", by: adam)
            #expect(try await fixture.come(1004) == nil)
            #expect(try await fixture.database.browserSession("d") == nil, "a sign-in may have come through it")
            await #expect(throws: ChatError.self) { try await fixture.people.unlink("eve", by: mia) }
        }
    }

    @Test func aCodeWorksOnceForATimeAndWithoutMuchGuessing() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        fixture.users.set(1005, to: "fay")
        let mia = try #require(try await fixture.come(1002))
        let linking = AccountLinking(people: fixture.people)
        let first = try await linking.makeCode(for: mia).code
        #expect(first.count == 11)
        let second = try await linking.makeCode(for: mia).code
        await #expect(throws: ChatError.self, "a new one voids the last") {
            try await linking.redeem(first, user: 1004)
        }
        #expect(try await linking.redeem(second, user: 1004).id == mia)
        await #expect(throws: ChatError.self, "used up") { try await linking.redeem(second, user: 1005) }
        await #expect(throws: ChatError.self, "linked already") {
            try await linking.redeem(try await linking.makeCode(for: mia).code, user: 1004)
        }
        try await fixture.database.saveLinkCode(
            "OLDCODE123", of: mia, expires: WallClock.system.now().advanced(by: .seconds(-1)))
        await #expect(throws: ChatError.self, "too late") { try await linking.redeem("OLDCODE123", user: 1005) }

        // Many at once are many: the right one comes too late among them.
        let right = try await linking.makeCode(for: mia).code
        let refusals = await withTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                group.addTask {
                    do { return try await linking.redeem("WRONG\(number)", user: 1005).name } catch {
                        return (error as? ChatError)?.message ?? "\(error)"
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(refusals.filter { $0.contains("wrong, used up") }.count == AccountLinking.guesses - 2)
        let late = await #expect(throws: ChatError.self) { try await linking.redeem(right, user: 1005) }
        #expect(late?.message.contains("Try again in 10 minutes") == true)
        #expect(try await fixture.come(1005) == nil)
        // The store has no code in it.
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder)
        for file in files where file.hasPrefix("bulkhead.sqlite") {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/" + file))
            #expect(bytes.range(of: Data(right.filter { $0 != "-" }.utf8)) == nil, "\(file)")
        }
    }

    @Test func nobodyWithALifeOfTheirOwnBecomesAnother() async throws {
        let fixture = try await PeopleFixture(settings: PeopleFixture.settings(others: .member))
        defer { fixture.close() }
        let mia = try #require(try await fixture.come(1002))
        let eve = try #require(try await fixture.come(1004))
        let linking = AccountLinking(people: fixture.people)
        // Listed by name, root, and mia's own account.
        for (user, words) in [(UInt32(1003), "in the settings"), (0, "in the settings"), (9999, "knows no user")] {
            let refusal = await #expect(throws: ChatError.self) {
                try await linking.redeem(try await linking.makeCode(for: mia).code, user: user)
            }
            #expect(refusal?.message.contains(words) == true, "\(user)")
        }
        fixture.users.set(1005, to: "fay")
        let fay = try #require(try await fixture.come(1005))
        await #expect(throws: ChatError.self, "one's own") {
            try await linking.redeem(try await linking.makeCode(for: fay).code, user: 1005)
        }
        _ = try await fixture.database.acceptInbound(
            InboundDraft(
                channel: try await fixture.database.dmChannel(of: eve).id, author: eve, text: "hi", surface: "cli",
                eventID: "1"))
        let refusal = await #expect(throws: ChatError.self) {
            try await linking.redeem(try await linking.makeCode(for: mia).code, user: 1004)
        }
        #expect(refusal?.message.contains("two histories are not made one") == true)
        #expect(try await fixture.come(1004) == eve)
        // One who has been seen, and nothing more, is put aside.
        #expect(try await linking.redeem(try await linking.makeCode(for: mia).code, user: 1005).id == mia)
        #expect(try await fixture.come(1005) == mia)
        #expect(try await fixture.role(fay) == nil)
    }

    @Test func aVerifiedAddressIsItsPersons() async throws {
        let text =
            "people: {owner: olga, members: [mia, max], addresses: {mia: [Mia@Example.com], max: [max@example.com]}}"
        let fixture = try await PeopleFixture(settings: try Settings.parse(text, file: "/f").people)
        defer { fixture.close() }
        let account = SurfaceAccount(surface: "slack", account: "U1", label: "mia.k")
        func whose(_ address: String?, verified: Bool = true) async throws -> PersonID {
            try await fixture.people.person(
                of: account, address: address.map { AccountAddress(text: $0, isVerified: verified) })
        }
        for address in [
            "mia@example.org", "mia@example.com ", "\"mia\"@example.com", "mia@example.com,max@example.com", "",
        ] {
            await #expect(throws: ChatError.self, "\(address)") { try await whose(address) }
        }
        await #expect(throws: ChatError.self) { try await whose("mia@example.com", verified: false) }
        await #expect(throws: ChatError.self) { try await whose(nil) }
        let mia = try await whose("MIA@example.com")
        #expect(try await fixture.database.person(mia)?.name == "mia")
        #expect(try await whose("mia@example.com") == mia)
        #expect(try await fixture.events().filter { $0 == "account.linked" }.count == 1)
        // What was verified once is not for ever.
        await #expect(throws: ChatError.self) { try await whose("mia@example.com", verified: false) }
        #expect(try await fixture.database.account("U1", on: "slack") == nil)
        fixture.settings.replace(with: PeopleFixture.settings())
        await #expect(throws: ChatError.self) { try await whose("mia@example.com") }
    }

    @Test(arguments: [
        "{mia: [a@b.de], max: [A@b.de]}", "{mia: [a@b.de, a@b.de]}", "{mia: a@b.de}", "{mia: [a]}", "{mia: [a@b@c.de]}",
        "{mia: [\"a b@c.de\"]}", "[a]", "{\"-x\": [a@b.de]}", "{mia: [ä@b.de]}", "{mia: [a@localhost]}",
    ])
    func addressesAreReadStrictly(_ text: String) {
        #expect(throws: SettingsError.self) { try Settings.parse("people: {addresses: \(text)}", file: "/f") }
    }
}
