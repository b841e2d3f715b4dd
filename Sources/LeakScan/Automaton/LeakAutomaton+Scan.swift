/// Where in a text something was found.
struct LeakMatch {
    let pattern: Int
    var range: Range<Int>
}

struct LeakScanResult {
    var matches: [LeakMatch] = []
    /// Up to here nothing that follows can change what was found.
    var settled: Int
}

extension LeakAutomaton {
    /// One pass over `text`, in four places at once where it is long: each step waits for memory, and none for another's.
    func scan(_ text: UnsafeBufferPointer<UInt8>) -> LeakScanResult {
        var result = LeakScanResult(settled: text.count)
        let length = text.count >= Self.worthParts ? text.count / 4 : 0
        var states = parts(of: text, length, &result)
        // The last part takes what is left over.
        step(text, from: 4 * length, &states.3, &result) { _, _ in true }
        var pending = depth(of: states.3)
        // The others go on into the next part, until what they carry begins there: from then on that part is as they are.
        for (state, start) in [(states.0, length), (states.1, 2 * length), (states.2, 3 * length)]
        where depth(of: state) > 0 {
            var (state, read) = (state, 0)
            step(text, from: start, &state, &result) { state, isBlank in
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
                            look(at: state, text, position + part * length, &result)
                        }
                    }
                }
            }
        }
        return (a, b, c, d)
    }

    /// From `start` to the end, or until `goesOn` says no.
    private func step(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ state: inout UInt32, _ result: inout LeakScanResult,
        while goesOn: (_ state: UInt32, _ isBlank: Bool) -> Bool
    ) {
        table.withUnsafeBufferPointer { table in
            Fold.columns.withUnsafeBufferPointer { columns in
                for position in start..<text.count {
                    let column = columns[Int(text[position])]
                    state = table[Int(state &+ UInt32(column))]
                    if state >= firstHit { look(at: state, text, position, &result) }
                    guard goesOn(state, column == 0) else { break }
                }
            }
        }
    }

    /// How many characters after what the value decides can hold some of its bits, or fill its group up.
    static let base64Tail = 3

    func isAnythingFound(in text: UnsafeBufferPointer<UInt8>) -> Bool { !scan(text).matches.isEmpty }

    private func look(
        at state: UInt32, _ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ result: inout LeakScanResult
    ) {
        // A blank leaves the state as it is: it has been looked at.
        guard !Fold.isBlank(text[position]) else { return }
        for index in hits[hitRanges[state] ?? 0..<0] {
            let pattern = patterns[Int(index)]
            guard let start = beginning(of: pattern.depth, in: text, before: position + 1) else { continue }
            let end: Int?
            let reachesEnd: Bool
            switch pattern.target {
            case .secret(_, let form):
                let read = whole(pattern.text, in: text, from: start)
                // A few more characters of base64 may belong to it.
                let isOpen = form == "base64" && read.end.map { $0 + Self.base64Tail > text.count } ?? false
                (end, reachesEnd) = (read.end, read.reachesEnd || isOpen)
            case .token(let form): (end, reachesEnd) = form.end(in: text, from: start)
            }
            if reachesEnd { result.settled = min(result.settled, start) }
            if let end { result.matches.append(LeakMatch(pattern: Int(index), range: start..<end)) }
        }
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
        _ pattern: [UInt8], in text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> (end: Int?, reachesEnd: Bool) {
        var read = 0
        var blanks = Self.blanks(in: pattern.count)
        var position = start
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
