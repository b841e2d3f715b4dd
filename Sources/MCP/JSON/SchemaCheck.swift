/// One value held against one schema: gathers what does not fit.
struct SchemaCheck {
    let root: JSONValue
    var violations: [SchemaViolation] = []
    var steps = 0

    mutating func validate(_ value: JSONValue, schema: JSONValue, path: String, depth: Int) {
        steps += 1
        guard depth <= JSONSchemaValidator.maximumDepth, steps <= JSONSchemaValidator.maximumSteps else {
            return report(path, "cannot be checked: the schema goes in circles or is too large")
        }
        guard violations.count < JSONSchemaValidator.maximumViolations else { return }
        guard case .object(let schema) = schema else {
            if schema.boolValue == false { report(path, "is not allowed") }
            return
        }
        if let reference = schema["$ref"]?.stringValue {
            validate(
                value, schema: JSONSchemaValidator.resolve(reference, in: root) ?? false, path: path, depth: depth + 1)
        }
        if let type = schema["type"] {
            let names = type.arrayValue ?? [type]
            guard names.contains(where: { $0.stringValue.map { value.isOf(type: $0) } ?? true }) else {
                let expected = names.compactMap(\.stringValue).joined(separator: " or ")
                return report(path, "has to be \(expected), not \(value.typeName)")
            }
        }
        if let allowed = schema["enum"]?.arrayValue, !allowed.contains(where: { $0.isSame(as: value) }) {
            report(path, "has to be one of \(allowed.map(\.text).joined(separator: ", "))")
        }
        if let only = schema["const"], !only.isSame(as: value) { report(path, "has to be \(only.text)") }
        switch value {
        case .object(let object): check(object, schema, path, depth)
        case .array(let values): check(values, schema, path, depth)
        case .string(let text): check(text, schema, path)
        case .int, .double: check(number: value, schema, path)
        case .null, .bool: break
        }
        combine(value, schema, path, depth)
    }

    private mutating func check(_ object: JSONObject, _ schema: JSONObject, _ path: String, _ depth: Int) {
        for name in schema["required"]?.arrayValue ?? [] {
            if let name = name.stringValue, object[name] == nil { report(path, "lacks the member \"\(name)\"") }
        }
        let properties = schema["properties"]?.objectValue
        let additional = schema["additionalProperties"]
        for (key, value) in object {
            let inner = path + "/" + key.pointerEscaped
            if let property = properties?[key] {
                validate(value, schema: property, path: inner, depth: depth + 1)
            } else if additional?.boolValue == false {
                let known = properties?.keys.joined(separator: ", ") ?? ""
                report(inner, "is not known here" + (known.isEmpty ? "" : "; known are: \(known)"))
            } else if let additional {
                validate(value, schema: additional, path: inner, depth: depth + 1)
            }
        }
    }

    private mutating func check(_ values: [JSONValue], _ schema: JSONObject, _ path: String, _ depth: Int) {
        if let least = schema["minItems"]?.intValue, values.count < least {
            report(path, "has to have at least \(least) items")
        }
        if let most = schema["maxItems"]?.intValue, values.count > most {
            report(path, "may have at most \(most) items")
        }
        guard let items = schema["items"] else { return }
        for (index, value) in values.enumerated() {
            validate(value, schema: items, path: "\(path)/\(index)", depth: depth + 1)
            guard violations.count < JSONSchemaValidator.maximumViolations else { return }
        }
    }

    /// Length counts Unicode scalars, as JSON Schema says.
    private mutating func check(_ text: String, _ schema: JSONObject, _ path: String) {
        if let least = schema["minLength"]?.intValue, text.unicodeScalars.count < least {
            report(path, "has to have at least \(least) characters")
        }
        if let most = schema["maxLength"]?.intValue, text.unicodeScalars.count > most {
            report(path, "may have at most \(most) characters")
        }
    }

    private mutating func check(number value: JSONValue, _ schema: JSONObject, _ path: String) {
        func order(_ key: String) -> Int? { schema[key].flatMap { value.compared(to: $0) } }
        if let order = order("minimum"), order < 0 { report(path, "has to be at least \(schema["minimum"] ?? 0)") }
        if let order = order("maximum"), order > 0 { report(path, "has to be at most \(schema["maximum"] ?? 0)") }
        if let order = order("exclusiveMinimum"), order <= 0 {
            report(path, "has to be more than \(schema["exclusiveMinimum"] ?? 0)")
        }
        if let order = order("exclusiveMaximum"), order >= 0 {
            report(path, "has to be less than \(schema["exclusiveMaximum"] ?? 0)")
        }
    }

    private mutating func combine(_ value: JSONValue, _ schema: JSONObject, _ path: String, _ depth: Int) {
        for part in schema["allOf"]?.arrayValue ?? [] {
            validate(value, schema: part, path: path, depth: depth + 1)
        }
        if let parts = schema["anyOf"]?.arrayValue {
            let tried = trials(value, parts, path, depth)
            if !tried.contains(where: \.isEmpty) { explain(tried, path) }
        }
        if let parts = schema["oneOf"]?.arrayValue {
            let tried = trials(value, parts, path, depth)
            let fitting = tried.count(where: \.isEmpty)
            if fitting == 0 { explain(tried, path) }
            if fitting > 1 { report(path, "fits \(fitting) of the alternatives, where it may fit one only") }
        }
    }

    private mutating func trials(
        _ value: JSONValue, _ parts: [JSONValue], _ path: String, _ depth: Int
    ) -> [[SchemaViolation]] {
        parts.map { part in
            var trial = SchemaCheck(root: root, steps: steps)
            trial.validate(value, schema: part, path: path, depth: depth + 1)
            steps = trial.steps
            return trial.violations
        }
    }

    private mutating func explain(_ tried: [[SchemaViolation]], _ path: String) {
        let reasons = tried.compactMap(\.first).map(\.description)
        report(path, "fits none of the alternatives (\(reasons.joined(separator: "; ")))")
    }

    private mutating func report(_ path: String, _ message: String) {
        guard violations.count < JSONSchemaValidator.maximumViolations else { return }
        violations.append(SchemaViolation(path: path, message: message))
    }
}

extension JSONValue {
    fileprivate var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    fileprivate func isOf(type: String) -> Bool {
        switch (type, self) {
        case ("number", .int), ("number", .double): true
        case ("integer", .double(let value)): value.rounded(.towardZero) == value
        default: type == typeName
        }
    }

    /// Below, at or above zero; exact where both are integers, `nil` where one is no number.
    fileprivate func compared(to other: JSONValue) -> Int? {
        if case .int(let left) = self, case .int(let right) = other { return left < right ? -1 : left == right ? 0 : 1 }
        guard let left = doubleValue, let right = other.doubleValue else { return nil }
        return left < right ? -1 : left == right ? 0 : 1
    }

    /// Equal as JSON Schema has it: `1` and `1.0` are the same number, at any depth.
    fileprivate func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.int, .double), (.double, .int): compared(to: other) == 0
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { right[$0.key]?.isSame(as: $0.value) ?? false }
        default: self == other
        }
    }
}

extension String {
    fileprivate var pointerEscaped: String {
        contains(where: { $0 == "~" || $0 == "/" })
            ? String(flatMap { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }) : self
    }
}
