/// A path pattern: `*` and `?` within a name, `**` for any number of folders, `[a-z]`, `[!a]`, `{one,two}`. Matching
/// takes time proportional to pattern × path, whatever either holds.
package struct GlobPattern: Sendable {
    private static let maximumAlternatives = 256

    private enum Part: Sendable {
        case anyFolders
        case name([Token])
    }

    private enum Token: Sendable {
        case character(Unicode.Scalar)
        case anyOne
        case anyMany
        case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    private let alternatives: [[Part]]

    package init(_ text: String) throws(ToolProblem) {
        guard !text.isEmpty, text.utf8.count <= 1024, !text.utf8.contains(0) else {
            throw ToolProblem("\"pattern\" must have 1 to 1024 characters, for example **/*.csv.")
        }
        var expanded: [[Unicode.Scalar]] = []
        try Self.expand(Array(text.unicodeScalars), into: &expanded, depth: 0)
        alternatives = expanded.map { alternative in
            alternative.split(separator: "/").filter { !$0.elementsEqual(["."]) }.map { name in
                name.elementsEqual(["*", "*"]) ? .anyFolders : .name(Self.tokens(Array(name)))
            }
        }
    }

    package func matches(_ path: [String]) -> Bool {
        alternatives.contains { Self.matches($0, path) }
    }

    // MARK: Reading

    /// The first group of braces, each of its alternatives expanded in turn.
    private static func expand(
        _ text: [Unicode.Scalar], into result: inout [[Unicode.Scalar]], depth: Int
    ) throws(ToolProblem) {
        guard result.count < maximumAlternatives, depth < 32 else {
            throw ToolProblem("\"pattern\" has too many alternatives in braces.")
        }
        guard let open = text.firstIndex(of: "{") else {
            result.append(text)
            return
        }
        var level = 0
        var start = open + 1
        var choices: [ArraySlice<Unicode.Scalar>] = []
        for index in open..<text.count {
            switch text[index] {
            case "{": level += 1
            case "," where level == 1:
                choices.append(text[start..<index])
                start = index + 1
            case "}":
                level -= 1
                guard level == 0 else { continue }
                choices.append(text[start..<index])
                for choice in choices {
                    try expand(Array(text[..<open] + choice + text[(index + 1)...]), into: &result, depth: depth + 1)
                }
                return
            default: break
            }
        }
        throw ToolProblem("\"pattern\" has a { without its }.")
    }

    private static func tokens(_ name: [Unicode.Scalar]) -> [Token] {
        var tokens: [Token] = []
        var index = 0
        while index < name.count {
            switch name[index] {
            case "*":
                if case .anyMany? = tokens.last {} else { tokens.append(.anyMany) }
            case "?": tokens.append(.anyOne)
            case "[":
                guard let (token, end) = set(name, at: index) else {
                    tokens.append(.character("["))
                    break
                }
                tokens.append(token)
                index = end
            case "\\" where index + 1 < name.count:
                index += 1
                tokens.append(.character(name[index]))
            default: tokens.append(.character(name[index]))
            }
            index += 1
        }
        return tokens
    }

    private static func set(_ name: [Unicode.Scalar], at open: Int) -> (Token, end: Int)? {
        var index = open + 1
        let isNegated = index < name.count && (name[index] == "!" || name[index] == "^")
        if isNegated { index += 1 }
        let first = index
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while index < name.count, name[index] != "]" || index == first {
            if index + 2 < name.count, name[index + 1] == "-", name[index + 2] != "]", name[index] <= name[index + 2] {
                ranges.append(name[index]...name[index + 2])
                index += 3
            } else {
                ranges.append(name[index]...name[index])
                index += 1
            }
        }
        return index < name.count ? (.oneOf(ranges, isNegated: isNegated), index) : nil
    }

    // MARK: Matching

    /// One row of the table at a time: which lengths of the path the parts so far can match.
    private static func matches(_ parts: [Part], _ path: [String]) -> Bool {
        var reachable = [Bool](repeating: false, count: path.count + 1)
        reachable[0] = true
        for part in parts {
            var next = [Bool](repeating: false, count: path.count + 1)
            switch part {
            case .anyFolders:
                var isReachable = false
                for length in 0...path.count {
                    isReachable = isReachable || reachable[length]
                    next[length] = isReachable
                }
            case .name(let tokens):
                for length in 0..<path.count where reachable[length] {
                    next[length + 1] = matches(tokens, Array(path[length].unicodeScalars))
                }
            }
            reachable = next
        }
        return reachable[path.count]
    }

    /// Going back to the last star only is enough, so this is quadratic at worst.
    private static func matches(_ tokens: [Token], _ name: [Unicode.Scalar]) -> Bool {
        var token = 0
        var position = 0
        var star: (token: Int, position: Int)?
        while position < name.count {
            if token < tokens.count, case .anyMany = tokens[token] {
                star = (token, position)
                token += 1
            } else if token < tokens.count, matches(tokens[token], name[position]) {
                token += 1
                position += 1
            } else if let last = star {
                star = (last.token, last.position + 1)
                token = last.token + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { if case .anyMany = $0 { true } else { false } }
    }

    private static func matches(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .character(let expected): scalar == expected
        case .anyOne: true
        case .anyMany: false
        case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }
}
