package import MCP

/// What is another in one attack surface than in another, in words. Objects are compared by member, lists as sets; lists
/// of objects by what names these.
package struct SurfaceDiff: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        case added(String)
        case removed(String)
        case changed(String, from: String, to: String)
    }

    package private(set) var changes: [Change] = []

    /// `nil` where one of the two is no such document, or of another version: two of those cannot be compared.
    package init?(from old: JSONValue, to new: JSONValue) {
        guard let version = old["schema"]?.intValue, new["schema"]?.intValue == version else { return nil }
        compare(old, new, at: [])
    }

    private mutating func compare(_ old: JSONValue, _ new: JSONValue, at path: [String]) {
        let (left, right) = (Self.members(old), Self.members(new))
        guard let left, let right else {
            if old != new { changes.append(.changed(Self.name(path), from: Self.words(old), to: Self.words(new))) }
            return
        }
        for key in Set(left.keys).union(right.keys).sorted() {
            switch (left[key], right[key]) {
            case (let a?, let b?): compare(a, b, at: path + [key])
            case (let a?, nil): changes.append(.removed(Self.name(path + [key], a)))
            case (nil, let b?): changes.append(.added(Self.name(path + [key], b)))
            case (nil, nil): break
            }
        }
    }

    /// `nil` for what is not made of others.
    private static func members(_ value: JSONValue) -> [String: JSONValue]? {
        switch value {
        case .object(let object):
            return Dictionary(object.keys.compactMap { key in object[key].map { (key, $0) } }) { first, _ in first }
        case .array(let list):
            var members: [String: JSONValue] = [:]
            for item in list {
                let name = ["Target", "Name", "name", "path"].lazy.compactMap { item[$0]?.stringValue }.first
                // Of two that are called the same, neither may hide the other.
                var key = name ?? item.stringValue ?? item.text
                while members[key] != nil { key += " (again)" }
                members[key] = name == nil ? .null : item
            }
            return members
        default: return nil
        }
    }

    private static func name(_ path: [String], _ value: JSONValue = .null) -> String {
        let words = value.isNull ? "" : " (\(Self.words(value)))"
        return path.joined(separator: " › ") + words
    }

    private static func words(_ value: JSONValue) -> String {
        value.stringValue ?? value.text
    }
}
