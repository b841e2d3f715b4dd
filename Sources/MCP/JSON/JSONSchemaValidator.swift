/// Where a value breaks its schema, in words for people and models.
package struct SchemaViolation: Hashable, Sendable, CustomStringConvertible {
    /// A JSON Pointer into the value; empty for the value itself.
    package let path: String
    package let message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// A schema that cannot be used for checking.
package struct SchemaError: Error, Hashable, CustomStringConvertible {
    package let message: String
    package var description: String { message }
}

/// The part of JSON Schema that tools use: type, properties, required, additionalProperties, enum, const, items,
/// minItems, maxItems, minimum, maximum and their exclusive forms, minLength, maxLength, anyOf, oneOf, allOf, and `$ref`
/// within the schema. Other keywords are ignored; `pattern` is, too, because the one regular-expression engine at hand
/// backtracks without limit. A `$ref` elsewhere is refused: nothing is ever fetched.
package struct JSONSchemaValidator: Sendable {
    private let root: JSONValue

    static let maximumDepth = 64
    static let maximumViolations = 20
    /// Nested `anyOf`s can multiply; a schema that takes more steps than this refuses the value.
    static let maximumSteps = 100_000

    package init(schema: JSONValue) throws(SchemaError) {
        root = schema
        try check(schema, depth: 0)
    }

    /// Empty where the value fits. At most twenty are told.
    package func validate(_ value: JSONValue) -> [SchemaViolation] {
        var check = SchemaCheck(root: root)
        check.validate(value, schema: root, path: "", depth: 0)
        return Array(check.violations.prefix(Self.maximumViolations))
    }

    private func check(_ schema: JSONValue, depth: Int) throws(SchemaError) {
        guard depth <= Self.maximumDepth else { throw SchemaError(message: "the schema is nested too deeply") }
        switch schema {
        case .bool: return
        case .object(let object):
            if let reference = object["$ref"] {
                guard let text = reference.stringValue, Self.resolve(text, in: root) != nil else {
                    throw SchemaError(message: "a $ref has to point to a place in the same schema, not to \(reference)")
                }
            }
            for key in ["properties", "$defs", "definitions"] {
                guard let members = object[key] else { continue }
                guard case .object(let members) = members else {
                    throw SchemaError(message: "\(key) has to be an object")
                }
                for member in members { try check(member.value, depth: depth + 1) }
            }
            for key in ["items", "additionalProperties"] {
                if let inner = object[key] { try check(inner, depth: depth + 1) }
            }
            for key in ["anyOf", "oneOf", "allOf"] {
                guard let parts = object[key] else { continue }
                guard case .array(let parts) = parts, !parts.isEmpty else {
                    throw SchemaError(message: "\(key) has to be an array of schemas")
                }
                for part in parts { try check(part, depth: depth + 1) }
            }
            if let required = object["required"] {
                guard let names = required.arrayValue, names.allSatisfy({ $0.stringValue != nil }) else {
                    throw SchemaError(message: "required has to be an array of strings")
                }
            }
        default: throw SchemaError(message: "a schema has to be an object, true or false")
        }
    }

    static func resolve(_ reference: String, in root: JSONValue) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        var found: JSONValue? = root
        for part in reference.dropFirst().split(separator: "/", omittingEmptySubsequences: true) {
            var key = ""
            var rest = part[...]
            while let character = rest.popFirst() {
                if character == "~", let escaped = rest.popFirst() {
                    key.append(escaped == "0" ? "~" : escaped == "1" ? "/" : escaped)
                } else {
                    key.append(character)
                }
            }
            found = found?[key] ?? Int(key).flatMap { found?[$0] }
        }
        return found
    }
}
