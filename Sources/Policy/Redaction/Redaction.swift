package import MCP

/// What of a call's arguments is not to be kept: the operator's rules, and over them what looks like a secret anyhow.
package struct Redaction: Sendable {
    struct Entry: Sendable {
        enum Target: Sendable {
            case at(JSONPointer)
            /// Every text that has it somewhere. One too long to be looked at is taken to.
            case pattern(LinearPattern)
        }

        /// `nil`: all.
        var tools: [Glob]?
        var target: Target
    }

    package struct TooDeep: Error, CustomStringConvertible {
        package var description: String { "the arguments are nested too deeply to be looked through for secrets" }
    }

    let entries: [Entry]

    /// `arguments` with `replacement` of each value that is not to be kept in its place, and whether there was one.
    /// `secret`: members that are for the tool alone, whatever the rules say. Throws where it cannot be sure to have seen
    /// all.
    package func applied(
        to arguments: JSONObject, of tool: String, secret: Set<String> = [],
        _ replacement: @escaping (JSONValue) -> JSONValue
    ) throws -> (arguments: JSONObject, hasChanged: Bool) {
        let own = entries.filter { $0.tools?.contains { $0.matches(tool) } ?? true }
        var walk = Walk(replacement: replacement)
        for entry in own {
            switch entry.target {
            case .at(let pointer): walk.pointers.append(pointer.tokens)
            case .pattern(let pattern): walk.patterns.append(pattern)
            }
        }
        walk.pointers += secret.map { [$0] }
        let result = try walk.object(arguments, pointers: walk.pointers, depth: 0)
        return (result, walk.hasChanged)
    }

    /// Whether a text that is no argument (an error, a reason) has what one of the patterns means.
    package func isFound(in text: String) -> Bool {
        entries.contains { entry in
            if case .pattern(let pattern) = entry.target { pattern.matches(text) ?? true } else { false }
        }
    }

    private struct Walk {
        let replacement: (JSONValue) -> JSONValue
        var pointers: [[String]] = []
        var patterns: [LinearPattern] = []
        var hasChanged = false

        private static let maximumDepth = 200
        /// Bytes of text that are still looked through. An agent must not buy minutes of work with one call: what comes
        /// after is taken to be a secret.
        private var unread = 256 << 10

        init(replacement: @escaping (JSONValue) -> JSONValue) {
            self.replacement = replacement
        }

        mutating func object(_ object: JSONObject, pointers: [[String]], depth: Int) throws -> JSONObject {
            var result = object
            for (key, value) in object {
                unread -= key.utf8.count
                let below = Self.below(key, pointers)
                // A name can be a secret's hiding place too, and cannot be replaced without losing what it names.
                let isSecret = unread < 0 || SecretForm.isName(key) || SecretForm.isFound(in: key) || below.contains([])
                result[key] =
                    isSecret && value != .null ? replaced(value) : try self.value(value, below, depth: depth + 1)
            }
            return result
        }

        private mutating func value(_ value: JSONValue, _ pointers: [[String]], depth: Int) throws -> JSONValue {
            guard depth < Self.maximumDepth else { throw TooDeep() }
            switch value {
            case .string(let text):
                unread -= text.utf8.count
                guard unread >= 0 else { return replaced(value) }
                let isSecret = SecretForm.isFound(in: text) || patterns.contains { $0.matches(text) ?? true }
                return isSecret ? replaced(value) : value
            case .object(let object): return .object(try self.object(object, pointers: pointers, depth: depth))
            case .array(let items):
                var result: [JSONValue] = []
                for (index, item) in items.enumerated() {
                    let below = Self.below(String(index), pointers)
                    result.append(below.contains([]) ? replaced(item) : try self.value(item, below, depth: depth + 1))
                }
                return .array(result)
            default: return value
            }
        }

        private mutating func replaced(_ value: JSONValue) -> JSONValue {
            hasChanged = true
            return replacement(value)
        }

        private static func below(_ token: String, _ pointers: [[String]]) -> [[String]] {
            pointers.compactMap { $0.first == token ? Array($0.dropFirst()) : nil }
        }
    }
}
