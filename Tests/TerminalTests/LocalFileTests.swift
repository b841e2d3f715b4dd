import Foundation
import Glibc
import Settings
import Terminal
import Testing

@Suite struct LocalFileTests {
    @Test(arguments: [
        ("report.csv", "report.csv"), ("../../etc/passwd", "passwd"), (".bashrc", "bashrc"), ("-rf", "rf"),
        ("", "file"),
        ("/", "file"), ("a\u{202E}b\u{1B}.txt", "ab.txt"), ("..", "file"), ("üöä 日本.md", "üöä 日本.md"),
    ])
    func namesFromOutsideAreNamesOfFilesHere(name: String, safe: String) {
        #expect(LocalFile.safeName(name) == safe)
    }

    @Test func neverWritesOverAFileNorThroughALink() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a"
        try LocalFile.write([1, 2], to: path)
        #expect(try LocalFile.read(path).bytes == [1, 2])
        let taken = #expect(throws: TerminalError.self) { try LocalFile.write([3], to: path) }
        #expect(taken?.message.contains("exists already") == true)
        symlink("/nowhere", folder.path + "/link")
        #expect(throws: TerminalError.self) { try LocalFile.write([3], to: folder.path + "/link") }
        #expect(throws: TerminalError.self) { try LocalFile.read(folder.path) }
        mkfifo(folder.path + "/pipe", 0o600)
        #expect(throws: TerminalError.self) { try LocalFile.read(folder.path + "/pipe") }
        let missing = #expect(throws: TerminalError.self) { try LocalFile.read(folder.path + "/none") }
        #expect(missing?.message.contains("No such file") == true)
    }

    @Test func theConfigurationIsFoundFromBelow() throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path + "/.bulkhead", 0o700)
        mkdir(folder.path + "/deep", 0o700)
        try LocalFile.write(Array("console:\n  port: 9000\n".utf8), to: folder.path + "/.bulkhead/bulkhead.yaml")
        let found = try DaemonLocation.find(
            config: nil, socket: nil, environment: { _ in nil }, workingDirectory: folder.path + "/deep")
        #expect(found.settings?.console.port == 9000)
        #expect(found.consoleSocket.hasSuffix("/console.sock"))
        let named = try DaemonLocation.find(config: nil, socket: "/run/x/console.sock", environment: { _ in nil })
        #expect(named.mcpSocket == "/run/x/mcp.sock" && named.settings == nil)
        let environment = ["BULKHEAD_SOCKET": "/run/y/console.sock"]
        #expect(
            try DaemonLocation.find(config: nil, socket: nil, environment: { environment[$0] }).consoleSocket
                == "/run/y/console.sock")
        let none = #expect(throws: TerminalError.self) {
            try DaemonLocation.find(
                config: nil, socket: nil, environment: { _ in nil }, workingDirectory: "/nowhere/at/all")
        }
        #expect(none?.exitStatus == 2)
    }
}

/// Removed with the last reference to it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/bulkhead-terminal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TerminalError(.file, "no temporary directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
