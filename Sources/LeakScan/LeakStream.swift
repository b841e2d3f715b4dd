/// A text that comes in pieces. What could be the beginning of something is held back until it is known.
package struct LeakStream: Sendable {
    private let leaks: LeakGuard
    private let subject: LeakSubject
    private var held: [UInt8] = []
    package private(set) var findings: [LeakFinding] = []

    package init(_ leaks: LeakGuard, subject: LeakSubject) {
        self.leaks = leaks
        self.subject = subject
    }

    /// What may be shown now.
    package mutating func append(_ text: String) -> String {
        held += text.utf8
        return take(isEnd: false)
    }

    /// The rest.
    package mutating func end() -> String { take(isEnd: true) }

    private mutating func take(isEnd: Bool) -> String {
        let (automaton, exemptions) = leaks.current(for: subject.session)
        let (text, count, found) = held.withUnsafeBufferPointer { bytes -> (String, Int, [LeakFinding]) in
            let result = automaton.scan(bytes)
            let places = LeakGuard.places(automaton, result.matches, bytes, exemptions, subject)
            var end = isEnd ? bytes.count : result.settled
            if !isEnd {
                // What begins before the end and goes past it goes as a whole, later.
                for place in places where place.range.lowerBound < end && place.range.upperBound > end {
                    end = place.range.lowerBound
                }
                while end > 0, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            }
            let passing = places.filter { $0.range.upperBound <= end }
            let text = String(
                decoding: LeakGuard.replaced(bytes[0..<end], passing), as: UTF8.self)
            return (text, end, LeakGuard.findings(passing))
        }
        held.removeFirst(count)
        for finding in found where !findings.contains(finding) { findings.append(finding) }
        return text
    }
}
