import Audit
import Foundation
import MCP
import Model
import NetworkRules
import Store
import Testing
import ToolServers
import Vault

/// The tools, and that a value is nowhere but where it was asked for.
@Suite struct SecretServerTests {
    private let value = "s3cr3t-value-0123456789"

    @Test func whatIsPutIsKeptForThePersonAloneAndNotEchoed() async throws {
        let fixture = try await Fixture()
        let server = SecretServer(vault: fixture.vault) { _, _ in true }
        let answer = try await server.call(
            "secret_put", arguments: ["name": "token", "value": .string(value), "hosts": ["api.example.com"]],
            context: fixture.context(fixture.anna, in: fixture.sales))
        #expect(!answer.isError && answer.text.contains("api.example.com") && !answer.text.contains(value))
        let list = try await server.call(
            "secret_list", arguments: [:], context: fixture.context(fixture.anna, in: fixture.sales))
        #expect(list.text.contains("token (own)") && !list.text.contains(value))
        let others = try await server.call(
            "secret_list", arguments: [:], context: fixture.context(fixture.ben, in: fixture.sales))
        #expect(!others.text.contains("token"))
        for row in try await fixture.audit.rows(matching: AuditFilter()) {
            #expect(!"\(row)".contains(value))
        }
    }

    @Test func anAgentReplacesNothingAndShadowsNothing() async throws {
        let fixture = try await Fixture()
        let server = SecretServer(vault: fixture.vault) { _, _ in true }
        try await fixture.set("own", "of before", .person(fixture.anna.id))
        try await fixture.set("all", "of before", .company)
        for name in ["own", "all"] {
            let answer = try await server.call(
                "secret_put", arguments: ["name": .string(name), "value": "planted", "hosts": ["evil.example"]],
                context: fixture.context(fixture.anna, in: fixture.sales))
            #expect(answer.isError && answer.text.contains("bulkhead secret set"))
            #expect(try await fixture.read(name, for: fixture.anna, in: fixture.sales) == "of before")
        }
        #expect(try await fixture.database.secrets().count == 2)
    }

    @Test func anAgentBindsToNoHostThatWasNotGranted() async throws {
        let fixture = try await Fixture()
        let context = fixture.context(fixture.anna, in: fixture.sales)
        let granted = SecretServer(vault: fixture.vault) { entry, context in
            entry.description.contains("api.example.com") && context.session == SessionID(trusted: "session")
        }
        let attempts: [(SecretServer, JSONValue)] = [
            (SecretServer(vault: fixture.vault), ["api.example.com"]), (granted, ["evil.example"]),
            (granted, ["api.example.com", "evil.example"]),
        ]
        for (server, hosts) in attempts {
            let answer = try await server.call(
                "secret_put", arguments: ["name": "token", "value": .string(value), "hosts": hosts], context: context)
            #expect(answer.isError && answer.text.contains("was not granted here"))
            #expect(try await fixture.database.secrets().isEmpty)
        }
        let bound = try await granted.call(
            "secret_put",
            arguments: ["name": "token", "value": .string(value), "hosts": ["api.example.com"]], context: context)
        let unbound = try await SecretServer(vault: fixture.vault).call(
            "secret_put", arguments: ["name": "other", "value": .string(value)], context: context)
        #expect(!bound.isError && !unbound.isError)
    }

    @Test func whatIsReadTakesAWordAndIsOnRecord() async throws {
        let fixture = try await Fixture()
        let server = SecretServer(vault: fixture.vault)
        try await fixture.set("token", value, .person(fixture.anna.id))
        let context = fixture.context(fixture.anna, in: fixture.sales)
        let demand = try #require(
            try await server.demand(for: "secret_get", arguments: ["name": "token"], context: context))
        #expect(demand.word == .requester && demand.labels == .private && demand.reason.contains("token"))
        let without = try await server.call("secret_get", arguments: ["name": "token"], context: context)
        #expect(without.isError && !without.text.contains(value))
        let with = try await server.call(
            "secret_get", arguments: ["name": "token"],
            context: fixture.context(fixture.anna, in: fixture.sales, met: demand))
        #expect(with.text == value)
        let row = try #require(try await fixture.events("secret.read").first)
        #expect(row.details?["name"] == "token" && row.details?["use"] == "read")
        await #expect(throws: VaultError.self) {
            try await server.demand(for: "secret_get", arguments: ["name": "none"], context: context)
        }
        #expect(server.tools.first { $0.tool.name == "secret_get" }?.hasSecretResult == true)
    }

    @Test func onTheDiskThereIsNoValue() async throws {
        let fixture = try await Fixture()
        try await fixture.set("token", value, .company)
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales) == value)
        try await fixture.set("token", "next" + value, .company)
        let files = try #require(FileManager.default.enumerator(atPath: fixture.path))
        var looked = 0
        for case let name as String in files {
            guard let data = FileManager.default.contents(atPath: fixture.path + "/" + name) else { continue }
            looked += 1
            #expect(data.range(of: Data(value.utf8)) == nil, "\(name)")
            #expect(data.range(of: Data(Data(value.utf8).base64EncodedString().prefix(20).utf8)) == nil, "\(name)")
        }
        #expect(looked >= 3)
    }

    @Test func aVersionThatWasReplacedIsNotGivenOut() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.set("token", "one", .person(fixture.anna.id))
        let second = try await fixture.set("token", "two", .person(fixture.anna.id))
        #expect(second.id == first.id && second.version == 2)
        await #expect(throws: VaultError.self) {
            try await fixture.vault.value(
                of: first, for: .reading,
                context: fixture.context(
                    fixture.anna, in: fixture.sales,
                    met: ToolDemand(rule: "use of secrets", word: .requester, reason: "")))
        }
    }
}
