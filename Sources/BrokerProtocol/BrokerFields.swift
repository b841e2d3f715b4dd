package import MCP
package import Model

/// Takes a JSON object's members one by one, and refuses what is left.
package struct BrokerFields {
    private let object: JSONObject
    private var taken: Set<String> = []

    package init(_ object: JSONObject) {
        self.object = object
    }

    package mutating func optional(_ key: String) -> JSONValue? {
        taken.insert(key)
        return object[key]
    }

    package mutating func value(_ key: String) throws(BrokerError) -> JSONValue {
        guard let value = optional(key) else { throw BrokerError(.invalid, "missing member \(key)") }
        return value
    }

    package mutating func text(_ key: String) throws(BrokerError) -> String {
        guard let text = try value(key).stringValue else { throw BrokerError(.invalid, "\(key) is not a string") }
        return text
    }

    /// A whole number within `range`.
    package mutating func number(_ key: String, in range: ClosedRange<Int64>) throws(BrokerError) -> Int64 {
        guard case .int(let number) = try value(key), range.contains(number) else {
            throw BrokerError(
                .invalid, "\(key) is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package mutating func nested(_ key: String) throws(BrokerError) -> BrokerFields {
        guard let object = try value(key).objectValue else { throw BrokerError(.invalid, "\(key) is not an object") }
        return BrokerFields(object)
    }

    package mutating func compartment() throws(BrokerError) -> CompartmentID {
        // 30 at most: the identifier is part of a container's name and of a socket's path.
        guard let id = CompartmentID(try text("compartment")), id.rawValue.utf8.count <= 30 else {
            throw BrokerError(.invalid, "not a compartment identifier")
        }
        return id
    }

    /// The name of a hook: 1 to 64 of a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit.
    package mutating func hook(_ key: String) throws(BrokerError) -> String {
        let name = try text(key)
        let plain = name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0)
        }
        guard (1...64).contains(name.utf8.count), plain, let first = name.utf8.first, first >= 48, first != 95 else {
            throw BrokerError(.invalid, "not the name of a hook")
        }
        return name
    }

    mutating func part() throws(BrokerError) -> CompartmentPart {
        guard let part = try optionalPart() else { throw BrokerError(.invalid, "missing member part") }
        return part
    }

    mutating func optionalPart() throws(BrokerError) -> CompartmentPart? {
        guard let value = optional("part") else { return nil }
        guard let part = value.stringValue.flatMap(CompartmentPart.init(rawValue:)) else {
            throw BrokerError(.invalid, "no such part of a compartment")
        }
        return part
    }

    mutating func optionalSession(_ key: String) throws(BrokerError) -> SessionID? {
        guard let value = optional(key) else { return nil }
        guard let id = value.stringValue.flatMap({ SessionID($0) }) else {
            throw BrokerError(.invalid, "not a session identifier")
        }
        return id
    }

    mutating func grant(_ key: String) throws(BrokerError) -> VolumeGrant {
        guard let object = try value(key).objectValue else { throw BrokerError(.invalid, "\(key) is not an object") }
        return try VolumeGrant(object)
    }

    mutating func grants(_ key: String) throws(BrokerError) -> [VolumeGrant] {
        guard let values = try value(key).arrayValue, values.count <= BrokerRequest.maximumVolumes else {
            throw BrokerError(.invalid, "\(key) is not an array of at most \(BrokerRequest.maximumVolumes) volumes")
        }
        var grants: [VolumeGrant] = []
        for value in values {
            guard let object = value.objectValue else { throw BrokerError(.invalid, "a volume is not an object") }
            grants.append(try VolumeGrant(object))
        }
        guard Set(grants.map(\.volume.kind)).count == grants.count else {
            throw BrokerError(.invalid, "two volumes for one place")
        }
        return grants
    }

    /// Refuses members nobody asked for.
    package func finish() throws(BrokerError) {
        guard let stranger = object.keys.first(where: { !taken.contains($0) }) else { return }
        // Cut: it comes from outside and goes into a log.
        throw BrokerError(.invalid, "unknown member \(stranger.prefix(40))")
    }
}
