package import MCP

/// What a call would work on, as it is at one moment: shown to the people who are asked, stored with their answer, and
/// collected again before the call runs, which it does only where the two are equal.
package struct Evidence: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package var path: String
        /// SHA-256 in hexadecimal; `nil` where there is no such file.
        package var digest: String?
        package var bytes: Int64

        package init(path: String, digest: String?, bytes: Int64) {
            self.path = path
            self.digest = digest
            self.bytes = bytes
        }
    }

    package struct Unbound: Hashable, Sendable {
        package var path: String
        package var why: String

        package init(path: String, why: String) {
            self.path = path
            self.why = why
        }
    }

    /// Of the tool as it was declared (name, description, schema): another one was not agreed to.
    package var tool: String?
    /// Where a command would run.
    package var directory: String?
    package var files: [File]
    /// What the call names and nobody is held to.
    package var unbound: [Unbound]
    /// What an edit changes, line by line.
    package var details: String?

    package init(
        tool: String? = nil, directory: String? = nil, files: [File] = [], unbound: [Unbound] = [],
        details: String? = nil
    ) {
        self.tool = tool
        self.directory = directory
        self.files = files
        self.unbound = unbound
        self.details = details
    }

    /// A command that names no file, where commands begin.
    package var isCommandAlone: Bool {
        files.isEmpty && unbound.isEmpty && (directory == nil || directory == "/workspace/thread")
    }

    /// In words, for what is no longer as it was.
    package func difference(from earlier: Evidence) -> String? {
        guard self != earlier else { return nil }
        if tool != earlier.tool { return "the tool itself" }
        if directory != earlier.directory { return "the folder it runs in" }
        let before = Dictionary(earlier.files.map { ($0.path, $0) }) { $1 }
        let now = Dictionary(files.map { ($0.path, $0) }) { $1 }
        let changed = Set(before.keys).union(now.keys).sorted().filter { before[$0] != now[$0] }
        return changed.isEmpty ? "what it works on" : changed.prefix(5).joined(separator: ", ")
    }

    /// As people read it; `nil` where there is nothing to show.
    package var text: String? {
        var lines: [String] = directory.map { ["runs in \($0)"] } ?? []
        for file in files {
            let state = file.digest.map { "\(file.bytes) bytes, sha256 \($0.prefix(16))…" } ?? "not there yet"
            lines.append("\(file.path): \(state)")
        }
        lines += unbound.map { "not bound: \($0.path) (\($0.why))" }
        if let details { lines.append(details) }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}

extension Evidence {
    package var json: JSONObject {
        var json: JSONObject = [:]
        json["tool"] = tool.map(JSONValue.string)
        json["directory"] = directory.map(JSONValue.string)
        json["files"] = filesJSON
        json["unbound"] = .array(unbound.map { ["path": .string($0.path), "why": .string($0.why)] })
        json["details"] = details.map(JSONValue.string)
        return json
    }

    package var filesJSON: JSONValue {
        .array(
            files.map {
                ["path": .string($0.path), "sha256": $0.digest.map(JSONValue.string) ?? .null, "bytes": .int($0.bytes)]
            })
    }

    /// `nil` for what is none: whoever reads it back must not take half of it for the whole.
    package init?(json: JSONValue) {
        guard let files = json["files"]?.arrayValue else { return nil }
        self.init(
            tool: json["tool"]?.stringValue, directory: json["directory"]?.stringValue,
            details: json["details"]?.stringValue)
        for item in files {
            guard let path = item["path"]?.stringValue, let bytes = item["bytes"]?.intValue else { return nil }
            self.files.append(File(path: path, digest: item["sha256"]?.stringValue, bytes: bytes))
        }
        for item in json["unbound"]?.arrayValue ?? [] {
            guard let path = item["path"]?.stringValue, let why = item["why"]?.stringValue else { return nil }
            unbound.append(Unbound(path: path, why: why))
        }
    }
}
