import Glibc
import MCP
import Testing
import WorkspaceTools

/// A workspace in a folder of its own, with the server as the harness sees it; removed at the end.
final class TemporaryWorkspace: Sendable {
    let root: String
    let server: WorkspaceServer

    init() throws {
        var template = Array("/tmp/bulkhead-workspace-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for folder in ["thread", "session", "user"] { try #require(mkdir("\(root)/\(folder)", 0o755) == 0) }
        server = WorkspaceServer(
            workspace: try Workspace(root: root), environment: ["PATH": "/usr/bin:/bin", "LD_PRELOAD": "/nonexistent"])
    }

    deinit {
        // Only what the test made, by name and without following links.
        Self.remove(root)
    }

    var thread: String { "\(root)/thread" }

    func call(_ name: String, _ arguments: JSONObject) async throws -> CallToolResult {
        try await server.callTool(name, arguments: arguments, context: RequestContext(requestID: "1"))
    }

    /// The result's text; fails the test where the tool failed.
    func text(_ name: String, _ arguments: JSONObject) async throws -> String {
        let result = try await call(name, arguments)
        #expect(!result.isError, "\(name): \(result.text.prefix(500))")
        return result.text
    }

    func failure(_ name: String, _ arguments: JSONObject) async throws -> String {
        let result = try await call(name, arguments)
        #expect(result.isError, "\(name) should have failed: \(result.text.prefix(500))")
        return result.text
    }

    func bash(_ command: String, timeout: Int = 60) async throws -> String {
        try await call("bash", ["command": .string(command), "timeout_seconds": .int(Int64(timeout))]).text
    }

    func put(_ path: String, _ bytes: [UInt8]) throws {
        let file = open("\(thread)/\(path)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(file >= 0)
        defer { close(file) }
        try #require(write(file, bytes, bytes.count) == bytes.count)
    }

    func put(_ path: String, _ text: String) throws { try put(path, Array(text.utf8)) }

    func content(_ path: String) throws -> String {
        let file = open("\(thread)/\(path)", O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }

    private static func remove(_ path: String) {
        guard unlink(path) != 0, let folder = opendir(path) else { return }
        defer { rmdir(path) }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { remove("\(path)/\(name)") }
        }
    }
}
