import Foundation
import Testing

@testable import Settings

@Suite struct SettingsReloadTests {
    @Test func aReloadAppliesWhatItCanAndNamesTheRest() throws {
        var settings = try Settings.parse("console: {port: 1}\n", file: "/f.yaml")
        let new = try Settings.parse("console: {port: 2}\nlog: {level: debug}\ntools: {timeout: 5s}\n", file: "/f.yaml")
        let result = settings.reload(from: new)
        #expect(result == SettingsReload(applied: ["tools.timeout"], needsRestart: ["console.port", "log.level"]))
        #expect(settings.log.level == .notice)
        #expect(settings.tools.timeout == .seconds(5))
        #expect(settings.console.port == 1)
        #expect(settings.reload(from: new).applied.isEmpty)
    }

    @Test func aBrokenFileChangesNothing() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try "tools: {timeout: 1m}\n".write(to: file, atomically: true, encoding: .utf8)
        var settings = try Settings.load(path: file.path)
        let before = settings
        try "tools: {timeout: 2m}\nconsole: {port: x}\n".write(to: file, atomically: true, encoding: .utf8)
        #expect(throws: SettingsError.self) { try settings.reload() }
        #expect(settings == before)
        try "tools: {timeout: 2m}\n".write(to: file, atomically: true, encoding: .utf8)
        #expect(try settings.reload().applied == ["tools.timeout"])
    }

    @Test func aValueCanBeAskedForByName() throws {
        let settings = try Settings.parse("containers: {memory: 2048MiB}\nlog: {level: debug}\n", file: "/f.yaml")
        #expect(settings.text(of: "containers.memory") == "2GiB")
        #expect(settings.text(of: "log.level") == "debug")
        #expect(settings.text(of: "people.admins") == "[]")
        #expect(settings.text(of: "data.directory") == "/data")
        #expect(settings.text(of: "nothing.here") == nil)
        #expect(Settings.names.count == Settings.keys.count)
    }
}
