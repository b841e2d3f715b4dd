import Glibc
import MCP

/// A file as it was when somebody looked: what an approval is held to.
package struct BoundFile: Hashable, Sendable {
    /// Absolute.
    package var path: String
    /// SHA-256 in hexadecimal; `nil` where there is no such file.
    package var digest: String?
    package var bytes: Int64

    package init(path: String, digest: String?, bytes: Int64) {
        self.path = path
        self.digest = digest
        self.bytes = bytes
    }

    var json: JSONValue {
        ["path": .string(path), "sha256": digest.map(JSONValue.string) ?? .null, "bytes": .int(bytes)]
    }

    /// Of all files of one look together.
    static let maximumBytes: Int64 = 64 << 20

    /// `nil` where the file is larger than `limit`.
    static func digest(of file: OpenFile, limit: Int64) throws(ToolProblem) -> (digest: String, bytes: Int64)? {
        guard try file.status().st_size <= limit else { return nil }
        var digest = SHA256()
        // Not up to the size it had: it may be growing.
        var offset: Int64 = 0
        while true {
            let piece = try file.read(at: offset, count: 1 << 20)
            if piece.isEmpty { return (digest.finish(), offset) }
            offset += Int64(piece.count)
            guard offset <= limit else { return nil }
            digest.update(piece)
        }
    }
}

/// What the host wants a call to find: arguments of the host's own, unknown to agents (no schema has them). Checked right
/// before the call does its work, so that little time is left in between.
enum Expectation {
    static let key = "expect"

    /// `nil` where the host expects nothing.
    static func read(_ arguments: Arguments) throws(ToolProblem) -> [String: String?]? {
        guard try arguments.has(key) else { return nil }
        var files: [String: String?] = [:]
        for item in try arguments.array(key) {
            guard let path = item["path"]?.stringValue else {
                throw ToolProblem("\"\(key)\" has an item without a path.")
            }
            files.updateValue(item["sha256"]?.stringValue, forKey: path)
        }
        return files
    }

    static func require(_ found: [BoundFile], as expected: [String: String?]) throws(ToolProblem) {
        for file in found {
            guard let digest = expected[file.path] else { throw changed(file.path) }
            guard digest == file.digest else { throw changed(file.path) }
        }
        let paths = Set(found.map(\.path))
        for path in expected.keys.sorted() where !paths.contains(path) { throw changed(path) }
    }

    static func changed(_ path: String) -> ToolProblem {
        ToolProblem("\(path) changed after it was approved; nothing was done. Ask again.")
    }
}
