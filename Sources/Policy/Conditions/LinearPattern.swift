/// A regular expression that costs at most its own size times the text's length, whatever an agent writes: it is run as
/// a set of states (Thompson 1968), never by backtracking. The whole text has to match.
///
/// Literals, `.` (any character, newlines too), `[a-z]`, `[^a-z]`, `\d \w \s` and their capitals (ASCII), `\n \t`, `\`
/// before a sign, `(…)`, `|`, `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`. No look-around, no back references.
package struct LinearPattern: Hashable, Sendable {
    package let source: String
    private let program: [Step]

    enum Step: Hashable, Sendable {
        case scalar(ScalarSet)
        /// Goes on at both.
        case split(Int, Int)
        case jump(Int)
        case accept
    }

    /// Of UTF-8; what is longer is not looked at.
    package static let longestText = 16 << 10
    static let maximumSteps = 2_000

    /// Throws `PatternError`, whose message says what is wrong.
    package init(_ source: String) throws(PatternError) {
        self.source = source
        var compiler = PatternCompiler()
        try compiler.compile(try PatternParser.parse(source))
        program = compiler.program + [.accept]
    }

    /// `nil` where the text is too long to be looked at.
    package func matches(_ text: String) -> Bool? {
        guard text.utf8.count <= Self.longestText else { return nil }
        var (current, next) = (StateSet(program.count), StateSet(program.count))
        follow(0, into: &current)
        for scalar in text.unicodeScalars {
            if current.isEmpty { return false }
            for state in current.members {
                if case .scalar(let set) = program[state], set.contains(scalar) { follow(state + 1, into: &next) }
            }
            swap(&current, &next)
            next.removeAll()
        }
        return current.members.contains { program[$0] == .accept }
    }

    /// Adds `start` and all that is reached from it without a character. Each state is added once, so this ends.
    private func follow(_ start: Int, into states: inout StateSet) {
        var open = [start]
        while let state = open.popLast() {
            guard states.insert(state) else { continue }
            switch program[state] {
            case .split(let first, let second): open += [second, first]
            case .jump(let target): open.append(target)
            case .scalar, .accept: break
            }
        }
    }
}

package struct PatternError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// Some of the states of a program, each once.
private struct StateSet {
    private(set) var members: [Int] = []
    private var isMember: [Bool]

    init(_ count: Int) {
        isMember = Array(repeating: false, count: count)
        members.reserveCapacity(count)
    }

    var isEmpty: Bool { members.isEmpty }

    mutating func insert(_ state: Int) -> Bool {
        guard !isMember[state] else { return false }
        isMember[state] = true
        members.append(state)
        return true
    }

    mutating func removeAll() {
        for state in members { isMember[state] = false }
        members.removeAll(keepingCapacity: true)
    }
}

/// Characters by code point ranges.
struct ScalarSet: Hashable, Sendable {
    var ranges: [ClosedRange<UInt32>]
    var isNegated = false

    static let any = ScalarSet(ranges: [0...0x10_FFFF])
    static let digits = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarSet(ranges: [0x09...0x0D, 0x20...0x20])

    static func one(_ scalar: Unicode.Scalar) -> ScalarSet { ScalarSet(ranges: [scalar.value...scalar.value]) }

    var negated: ScalarSet { ScalarSet(ranges: ranges, isNegated: !isNegated) }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isNegated
    }

    /// The ranges it stands for, negation worked out.
    var positive: [ClosedRange<UInt32>] {
        guard isNegated else { return ranges }
        var (result, next): ([ClosedRange<UInt32>], UInt32) = ([], 0)
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10_FFFF { result.append(next...0x10_FFFF) }
        return result
    }
}
