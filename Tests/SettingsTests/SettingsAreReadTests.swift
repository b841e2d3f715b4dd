import Foundation
import Testing

@testable import Settings

/// A limit that is declared and read by nobody protects nobody.
@Suite struct SettingsAreReadTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(in directory: String, suffix: String) throws -> String {
        let folder = root.appending(path: directory)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(suffix) }
        return try names.map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }.joined()
    }

    @Test func everySettingIsReadByTheDaemonOrTheScripts() throws {
        let daemon = try Self.text(in: "Sources/Daemon", suffix: ".swift")
        let scripts = try Self.text(in: "scripts", suffix: ".sh")
        // Paths made of settings: `consoleSocket`.
        let paths = try Self.text(in: "Sources/Settings", suffix: "+Paths.swift")
        for key in Settings.keys {
            let parts = key.property.split(separator: ".")
            // `settings.console.port`; or, of a section that was passed on, `settings.owner`.
            let byDaemon = daemon.contains("settings.\(key.property)") || daemon.contains("settings.\(parts[1])")
            let byOthers = paths.contains(key.property) || scripts.contains(key.name)
            #expect(byDaemon || byOthers, "nobody reads \(key.name)")
        }
    }

    @Test func propertiesAreKnownByName() {
        let names = Dictionary(uniqueKeysWithValues: Settings.keys.map { ($0.name, $0.property) })
        #expect(names["session.idle_end"] == "session.idleEnd")
        #expect(names["model.fast.provider"] == "model.fast.provider")
    }
}
