/// Output of any length in bounded memory: its beginning, its end, and how much there was.
package struct CappedOutput: Sendable, Hashable {
    private let headLimit: Int
    private let tailLimit: Int
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    package private(set) var total = 0

    package init(head: Int, tail: Int) {
        headLimit = head
        tailLimit = tail
    }

    package mutating func append(_ bytes: some Collection<UInt8>) {
        total += bytes.count
        let first = bytes.prefix(headLimit - head.count)
        head.append(contentsOf: first)
        guard first.count < bytes.count else { return }
        tail.append(contentsOf: bytes.dropFirst(first.count).suffix(tailLimit))
        // Trimmed now and then, not at each piece: moving the rest costs as much as it keeps.
        if tail.count > 2 * tailLimit { tail.removeFirst(tail.count - tailLimit) }
    }

    /// Whole where nothing was left out.
    package var bytes: [UInt8] { head + tail.suffix(tailLimit) }

    package var omitted: Int { total - head.count - min(tail.count, tailLimit) }

    /// As text that is safe to show, with a line in place of what is left out.
    package var text: VisibleText {
        guard omitted > 0 else { return VisibleText(bytes) }
        let start = VisibleText(head[..<Self.characterEnd(head)])
        let end = tail.suffix(tailLimit)
        let rest = VisibleText(end.drop { $0 & 0xC0 == 0x80 })
        return VisibleText(
            text: "\(start.text)\n[… \(omitted) bytes left out …]\n\(rest.text)",
            hadInvalidBytes: start.hadInvalidBytes || rest.hadInvalidBytes)
    }

    /// Where the last whole UTF-8 character ends.
    private static func characterEnd(_ bytes: [UInt8]) -> Int {
        var start = bytes.count
        while start > 0, bytes.count - start < 4, bytes[start - 1] & 0xC0 == 0x80 { start -= 1 }
        guard start > 0 else { return bytes.count }
        let lead = bytes[start - 1]
        let length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        return bytes.count - (start - 1) < length ? start - 1 : bytes.count
    }
}
