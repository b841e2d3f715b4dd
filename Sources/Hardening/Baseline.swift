internal import Crypto
internal import Glibc
internal import MCP
package import Model

package struct BaselineError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// The facts an operator has accepted: a file of root's beside the configuration.
package struct Baseline: Sendable {
    package static let name = "security.baseline.json"

    package var accepted: Timestamp
    package var by: String
    package var facts: HostFacts

    package init(accepted: Timestamp, by: String, facts: HostFacts) {
        self.accepted = accepted
        self.by = by
        self.facts = facts
    }

    package var text: [UInt8] {
        var areas = JSONObject()
        for area in HostFacts.Area.allCases {
            areas[area.rawValue] = .object(
                JSONObject(facts[area].sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }))
        }
        let value: JSONObject = [
            "version": 1, "accepted": .int(accepted.milliseconds), "by": .string(by), "facts": .object(areas),
        ]
        return Array(JSONValue.object(value).prettyText.utf8) + [UInt8(ascii: "\n")]
    }

    /// SHA-256 of the text, for the audit.
    package var digest: String {
        SHA256.hash(data: text).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// `nil` where there is none. One that others than root could have written is refused: it would accept anything.
    package static func load(_ path: String) throws(BaselineError) -> Baseline? {
        guard let file = FileFact(path) else { return nil }
        guard file.kind == "file", file.uid == 0, file.mode & 0o022 == 0 else {
            throw BaselineError(
                description:
                    "\(path) is \(file.words): a baseline has to be a file of root's that nobody else can write. "
                    + "Take it away, look at the host, and accept a new one.")
        }
        guard let bytes = SystemFile.bytes(path), let value = try? JSONValue(parsing: bytes),
            value["version"]?.intValue == 1, let time = value["accepted"]?.intValue, let by = value["by"]?.stringValue,
            let areas = value["facts"]?.objectValue
        else {
            throw BaselineError(
                description:
                    "\(path) is no baseline of this version. Take it away, look at the host, and accept a new one.")
        }
        var facts = HostFacts()
        for (name, members) in areas {
            guard let area = HostFacts.Area(rawValue: name) else { continue }
            for (key, fact) in members.objectValue ?? [:] { facts[area, key] = fact.stringValue }
        }
        return Baseline(accepted: Timestamp(milliseconds: time), by: by, facts: facts)
    }

    /// In place of the old one, whole or not at all.
    package func write(_ path: String) throws(BaselineError) {
        let fresh = path + ".new"
        func failed(_ what: String) -> BaselineError {
            BaselineError(description: "\(path) cannot be \(what): \(String(cString: strerror(errno)))")
        }
        unlink(fresh)
        let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failed("written") }
        defer { close(file) }
        var rest = text[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failed("written") }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0, rename(fresh, path) == 0 else { throw failed("put in place") }
    }
}
