internal import MCP
package import NetworkRules
package import Store

/// Where a secret may go: to these hosts, and there into these places of a request. Empty hosts: nowhere outside.
package struct SecretBinding: Hashable, Sendable {
    package var hosts: [EgressEntry]
    /// Empty: the header `authorization` alone.
    package var places: Set<SecretPlace>

    package init(hosts: [EgressEntry] = [], places: Set<SecretPlace> = []) {
        self.hosts = hosts
        self.places = places
    }

    /// As people write it: hosts as `EgressEntry` reads them, places as `SecretPlace` does. Throws `VaultError`.
    package init(hosts: [String], places: [String]) throws {
        guard hosts.count <= 32, places.count <= 32 else {
            throw VaultError(.invalid, "A secret is bound to at most 32 hosts and 32 places.")
        }
        self.hosts = try hosts.map { line in
            do {
                return try EgressEntry(line: line)
            } catch {
                throw VaultError(.invalid, "A secret cannot be bound to that host: \(error)")
            }
        }
        self.places = Set(try places.map { try SecretPlace(written: $0) })
    }

    package var effectivePlaces: Set<SecretPlace> { places.isEmpty ? [.header("authorization")] : places }

    /// Canonical: one text for one binding.
    var stored: String {
        let json: JSONObject = [
            "hosts": .array(hosts.map { .string($0.description) }),
            "places": .array(places.map(\.description).sorted().map { .string($0) }),
        ]
        return String(decoding: json.canonical(), as: UTF8.self)
    }

    /// What `stored` wrote; throws for anything else, since it would be held to something nobody said.
    init(stored text: String) throws {
        guard let json = try? JSONValue(parsing: Array(text.utf8)), let hosts = json["hosts"]?.arrayValue,
            let places = json["places"]?.arrayValue
        else { throw VaultError(.key, "What a secret is bound to cannot be read from the database.") }
        try self.init(hosts: hosts.map { $0.stringValue ?? "" }, places: places.map { $0.stringValue ?? "" })
        guard stored == text else {
            throw VaultError(.key, "What a secret is bound to is not as it was stored.")
        }
    }
}

/// A place of a request that a secret may be put in.
package enum SecretPlace: Hashable, Sendable, CustomStringConvertible {
    /// Of that name, in lower case.
    case header(String)
    /// The value of the query parameter of that name, as it stands there.
    case query(String)
    case body

    /// `body`, `header:NAME`, `query:NAME`.
    package init(written text: String) throws(VaultError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.count == 2 ? String(parts[1]) : ""
        let isToken =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
        switch (parts[0], parts.count) {
        case ("body", 1): self = .body
        case ("header", 2) where isToken && !Self.framing.contains(name.lowercased()):
            self = .header(name.lowercased())
        case ("query", 2) where isToken: self = .query(name)
        default:
            throw VaultError(
                .invalid,
                "\(text.prefix(80)) is no place for a secret: body, header:NAME or query:NAME is, and not a header that "
                    + "frames the request.")
        }
    }

    /// Headers that say where a request goes and where it ends.
    private static let framing: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect",
    ]

    package var description: String {
        switch self {
        case .header(let name): "header:\(name)"
        case .query(let name): "query:\(name)"
        case .body: "body"
        }
    }
}

extension SecretBinding {
    /// As it stands in the row; throws where nobody wrote that here.
    package init(_ record: SecretRecord) throws {
        try self.init(stored: record.binding)
    }
}
