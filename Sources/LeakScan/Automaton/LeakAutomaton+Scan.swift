/// Where in a text something was found.
struct LeakMatch {
    let pattern: Int
    var range: Range<Int>
}

struct LeakScanResult {
    var matches: [LeakMatch] = []
    /// Up to here nothing that follows can change what was found.
    var settled: Int
    /// How many bytes may still be looked at again, beyond the one look at each. Without it a text made for the purpose
    /// would take its length times a secret's.
    var budget: Int
    /// States whose secrets are all withheld to the end of the text, by part: nothing more is to be looked up there.
    private var spent: Set<Spent> = []
    /// The latest match of each pattern in each part, by its place in `matches`.
    private var latest: [Latest: Int] = [:]

    private struct Latest: Hashable {
        let pattern: Int
        let part: Int
    }

    private struct Spent: Hashable {
        let state: UInt32
        let part: Int
    }

    func isSpent(_ state: UInt32, part: Int) -> Bool {
        !spent.isEmpty && spent.contains(Spent(state: state, part: part))
    }

    mutating func spend(_ state: UInt32, part: Int) { spent.insert(Spent(state: state, part: part)) }

    /// Beyond so many what lies between two of them goes with them.
    private static let maximumMatches = 1 << 16

    init(of text: UnsafeBufferPointer<UInt8>) {
        settled = text.count
        budget = 16 * text.count + 1 << 20
    }

    /// Matches of one pattern that overlap (a run of one letter is full of them) are one.
    mutating func add(_ pattern: Int, _ range: Range<Int>, part: Int) {
        let key = Latest(pattern: pattern, part: part)
        if let index = latest[key] {
            let last = matches[index].range
            if range.lowerBound < last.upperBound || matches.count >= Self.maximumMatches {
                matches[index].range =
                    min(last.lowerBound, range.lowerBound)..<max(last.upperBound, range.upperBound)
                return
            }
        }
        latest[key] = matches.count
        matches.append(LeakMatch(pattern: pattern, range: range))
    }
}

extension LeakAutomaton {
    /// One pass over `text`, in four places at once where it is long: each step waits for memory, and none for another's.
    func scan(_ text: UnsafeBufferPointer<UInt8>) -> LeakScanResult {
        var result = LeakScanResult(of: text)
        let length = text.count >= Self.worthParts ? text.count / 4 : 0
        var states = parts(of: text, length, &result)
        // The last part takes what is left over.
        step(text, from: 4 * length, part: 3, &states.3, &result) { _, _ in true }
        var pending = depth(of: states.3)
        // The others go on into the next part, until what they carry begins there: from then on that part is as they are.
        for (part, state) in [states.0, states.1, states.2].enumerated() where depth(of: state) > 0 {
            var (state, read) = (state, 0)
            step(text, from: (part + 1) * length, part: part, &state, &result) { state, isBlank in
                read += isBlank ? 0 : 1
                return depth(of: state) > read
            }
            if depth(of: state) > read { pending = max(pending, depth(of: state)) }
        }
        if pending > 0 {
            result.settled = min(result.settled, beginning(of: pending, in: text, before: text.count) ?? text.count)
        }
        return result
    }

    private static let worthParts = 1024

    private func depth(of state: UInt32) -> Int { Int(depths[Int(state) / Fold.classes]) }

    private func parts(
        of text: UnsafeBufferPointer<UInt8>, _ length: Int, _ result: inout LeakScanResult
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (a, b, c, d): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        let firstHit = firstHit
        table.withUnsafeBufferPointer { table in
            Fold.columns.withUnsafeBufferPointer { columns in
                for position in 0..<length {
                    a = table[Int(a &+ UInt32(columns[Int(text[position])]))]
                    b = table[Int(b &+ UInt32(columns[Int(text[position &+ length])]))]
                    c = table[Int(c &+ UInt32(columns[Int(text[position &+ 2 &* length])]))]
                    d = table[Int(d &+ UInt32(columns[Int(text[position &+ 3 &* length])]))]
                    if max(a, b, c, d) >= firstHit {
                        for (part, state) in [a, b, c, d].enumerated() where state >= firstHit {
                            look(at: state, text, position + part * length, part: part, &result)
                        }
                    }
                }
            }
        }
        return (a, b, c, d)
    }

