package import MCP

/// `bash`'s argument `secrets`: which variable of the command's environment holds the value of which secret. The agent
/// writes names; the values are put in by the harness, for one command in a container that runs nothing else.
package enum CommandSecrets {
    package static let key = "secrets"
    /// The host's own argument, unknown to the agent: the same variables with their values.
    package static let values = "secret_values"

    package static let maximumCount = 16
    /// Of one value: a single string of an environment can be 128 KiB.
    package static let maximumBytes = 64 << 10

    package struct Wanted: Sendable, Hashable {
        package let variable: String
        package let secret: String

        package init(variable: String, secret: String) {
            self.variable = variable
            self.secret = secret
        }
    }

    /// Empty where none are asked for. In the order of the variables' names.
    package static func wanted(_ value: JSONValue?) throws(ToolProblem) -> [Wanted] {
        try pairs(of: value, key).map { Wanted(variable: $0, secret: $1) }
    }

    /// `NAME=value`, as the harness gave them.
    static func environment(_ value: JSONValue?) throws(ToolProblem) -> [[UInt8]] {
        try pairs(of: value, values).map { name, value throws(ToolProblem) in
            guard value.utf8.count <= maximumBytes, !value.utf8.contains(0) else {
                throw ToolProblem(
                    "The secret for \(name) cannot be put into an environment: it has a NUL character, or is too long.")
            }
            return Array("\(name)=\(value)".utf8)
        }
    }

    private static func pairs(
        of value: JSONValue?, _ key: String
    ) throws(ToolProblem) -> [(String, String)] {
        guard let value, !value.isNull else { return [] }
        guard let object = value.objectValue, object.keys.count <= maximumCount else {
            throw ToolProblem(
                "\"\(key)\" must be an object of at most \(maximumCount) members: variable names, each with a secret's name."
            )
        }
        var pairs: [(String, String)] = []
        for name in object.keys.sorted() {
            guard let text = object[name]?.stringValue else {
                throw ToolProblem("\"\(key)\": \(name.prefix(64)) must be a string.")
            }
            try check(name)
            pairs.append((name, text))
        }
        return pairs
    }

    private static func check(_ name: String) throws(ToolProblem) {
        let isName = name.utf8.allSatisfy { byte in
            (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        }
        guard isName, (1...64).contains(name.utf8.count), name.utf8.first.map({ !(0x30...0x39).contains($0) }) == true
        else {
            throw ToolProblem(
                "\(name.prefix(64)) is not the name of a variable: letters, digits and _, no digit first, at most 64.")
        }
        // What the shell, the loader and every program obey is no place for a value: they would act on it, and print it.
        let upper = name.uppercased()
        guard !reserved.contains(upper), !["LD_", "BASH"].contains(where: upper.hasPrefix),
            !upper.hasSuffix("_PROXY")
        else { throw ToolProblem("\(name) has a meaning of its own in every command. Use another variable.") }
    }

    private static let reserved: Set<String> = [
        "PATH", "HOME", "SHELL", "USER", "LANG", "TERM", "PAGER", "TMPDIR", "PWD", "OLDPWD", "IFS", "ENV", "SHELLOPTS",
        "PS1", "PS4", "PROMPT_COMMAND", "CDPATH", "LC_ALL", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "NO_COLOR",
    ]
}
