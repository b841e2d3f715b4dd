package import MCP
internal import NetworkRules

/// Whether a condition holds. What cannot be told counts against the call: an `allow` needs `yes`, an `ask` and a
/// `deny` hold unless it is `no`.
enum Match: Hashable, Sendable {
    case yes, no, unclear

    init(_ known: Bool?) {
        self = known.map { $0 ? .yes : .no } ?? .unclear
    }

    static func && (left: Match, right: @autoclosure () -> Match) -> Match {
        guard left != .no else { return .no }
        let right = right()
        return right == .no ? .no : left == .yes && right == .yes ? .yes : .unclear
    }

    var negated: Match {
        switch self {
        case .yes: .no
        case .no: .yes
        case .unclear: .unclear
        }
    }
}

/// One condition on a call's arguments: a place, and what has to stand there.
struct ArgumentCondition: Sendable {
    enum Test: Sendable {
        case equals([JSONValue])
        case glob([Glob])
        case pattern(LinearPattern)
        case range(from: Double?, to: Double?)
        case inside([PathScope])
        case domain([DomainPattern])
    }

    var pointer: JSONPointer
    var test: Test
    var isNegated: Bool
    /// Of a list, an `allow` wants every item to match, what restricts wants one.
    var isGrant: Bool

    func match(_ arguments: JSONObject) -> Match {
        guard let value = pointer.value(in: arguments) else { return absent }
        guard let items = value.arrayValue else { return match(one: value) }
        let matches = items.map(match(one:))
        guard !matches.isEmpty else { return isNegated ? .unclear : .no }
        if isGrant { return matches.reduce(.yes) { $0 && $1 } }
        return matches.contains(.yes) ? .yes : matches.contains(.unclear) ? .unclear : .no
    }

    /// A tool that is told no path or address takes one of its own.
    private var absent: Match {
        switch test {
        case .inside, .domain: .unclear
        case .equals, .glob, .pattern, .range: isNegated ? .unclear : .no
        }
    }

    private func match(one value: JSONValue) -> Match {
        let match = positiveMatch(value)
        return isNegated ? match.negated : match
    }

    private func positiveMatch(_ value: JSONValue) -> Match {
        switch test {
        case .equals(let values):
            if values.contains(where: { Self.isSame($0, value) }) { return .yes }
            return values.contains(where: { Self.isAlike($0, value) }) ? .unclear : .no
        case .range(let from, let to):
            guard let number = value.doubleValue else { return .unclear }
            return Match((from.map { number >= $0 } ?? true) && (to.map { number <= $0 } ?? true))
        case .glob(let globs):
            guard let text = value.stringValue else { return .unclear }
            return Match(globs.contains { $0.matches(text) })
        case .pattern(let pattern): return Match(value.stringValue.flatMap { pattern.matches($0) })
        case .inside(let scopes):
            guard let path = value.stringValue else { return .unclear }
            let found = scopes.map { $0.contains(path) }
            return found.contains(true) ? .yes : Match(found.contains(nil) ? nil : false)
        case .domain(let domains):
            guard let host = value.stringValue.flatMap({ HostName(ofURL: $0) }) else { return .unclear }
            return Match(domains.contains { $0.matches(host) })
        }
    }

    /// `1` and `1.0` are the same here; all else as JSON has it.
    private static func isSame(_ wanted: JSONValue, _ value: JSONValue) -> Bool {
        if let wanted = wanted.intValue, let value = value.intValue { return wanted == value }
        return wanted == value
    }

    /// Of two kinds, and a tool might take the one for the other: `"100"` and `100`.
    private static func isAlike(_ wanted: JSONValue, _ value: JSONValue) -> Bool {
        guard (wanted.stringValue == nil) != (value.stringValue == nil) else { return false }
        return (wanted.stringValue ?? wanted.text) == (value.stringValue ?? value.text)
    }
}

/// RFC 6901: `/recipients/0/address`.
package struct JSONPointer: Hashable, Sendable {
    let tokens: [String]

    package init?(_ text: String) {
        guard text.hasPrefix("/"), text.utf8.count <= 256 else { return nil }
        var tokens: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            // Only ~0 and ~1 are escapes.
            let pieces = part.split(separator: "~", omittingEmptySubsequences: false)
            guard pieces.dropFirst().allSatisfy({ $0.hasPrefix("0") || $0.hasPrefix("1") }) else { return nil }
            tokens.append(
                pieces.dropFirst().reduce(String(pieces[0])) { $0 + ($1.hasPrefix("0") ? "~" : "/") + $1.dropFirst() })
        }
        self.tokens = tokens
    }

    package func value(in object: JSONObject) -> JSONValue? {
        tokens.reduce(.object(object)) { (value: JSONValue?, token) in
            switch value {
            case .object(let object): object[token]
            case .array(let items):
                Int(token).flatMap { token == String($0) && items.indices.contains($0) ? items[$0] : nil }
            default: nil
            }
        }
    }
}
