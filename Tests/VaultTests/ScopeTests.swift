import Audit
import MCP
import Model
import NetworkRules
import Store
import Testing
import ToolServers
import Vault

/// Who sees which secret where, whose word its use takes, and where it may go.
@Suite struct ScopeTests {
    @Test func anotherPersonsSecretIsAsIfItDidNotExist() async throws {
        let fixture = try await Fixture()
        let secret = try await fixture.set("token", "of anna's", .person(fixture.anna.id))
        for channel in [fixture.sales, fixture.legal] {
            #expect(try await fixture.vault.find("token", for: fixture.ben.id, in: channel.id) == nil)
            #expect(try await fixture.vault.find("token", for: fixture.anna.id, in: channel.id)?.id == secret.id)
            await #expect(throws: VaultError.self) {
                try await fixture.vault.value(
                    of: secret, for: .reading,
                    context: fixture.context(
                        fixture.ben, in: channel, met: ToolDemand(rule: "use of secrets", word: .admin, reason: "")))
            }
        }
        // The same words for what is not there and for what is another's; an admin's rank changes nothing.
        var answers: Set<String> = []
        for (name, person) in [("token", fixture.ben), ("token", fixture.root)] {
            do {
                _ = try await fixture.vault.demand(
                    for: [name], kind: .reading, context: fixture.context(person, in: fixture.sales))
                Issue.record("found")
            } catch let error as VaultError { answers.insert(error.message) }
        }
        #expect(answers.count == 1)
        for manager in [fixture.admin, SecretManager(person: fixture.ben.id, isAdmin: false)] {
            let error = await #expect(throws: VaultError.self) {
                try await fixture.vault.remove(secret.id, by: manager)
            }
            let none = await #expect(throws: VaultError.self) {
                try await fixture.vault.remove(SecretID(trusted: "none"), by: manager)
            }
            #expect(error == none)
            #expect(try await fixture.vault.secrets(for: manager).isEmpty)
        }
    }

    @Test func theClosestOfAName() async throws {
        let fixture = try await Fixture()
        try await fixture.set("token", "company", .company)
        try await fixture.set("token", "channel", .channel(fixture.sales.id))
        try await fixture.set("token", "anna", .person(fixture.anna.id))
        func found(_ person: PersonRecord, _ channel: ChannelRecord) async throws -> String? {
            try await fixture.read("token", for: person, in: channel)
        }
        #expect(try await found(fixture.anna, fixture.sales) == "anna")
        #expect(try await found(fixture.ben, fixture.sales) == "channel")
        #expect(try await found(fixture.ben, fixture.legal) == "company")
        // One that somebody granted never comes before what is there anyhow.
        try await fixture.set("token", "ben's", .person(fixture.ben.id))
        let bens = try #require(try await fixture.vault.find("token", for: fixture.ben.id, in: fixture.legal.id))
        #expect(
            try await fixture.vault.grant(
                bens.id, to: .channel(fixture.legal.id), by: fixture.manager(of: .person(fixture.ben.id))))
        #expect(try await found(fixture.root, fixture.legal) == "company")
    }

    @Test func whoseWordAUseTakes() async throws {
        let fixture = try await Fixture()
        try await fixture.set("own", "v", .person(fixture.anna.id))
        try await fixture.set("room", "v", .channel(fixture.sales.id))
        let company = try await fixture.set("all", "v", .company)
        func word(_ names: [String], _ kind: SecretUse.Kind) async throws -> ToolDemand.Word? {
            try await fixture.vault.demand(
                for: names, kind: kind, context: fixture.context(fixture.anna, in: fixture.sales))?.word
        }
        for (kind, own) in [
            (SecretUse.Kind.request, ToolDemand.Word?.none), (.environment, .requester), (.reading, .requester),
        ] {
            #expect(try await word(["own"], kind) == own)
            #expect(try await word(["room"], kind) == .admin)
            #expect(try await word(["all"], kind) == .admin)
            #expect(try await word(["own", "all"], kind) == .admin)
        }
        #expect(try await fixture.vault.grant(company.id, to: .person(fixture.anna.id), by: fixture.admin))
        #expect(try await word(["all"], .request) == nil)
        #expect(try await word(["all"], .environment) == .requester)
        #expect(try await fixture.vault.revoke(company.id, from: .person(fixture.anna.id), by: fixture.admin))
        #expect(try await word(["all"], .request) == .admin)
        let read = try await fixture.vault.demand(
            for: ["own"], kind: .reading, context: fixture.context(fixture.anna, in: fixture.sales))
        #expect(read?.labels == .private)
    }

    @Test func withoutTheWordThereIsNoValue() async throws {
        let fixture = try await Fixture()
        let secret = try await fixture.set("all", "v", .company, hosts: ["example.com"])
        let use = SecretUse.request(
            Authority(host: try #require(HostName("example.com")), port: 443), method: "GET", path: "/",
            place: .header("authorization"))
        for demand in [
            nil, ToolDemand(rule: "use of secrets", word: nil, reason: ""),
            ToolDemand(rule: "use of secrets", word: .requester, reason: ""),
        ] {
            await #expect(throws: VaultError.self) {
                try await fixture.vault.value(
                    of: secret, for: use, context: fixture.context(fixture.anna, in: fixture.sales, met: demand))
            }
        }
        #expect(try await fixture.events("secret.used").isEmpty)
        #expect(try await fixture.database.secret(secret.id)?.uses == 0)
        #expect(try await fixture.read("all", for: fixture.anna, in: fixture.sales, use: use) == "v")
        #expect(try await fixture.events("secret.used").count == 1)
        #expect(try await fixture.database.secret(secret.id)?.uses == 1)
    }

    /// By whom it let in, and not by the owner's own use.
    @Test func aGrantKnowsWhenItWasLastUsed() async throws {
        let fixture = try await Fixture()
        let secret = try await fixture.set("token", "v", .person(fixture.ben.id))
        let bens = fixture.manager(of: .person(fixture.ben.id))
        _ = try await fixture.vault.grant(secret.id, to: .person(fixture.anna.id), by: bens)
        _ = try await fixture.vault.grant(secret.id, to: .channel(fixture.legal.id), by: bens)
        func used() async throws -> [Bool] {
            try await fixture.database.secretGrants().sorted { ($0.person != nil) && ($1.person == nil) }
                .map { $0.lastUsed != nil }
        }
        #expect(try await fixture.read("token", for: fixture.ben, in: fixture.legal) == "v")
        #expect(try await used() == [false, false])
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales) == "v")
        #expect(try await used() == [true, false])
    }

    @Test func aGrantEndsWithWhoGaveIt() async throws {
        let fixture = try await Fixture()
        let secret = try await fixture.set("token", "v", .person(fixture.ben.id))
        let bens = fixture.manager(of: .person(fixture.ben.id))
        #expect(try await fixture.vault.grant(secret.id, to: .person(fixture.anna.id), by: bens))
        #expect(try await fixture.vault.grant(secret.id, to: .person(fixture.anna.id), by: bens) == false)
        #expect(try await fixture.vault.find("token", for: fixture.anna.id, in: fixture.sales.id) != nil)
        _ = try await fixture.database.deactivate(fixture.ben.id)
        #expect(try await fixture.vault.find("token", for: fixture.anna.id, in: fixture.sales.id) == nil)
        // Into a room one is not in nobody grants.
        let own = try await fixture.set("mine", "v", .person(fixture.anna.id))
        await #expect(throws: VaultError.self) {
            try await fixture.vault.grant(
                own.id, to: .channel(fixture.legal.id), by: fixture.manager(of: .person(fixture.anna.id)))
        }
    }

    @Test func whoMaySetWhat() async throws {
        let fixture = try await Fixture()
        let anna = SecretManager(person: fixture.anna.id, isAdmin: false)
        for scope in [SecretScope.company, .channel(fixture.sales.id), .person(fixture.ben.id)] {
            await #expect(throws: VaultError.self) { try await fixture.set("x", "v", scope, by: anna) }
        }
        await #expect(throws: VaultError.self) {
            try await fixture.set("x", "v", .person(fixture.anna.id), by: fixture.admin)
        }
        await #expect(throws: VaultError.self) {
            try await fixture.set("x", "v", .channel(ChannelID(trusted: "none")), by: fixture.admin)
        }
        for (name, value) in [
            ("x y", "v"), ("", "v"), ("1x", "v"), ("x", ""), ("x", "a\0b"),
            ("x", String(repeating: "v", count: 70_000)),
        ] {
            await #expect(throws: VaultError.self) {
                try await fixture.set(name, value, .person(fixture.anna.id), by: anna)
            }
        }
        #expect(try await fixture.database.secrets().isEmpty)
        #expect(try await fixture.events("secret.set").isEmpty)
    }

    @Test func nobodyPutsInAsMuchAsTheyLike() async throws {
        let fixture = try await Fixture()
        for number in 0..<Vault.maximumSecrets { try await fixture.set("s\(number)", "v", .person(fixture.ben.id)) }
        let many = await #expect(throws: VaultError.self) {
            try await fixture.set("more", "v", .person(fixture.ben.id))
        }
        #expect(many?.message.contains("100 secrets") == true)
        // Blanks, which the leak scan does not look for: that would take its time here.
        let long = String(repeating: " ", count: Vault.maximumBytes)
        for number in 0..<16 { try await fixture.set("long\(number)", long, .person(fixture.anna.id)) }
        let full = await #expect(throws: VaultError.self) {
            try await fixture.set("more", "v", .person(fixture.anna.id))
        }
        #expect(full?.message.contains("bytes") == true)
        // In place of one there is room, and others have their own.
        try await fixture.set("s0", "again", .person(fixture.ben.id))
        try await fixture.set("long0", "short", .person(fixture.anna.id))
        try await fixture.set("shared", "v", .company)
        #expect(try await fixture.database.secrets().count == 100 + 16 + 1)
    }

    @Test(
        arguments: [
            ("api.example.com", 443, "GET", "/v1/x", "header:authorization", true),
            ("api.example.com", 443, "GET", "/v1/x", "header:x-api-key", false),
            ("api.example.com", 443, "GET", "/v1/x", "body", false),
            ("api.example.com", 443, "GET", "/v1/x", "query:key", false),
            ("api.example.com", 443, "POST", "/v1/x", "header:authorization", false),
            ("api.example.com", 443, "GET", "/v2/x", "header:authorization", false),
            ("api.example.com", 8443, "GET", "/v1/x", "header:authorization", false),
            ("example.com", 443, "GET", "/v1/x", "header:authorization", false),
            ("evil.example", 443, "GET", "/v1/x", "header:authorization", false),
            ("other.test", 443, "PUT", "/any", "query:key", false),
            ("a.other.test", 443, "PUT", "/any", "header:authorization", true),
        ] as [(String, UInt16, String, String, String, Bool)])
    func itGoesWhereItIsBound(
        _ host: String, _ port: UInt16, _ method: String, _ path: String, _ place: String, _ goes: Bool
    ) async throws {
        let fixture = try await Fixture()
        try await fixture.set(
            "token", "v", .person(fixture.anna.id), hosts: ["api.example.com GET /v1/", "*.other.test"])
        let use = SecretUse.request(
            Authority(host: try #require(HostName(host)), port: port), method: method, path: path,
            place: try SecretPlace(written: place))
        if goes {
            #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales, use: use) == "v")
        } else {
            await #expect(throws: VaultError.self) {
                try await fixture.read("token", for: fixture.anna, in: fixture.sales, use: use)
            }
            #expect(try await fixture.events("secret.used").isEmpty)
        }
    }

    @Test func aValueWithLineBreaksGoesIntoNoHeader() async throws {
        let fixture = try await Fixture()
        try await fixture.set(
            "token", "a\r\nHost: evil", .person(fixture.anna.id), hosts: ["example.com"],
            places: ["body", "header:x-key"])
        let target = Authority(host: try #require(HostName("example.com")), port: 443)
        let header = SecretUse.request(target, method: "GET", path: "/", place: .header("x-key"))
        await #expect(throws: VaultError.self) {
            try await fixture.read("token", for: fixture.anna, in: fixture.sales, use: header)
        }
        let body = SecretUse.request(target, method: "GET", path: "/", place: .body)
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales, use: body) != nil)
    }

    @Test(arguments: [
        "host", "header", "header:", "header:Host", "header:content-length", "header:a b", "query:", "body:x", "",
    ])
    func whatIsNoPlaceIsRefused(_ text: String) {
        #expect(throws: VaultError.self) { try SecretPlace(written: text) }
    }
}
