/// What a pattern says, before it is a program.
indirect enum PatternNode: Hashable, Sendable {
    case empty
    case set(ScalarSet)
    case sequence([PatternNode])
    case either([PatternNode])
    /// `most` nil: without end.
    case repeated(PatternNode, least: Int, most: Int?)
}

/// Reads a pattern by recursive descent. What it does not know is an error, never a literal.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    static let longest = 512
    private static let deepest = 20
    private static let mostRepeats = 256

    static func parse(_ text: String) throws(PatternError) -> PatternNode {
        guard text.utf8.count <= longest else {
            throw PatternError(description: "is longer than \(longest) bytes")
        }
        var parser = PatternParser(scalars: Array(text.unicodeScalars))
        let node = try parser.alternatives()
        guard parser.position == parser.scalars.count else { throw parser.error("has a ) without (") }
        return node
    }

    private func error(_ text: String) -> PatternError {
        PatternError(description: "\(text) (character \(position + 1))")
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw error("is nested deeper than \(Self.deepest)") }
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .either(nodes)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" { nodes.append(try repeated(try atom())) }
        return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func repeated(_ node: PatternNode) throws(PatternError) -> PatternNode {
        let result: PatternNode
        switch next {
        case "*": result = .repeated(node, least: 0, most: nil)
        case "+": result = .repeated(node, least: 1, most: nil)
        case "?": result = .repeated(node, least: 0, most: 1)
        case "{":
            position += 1
            result = try counted(node)
        default: return node
        }
        position += 1
        if let next, ["*", "+", "?", "{"].contains(next) { throw error("repeats a repetition") }
        return result
    }

    /// Stops at the closing brace.
    private mutating func counted(_ node: PatternNode) throws(PatternError) -> PatternNode {
        guard let least = number() else { throw error("needs a number after {") }
        var most: Int? = least
        if take(",") { most = number() }
        guard next == "}" else { throw error("needs } after the numbers") }
        guard most.map({ $0 >= least }) ?? true, max(least, most ?? 0) <= Self.mostRepeats else {
            throw error("repeats at most \(Self.mostRepeats) times, the smaller number first")
        }
        return .repeated(node, least: least, most: most)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = next, ("0"..."9").contains(scalar), digits.count < 4 {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        return Int(digits)
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = next else { throw error("ends too early") }
        position += 1
        switch scalar {
        case "(":
            if next == "?" { throw error("knows no (?…)") }
            let node = try alternatives()
            guard take(")") else { throw error("lacks a )") }
            return node
        case "[": return .set(try bracket())
        case ".": return .set(.any)
        case "\\": return .set(try escape())
        case "*", "+", "?", "{": throw error("repeats nothing")
        case "^", "$": throw error("always matches the whole text: leave \(scalar) out, or write \\\(scalar)")
        case "]", "}": throw error("has a \(scalar) alone: write \\\(scalar)")
        default: return .set(.one(scalar))
        }
    }

    private mutating func escape() throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw error("ends in a backslash") }
        position += 1
        switch scalar {
        case "d": return .digits
        case "D": return .digits.negated
        case "w": return .word
        case "W": return .word.negated
        case "s": return .space
        case "S": return .space.negated
        case "n": return .one("\n")
        case "t": return .one("\t")
        default:
            guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
                throw error("knows no \\\(scalar)")
            }
            return .one(scalar)
        }
    }

    private mutating func bracket() throws(PatternError) -> ScalarSet {
        var set = ScalarSet(ranges: [])
        set.isNegated = take("^")
        while !take("]") {
            let first = try member()
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.ranges += first.positive
                continue
            }
            position += 1
            let last = try member()
            guard let low = first.single, let high = last.single, low <= high else {
                throw error("has a range that is none")
            }
            set.ranges.append(low...high)
        }
        guard !set.ranges.isEmpty else { throw error("has empty brackets") }
        return set
    }

    private mutating func member() throws(PatternError) -> ScalarSet {
        guard let scalar = next else { throw error("lacks a ]") }
        position += 1
        return scalar == "\\" ? try escape() : .one(scalar)
    }
}

extension ScalarSet {
    fileprivate var single: UInt32? {
        guard ranges.count == 1, !isNegated, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}

/// Makes the program. Repetitions are written out, which is why their size is bounded.
struct PatternCompiler {
    private(set) var program: [LinearPattern.Step] = []

    /// Also of what emits nothing: repeating an empty group costs time all the same.
    private var work = 0

    mutating func compile(_ node: PatternNode) throws(PatternError) {
        work += 1
        guard work <= 4 * LinearPattern.maximumSteps else { throw Self.tooLarge }
        switch node {
        case .empty: break
        case .set(let set): try emit(.scalar(set))
        case .sequence(let nodes):
            for node in nodes { try compile(node) }
        case .either(let nodes): try compile(either: nodes[...])
        case .repeated(let node, let least, let most):
            for _ in 0..<least { try compile(node) }
            guard let most else { return try compile(endless: node) }
            for _ in least..<most {
                let split = program.count
                try emit(.accept)
                try compile(node)
                program[split] = .split(split + 1, program.count)
            }
        }
    }

    private mutating func compile(either nodes: ArraySlice<PatternNode>) throws(PatternError) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return try compile(first) }
        let split = program.count
        try emit(.accept)
        try compile(first)
        let jump = program.count
        try emit(.accept)
        program[split] = .split(split + 1, program.count)
        try compile(either: nodes.dropFirst())
        program[jump] = .jump(program.count)
    }

    private mutating func compile(endless node: PatternNode) throws(PatternError) {
        let split = program.count
        try emit(.accept)
        try compile(node)
        try emit(.jump(split))
        program[split] = .split(split + 1, program.count)
    }

    private static let tooLarge = PatternError(description: "is too large once its repetitions are written out")

    private mutating func emit(_ step: LinearPattern.Step) throws(PatternError) {
        guard program.count < LinearPattern.maximumSteps else {
            throw Self.tooLarge
        }
        program.append(step)
    }
}