    /// From `start` to the end, or until `goesOn` says no.
    private func step(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, part: Int, _ state: inout UInt32,
        _ result: inout LeakScanResult, while goesOn: (_ state: UInt32, _ isBlank: Bool) -> Bool
    ) {
        table.withUnsafeBufferPointer { table in
            Fold.columns.withUnsafeBufferPointer { columns in
                for position in start..<text.count {
                    let column = columns[Int(text[position])]
                    state = table[Int(state &+ UInt32(column))]
                    if state >= firstHit { look(at: state, text, position, part: part, &result) }
                    guard goesOn(state, column == 0) else { break }
                }
            }
        }
    }

    /// How many characters after what the value decides can hold some of its bits, or fill its group up.
    static let base64Tail = 3

    func isAnythingFound(in text: UnsafeBufferPointer<UInt8>) -> Bool { !scan(text).matches.isEmpty }

    private func look(
        at state: UInt32, _ text: UnsafeBufferPointer<UInt8>, _ position: Int, part: Int,
        _ result: inout LeakScanResult
    ) {
        // A blank leaves the state as it is: it has been looked at.
        guard !Fold.isBlank(text[position]) else { return }
        // Values that stand in one another all end in one place: where nothing is looked at whole any more, once is enough.
        let (isOver, isSpent) = (result.budget <= 0, result.isSpent(state, part: part))
        // Of each state tokens come first.
        for index in hits[hitRanges[state] ?? 0..<0] {
            let pattern = patterns[Int(index)]
            if isSpent, case .secret = pattern.target { return }
            guard result.budget > 0 else {
                take(Int(index), text, position, part: part, &result)
                continue
            }
            result.budget -= pattern.depth
            guard let start = beginning(of: pattern.depth, in: text, before: position + 1) else { continue }
            let end: Int?
            let reachesEnd: Bool
            switch pattern.target {
            case .secret(_, let form):
                let read = whole(pattern.text, in: text, from: start, &result.budget)
                // A few more characters of base64 may belong to it.
                let isOpen = form == "base64" && read.end.map { $0 + Self.base64Tail > text.count } ?? false
                (end, reachesEnd) = (read.end, read.reachesEnd || isOpen)
            case .token(let form):
                (end, reachesEnd) = form.end(in: text, from: start)
                if let end { result.budget -= end - start }
            }
            if reachesEnd { result.settled = min(result.settled, start) }
            if let end { result.add(Int(index), start..<end, part: part) }
        }
        if isOver { result.spend(state, part: part) }
    }

    /// Nothing more is looked at whole. What begins like a token counts as it, as far as it could reach; what begins like a
    /// secret is withheld to the end of the text, so that it need not be looked for again.
    private func take(
        _ index: Int, _ text: UnsafeBufferPointer<UInt8>, _ position: Int, part: Int,
        _ result: inout LeakScanResult
    ) {
        let pattern = patterns[index]
        let start: Int
        let end: Int
        switch pattern.target {
        case .secret:
            start = max(0, position + 1 - pattern.depth - Self.blanks(in: pattern.depth))
            end = text.count
            result.settled = min(result.settled, start)
        case .token(let form):
            // As it is written, without blanks; that much is soon compared.
            start = position + 1 - form.beginning.count
            guard start >= 0, form.begins(in: text, at: start) else { return }
            end = position + 1 + form.longest
            if end > text.count { result.settled = min(result.settled, start) }
        }
        result.add(index, start..<min(end, text.count), part: part)
    }

    /// Blanks within what is found are few: a text that is spelled out over pages is not looked for.
    private static func blanks(in count: Int) -> Int { count + 16 }

    /// Where the `count` bytes begin, blanks not counted, that end before `end`.
    private func beginning(of count: Int, in text: UnsafeBufferPointer<UInt8>, before end: Int) -> Int? {
        var left = count
        var blanks = Self.blanks(in: count)
        var position = end
        while left > 0 {
            guard position > 0 else { return nil }
            position -= 1
            if Fold.isBlank(text[position]) {
                blanks -= 1
                guard blanks >= 0 else { return nil }
            } else {
                left -= 1
            }
        }
        return position
    }

    private func whole(
        _ pattern: [UInt8], in text: UnsafeBufferPointer<UInt8>, from start: Int, _ budget: inout Int
    ) -> (end: Int?, reachesEnd: Bool) {
        var read = 0
        var blanks = Self.blanks(in: pattern.count)
        var position = start
        defer { budget -= position - start }
        while read < pattern.count {
            guard position < text.count else { return (nil, true) }
            let byte = text[position]
            position += 1
            if Fold.isBlank(byte) {
                blanks -= 1
                guard blanks >= 0 else { return (nil, false) }
            } else {
                guard Fold.byte(byte) == pattern[read] else { return (nil, false) }
                read += 1
            }
        }
        return (position, false)
    }
}
