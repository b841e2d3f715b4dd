internal import MCP

/// A place in a snapshot, as a JSON Pointer; `*` stands for any member or item. What lies below it is meant too.
struct SnapshotPath: Hashable, Sendable {
    let steps: [String]

    init(_ text: String) throws {
        guard text.hasPrefix("/"), text.utf8.count <= 500 else {
            throw TaskProblem("a path begins with / and has 500 bytes at most: \(text.prefix(40))")
        }
        steps = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    func covers(_ path: [String]) -> Bool {
        path.count >= steps.count && zip(steps, path).allSatisfy { $0 == "*" || $0 == $1 }
    }
}

/// What differs between two snapshots, as far as the rules care.
struct SnapshotDiff {
    struct Change: Equatable {
        let path: String
        let before: JSONValue?
        let after: JSONValue?

        var json: JSONValue {
            var object: JSONObject = ["path": .string(path)]
            object["before"] = before
            object["after"] = after
            return .object(object)
        }
    }

    /// More say no more.
    static let limit = 200

    let rules: MonitorRules

    func changes(from before: JSONValue, to after: JSONValue) -> [Change] {
        var found: [Change] = []
        compare(before, after, at: [], into: &found)
        return Array(found.prefix(Self.limit))
    }

    private func compare(_ before: JSONValue?, _ after: JSONValue?, at path: [String], into found: inout [Change]) {
        guard before != after, found.count < Self.limit, !rules.ignored.contains(where: { $0.covers(path) }) else {
            return
        }
        switch (before, after) {
        case (.object(let old)?, .object(let new)?):
            for key in Set(old.keys).union(new.keys).sorted() {
                compare(old[key], new[key], at: path + [key], into: &found)
            }
        case (.array(let old)?, .array(let new)?): compare(old, new, at: path, into: &found)
        default:
            guard !isSmallStep(before, after, at: path) else { return }
            guard after != nil || !isAddition(path.dropLast()) else { return }
            found.append(Change(path: "/" + path.joined(separator: "/"), before: before, after: after))
        }
    }

    /// Items by their `id` or `name`, so that one that is put in front makes no others of the rest; else by their place.
    private func compare(_ old: [JSONValue], _ new: [JSONValue], at path: [String], into found: inout [Change]) {
        guard let before = Self.keyed(old), let after = Self.keyed(new) else {
            for index in 0..<max(old.count, new.count) {
                compare(
                    old.indices.contains(index) ? old[index] : nil, new.indices.contains(index) ? new[index] : nil,
                    at: path + [String(index)], into: &found)
            }
            return
        }
        for (key, item) in new.compactMap({ item in Self.key(item).map { ($0, item) } }) {
            if isAddition(path[...]), before[key] != nil { continue }
            compare(before[key], item, at: path + [key], into: &found)
        }
        guard !isAddition(path[...]) else { return }
        for key in before.keys.sorted() where after[key] == nil {
            compare(before[key], nil, at: path + [key], into: &found)
        }
    }

    private static func keyed(_ items: [JSONValue]) -> [String: JSONValue]? {
        var keyed: [String: JSONValue] = [:]
        for item in items {
            guard let key = key(item), keyed.updateValue(item, forKey: key) == nil else { return nil }
        }
        return keyed
    }

    private static func key(_ item: JSONValue) -> String? {
        switch item {
        case .string(let text): text
        case .int(let number): String(number)
        default: item["id"]?.stringValue ?? item["id"]?.intValue.map(String.init) ?? item["name"]?.stringValue
        }
    }

    private func isAddition(_ path: ArraySlice<String>) -> Bool {
        rules.additions.contains { $0.covers(Array(path)) }
    }

    private func isSmallStep(_ before: JSONValue?, _ after: JSONValue?, at path: [String]) -> Bool {
        guard let before = before?.doubleValue, let after = after?.doubleValue,
            let rule = rules.thresholds.first(where: { $0.path.covers(path) })
        else { return false }
        return abs(after - before) < rule.step
    }
}
