package import MCP

/// A call's arguments, read strictly: what is misspelt or of the wrong type is said, never guessed or passed over.
package struct Arguments: Sendable {
    private let object: JSONObject

    package init(_ object: JSONObject, allowed: [String]) throws(ToolProblem) {
        for key in object.keys where !allowed.contains(key) {
            throw ToolProblem(
                "There is no argument \"\(key.prefix(64))\". There are: \(allowed.joined(separator: ", ")).")
        }
        self.object = object
    }

    package func string(_ key: String) throws(ToolProblem) -> String {
        guard let value = try optionalString(key) else { throw ToolProblem("The argument \"\(key)\" is missing.") }
        return value
    }

    package func optionalString(_ key: String) throws(ToolProblem) -> String? {
        guard let value = present(key) else { return nil }
        guard let text = value.stringValue else { throw ToolProblem("\"\(key)\" must be a string.") }
        return text
    }

    package func bool(_ key: String) throws(ToolProblem) -> Bool {
        guard let value = present(key) else { return false }
        guard let flag = value.boolValue else { throw ToolProblem("\"\(key)\" must be true or false.") }
        return flag
    }

    package func int(_ key: String, in range: ClosedRange<Int>) throws(ToolProblem) -> Int? {
        guard let value = present(key) else { return nil }
        guard let number = value.intValue, let int = Int(exactly: number), range.contains(int) else {
            throw ToolProblem("\"\(key)\" must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return int
    }

    package func choice(_ key: String, of choices: [String]) throws(ToolProblem) -> String? {
        guard let text = try optionalString(key) else { return nil }
        guard choices.contains(text) else {
            throw ToolProblem("\"\(key)\" must be one of: \(choices.joined(separator: ", ")).")
        }
        return text
    }

    package func array(_ key: String) throws(ToolProblem) -> [JSONValue] {
        guard let values = present(key)?.arrayValue else { throw ToolProblem("\"\(key)\" must be an array.") }
        return values
    }

    func has(_ key: String) throws(ToolProblem) -> Bool { present(key) != nil }

    /// `null` counts as not given: models write it for what they leave out.
    private func present(_ key: String) -> JSONValue? {
        object[key].flatMap { $0.isNull ? nil : $0 }
    }
}
