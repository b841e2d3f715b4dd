import Foundation
import SlackAPI
import Testing

@Suite struct SlackSecretFileTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = "/tmp/bulkhead-secret-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private static func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func whatIsWrittenIsReadAndNobodyElses() throws {
        try Self.withFolder { folder in
            let file = SlackSecretFile(folder + "/slack-bot.token")
            #expect(try file.read() == nil)
            #expect(throws: SlackError.self) { try file.token(.bot) }
            try file.write("xoxb-1234567890")
            #expect(try file.read() == "xoxb-1234567890" && file.token(.bot).kind == .bot)
            #expect(try Self.mode(file.path) == 0o600)
            // A new one takes its place, whatever was left of an earlier try.
            try "half".write(toFile: file.path + ".new", atomically: false, encoding: .utf8)
            try file.write("xoxb-0987654321")
            #expect(try file.read() == "xoxb-0987654321")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["slack-bot.token"])
            let wrongKind = #expect(throws: SlackError.self) { try file.token(.app) }
            #expect(wrongKind?.kind == .auth && wrongKind?.message.contains("0987654321") == false)
        }
    }

    @Test func whatOthersCanReadIsNotUsed() throws {
        try Self.withFolder { folder in
            let file = SlackSecretFile(folder + "/token")
            try file.write("xoxb-1234567890")
            for mode in [0o640, 0o604, 0o620, 0o666] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
                #expect(throws: SlackSecretFile.Failure.self) { try file.read() }
            }
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: folder + "/token")
            #expect(throws: SlackSecretFile.Failure.self) { try SlackSecretFile(folder + "/link").read() }
            #expect(throws: SlackSecretFile.Failure.self) { try SlackSecretFile(folder).read() }
            #expect(throws: SlackSecretFile.Failure.self) { try SlackSecretFile(folder + "/none/x").write("x") }
        }
    }
}
