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
    /// One pass over `text`.
    func scan(_ text: UnsafeBufferPointer<UInt8>) -> LeakScanResult {
        var result = LeakScanResult(settled: text.count)
        var state: UInt32 = 0
        let firstHit = firstHit
        table.withUnsafeBufferPointer { table in
            Fold.columns.withUnsafeBufferPointer { columns in
                for position in 0..<text.count {
                    let column = columns[Int(text[position])]
                    state = table[Int(state &+ UInt32(column))]
                    if state >= firstHit, column != 0 { look(at: state, text, position, &result) }
                }
            }
        }
        let pending = Int(depths[Int(state) / Fold.classes])
        if pending > 0 {
            let start = beginning(of: pending, in: text, before: text.count) ?? text.count
            result.settled = min(result.settled, start)
        }
        return result
    }

    /// How many characters after what the value decides can hold some of its bits, or fill its group up.
    static let base64Tail = 3

    func isAnythingFound(in text: UnsafeBufferPointer<UInt8>) -> Bool { !scan(text).matches.isEmpty }

    private func look(
        at state: UInt32, _ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ result: inout LeakScanResult
    ) {
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
