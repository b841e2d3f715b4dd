internal import MCP
internal import Model
internal import Yams

/// A mapping of a YAML file, read strictly: a key nobody asked for is an error, and each error knows its line.
struct YAMLMapping {
    let file: String
    let line: Int
    private var members: [String: Node] = [:]

    /// `allowed` nil: the keys are names somebody chose.
    init(_ node: Node, file: String, what: String, allowed: [String]?) throws(PolicyError) {
        self.file = file
        line = node.mark?.line ?? 1
        guard let mapping = node.mapping else {
            throw PolicyError(file: file, line: line, message: "\(what) has to be a mapping (key: value)")
        }
        for (key, value) in mapping {
            let place = key.mark?.line
            guard let name = key.string, allowed?.contains(name) ?? (1...60).contains(name.utf8.count) else {
                throw PolicyError(
                    file: file, line: place,
                    message: "unknown key \(key.string.map { "\"\($0.prefix(60))\"" } ?? "") in \(what); allowed are "
                        + (allowed?.joined(separator: ", ") ?? "names of up to 60 bytes"))
            }
            guard members.updateValue(value, forKey: name) == nil else {
                throw PolicyError(file: file, line: place, message: "the key \"\(name)\" stands there twice")
            }
        }
    }

    var keys: [String] { members.keys.sorted() }

    func has(_ key: String) -> Bool { members[key] != nil }

    func error(_ key: String, _ message: String) -> PolicyError {
        PolicyError(file: file, line: members[key]?.mark?.line ?? line, message: "\(key) \(message)")
    }

    func text(_ key: String) throws(PolicyError) -> String? {
        guard let node = members[key] else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else { throw error(key, "has to be a text") }
        return text
    }

    func flag(_ key: String) throws(PolicyError) -> Bool? {
        guard let node = members[key] else { return nil }
        guard let flag = node.bool else { throw error(key, "has to be true or false") }
        return flag
    }

    /// One text, or a list of at least one: an empty list could be read as "none" or as "all".
    func list(_ key: String) throws(PolicyError) -> [String]? {
        guard let node = members[key] else { return nil }
        guard let sequence = node.sequence else { return try text(key).map { [$0] } }
        var texts: [String] = []
        for item in sequence {
            guard let text = item.scalar?.string, !text.isEmpty else { throw error(key, "has to be a list of texts") }
            texts.append(text)
        }
        guard !texts.isEmpty else { throw error(key, "is an empty list: name something, or leave the key out") }
        return texts
    }

    /// Names of people under `key`. What people call themselves on a surface is no name: a rule by it would mean whoever
    /// calls themselves so, or nobody.
    func people(_ names: [String], _ key: String) throws(PolicyError) -> People {
        for name in names where PersonName.isChosen(name) {
            throw error(
                key,
                "cannot be \"\(name.prefix(60))\": people who are known from a surface alone choose their names "
                    + "themselves, and are named by id here (`bulkhead people` shows it)")
        }
        return People(names)
    }

    func word<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String, as type: Value.Type = Value.self
    ) throws(PolicyError) -> Value? {
        guard let text = try text(key) else { return nil }
        return try value(of: text, key)
    }

    func words<Value: RawRepresentable<String> & CaseIterable & Hashable>(
        _ key: String, as type: Value.Type = Value.self
    ) throws(PolicyError) -> Set<Value>? {
        guard let texts = try list(key) else { return nil }
        var values: Set<Value> = []
        for text in texts { values.insert(try value(of: text, key)) }
        return values
    }

    func globs(_ key: String) throws(PolicyError) -> [Glob]? {
        guard let texts = try list(key) else { return nil }
        var globs: [Glob] = []
        for text in texts {
            guard let glob = Glob(text) else { throw error(key, "has a pattern over 256 bytes") }
            globs.append(glob)
        }
        return globs
    }

    /// What `make` makes of each text; `expected` says what it takes.
    func read<Value>(
        _ key: String, as expected: String, _ make: (String) -> Value?
    ) throws(PolicyError) -> [Value] {
        var values: [Value] = []
        for text in try list(key) ?? [] {
            guard let value = make(text) else {
                throw error(key, "cannot be \"\(text.prefix(60))\"; it has to be \(expected)")
            }
            values.append(value)
        }
        return values
    }

    func number(_ key: String) throws(PolicyError) -> Double? {
        guard let text = try text(key) else { return nil }
        guard let number = Double(text), number.isFinite else { throw error(key, "has to be a number") }
        return number
    }

    /// Texts, numbers, true and false, as YAML has them; a text in quotes is a text.
    func values(_ key: String) throws(PolicyError) -> [JSONValue] {
        guard let node = members[key] else { return [] }
        var values: [JSONValue] = []
        for item in node.sequence.map(Array.init) ?? [node] {
            guard let scalar = item.scalar else { throw error(key, "has to be a value or a list of values") }
            values.append(
                scalar.style != .plain && scalar.style != .any
                    ? .string(scalar.string)
                    : Self.plainValue(scalar.string))
        }
        guard !values.isEmpty else { throw error(key, "is an empty list: name something, or leave the key out") }
        return values
    }

    /// As JSON would read it. YAML's other readings (`yes`, `0x10`, `12:30`) are texts here, as they look.
    private static func plainValue(_ text: String) -> JSONValue {
        guard let value = try? JSONValue(parsing: Array(text.utf8)) else { return .string(text) }
        switch value {
        case .bool, .int, .double: return value
        case .null, .string, .array, .object: return .string(text)
        }
    }

    func labels(_ key: String) throws(PolicyError) -> Labels? {
        try words(key, as: LabelName.self)?.reduce(into: Labels()) {
            $0.insert($1 == .untrusted ? .untrusted : .private)
        }
    }

    private enum LabelName: String, CaseIterable { case untrusted, `private` }

    func mapping(_ key: String, allowed: [String]? = nil) throws(PolicyError) -> YAMLMapping? {
        guard let node = members[key], node.null == nil else { return nil }
        return try YAMLMapping(node, file: file, what: key, allowed: allowed)
    }

    /// `30s`, `10m`, `24h`, `7d`.
    func duration(_ key: String) throws(PolicyError) -> Duration? {
        guard let text = try text(key) else { return nil }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (1...100_000).contains(count)
        else { throw error(key, "has to be a time such as 30s, 10m, 24h or 7d") }
        return .seconds(count * unit)
    }

    /// The items of a list of mappings; none where the key is absent.
    func items(_ key: String, allowed: [String]) throws(PolicyError) -> [YAMLMapping] {
        guard let node = members[key], node.null == nil else { return [] }
        guard let sequence = node.sequence else { throw error(key, "has to be a list (lines that begin with -)") }
        var items: [YAMLMapping] = []
        for item in sequence {
            items.append(try YAMLMapping(item, file: file, what: "an entry of \(key)", allowed: allowed))
        }
        return items
    }

    private func value<Value: RawRepresentable<String> & CaseIterable>(
        of text: String, _ key: String
    ) throws(PolicyError) -> Value {
        guard let value = Value(rawValue: text) else {
            let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(key, "cannot be \"\(text.prefix(60))\"; allowed are \(allowed)")
        }
        return value
    }
}
