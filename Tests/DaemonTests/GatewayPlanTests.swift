import Foundation
import Model
import ModelGateway
import Settings
import Testing

@testable import Daemon

@Suite struct GatewayPlanTests {
    private func plan(_ yaml: String, key: String? = nil) throws -> GatewayConfiguration {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plan-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "key").path
        if let key {
            #expect(
                FileManager.default.createFile(
                    atPath: file, contents: Data(key.utf8), attributes: [.posixPermissions: 0o600]))
        }
        let settings = try Settings.parse("model: {\(yaml)}\n", file: "/etc/b/x.yaml")
        return try GatewayPlan(settings.model, key: ModelKey(file: file)).configuration
    }

    @Test func theSimpleKeysNameOneTargetThatMaySeeAll() throws {
        for (key, provider) in [(nil, "offline"), ("sk-x", "anthropic")] as [(String?, String)] {
            let configuration = try plan("", key: key)
            for targets in configuration.targets.values {
                #expect(targets.map(\.provider) == [provider])
                #expect(targets.map(\.labels) == [[.private, .untrusted]])
            }
        }
    }

    @Test func aServerIsNamedOnceAndServesManyTiers() throws {
        let configuration = try plan(
            "openai: {url: 'http://x/v1'}, fast: {provider: openai, model: a}, best: {provider: openai, model: b}")
        #expect(configuration.targets[.fast]?.map(\.provider) == ["openai"])
        #expect(configuration.targets[.best]?.map(\.model) == ["b"])
        guard case .openAI(let server) = configuration.providers["openai"] else {
            Issue.record("no server")
            return
        }
        #expect(server.baseURL == "http://x/v1")
    }

    @Test func targetsWithAddressesOfTheirOwnAreProvidersOfTheirOwn() async throws {
        let configuration = try plan(
            """
            balanced: {targets: [{provider: anthropic, model: c, labels: [private]},
              {provider: anthropic, model: c, labels: [], url: 'http://mirror'},
              {provider: openai, model: q, labels: [untrusted], url: 'http://y/v1', channels: [x], price: free}]}
            """, key: "sk-secret")
        let targets = try #require(configuration.targets[.balanced])
        #expect(targets.map(\.provider) == ["anthropic", "anthropic at http://mirror", "openai at http://y/v1"])
        #expect(targets.map(\.labels) == [[.private], [], [.untrusted]])
        #expect(targets[2].channels == ["x"])
        #expect(targets[2].price == "free")
        // The company's key is for the address it was given for.
        guard case .anthropic(let mirror) = configuration.providers["anthropic at http://mirror"] else {
            Issue.record("no mirror")
            return
        }
        #expect(try await mirror.key() == nil)
    }

    @Test(arguments: [
        "fast: {provider: openai, model: a}", "best: {targets: [{provider: openai, model: a, labels: []}]}",
        "best: {targets: [{provider: openai, model: a, labels: [], key_file: k}]}",
    ])
    func aServerThatNobodyNamedStopsTheStart(yaml: String) {
        #expect(throws: StartError.self) { try plan(yaml) }
    }
}
