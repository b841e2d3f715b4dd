/// The answer while it is being written. What fits on the screen stays changeable; only what has to scroll away is
/// printed, so that the stored answer can take the draft's place without saying anything twice.
package struct DraftView: Sendable {
    private let width: Int
    private var stream: MarkdownStream
    private var source = ""
    /// Lines that can no longer change, not printed yet.
    private var ready: [StyledLine] = []
    package private(set) var hasPrinted = false

    package init(width: Int) {
        self.width = width
        stream = MarkdownStream(width: width)
    }

    package var isEmpty: Bool { source.isEmpty }
    package var lines: [StyledLine] { ready + stream.pending }

    package mutating func append(_ text: String) {
        source += text
        ready += stream.append(text)
    }

    /// Whether `text` only goes on from here, so that a draft sent anew need not start again.
    package func isContinued(by text: String) -> Bool {
        text.utf8.starts(with: source.utf8)
    }

    /// Goes on to `text`, which ``isContinued(by:)``.
    package mutating func advance(to text: String) {
        append(String(decoding: text.utf8.dropFirst(source.utf8.count), as: UTF8.self))
    }

    /// Lines to print because fewer than all fit into `rows`.
    package mutating func overflow(rows: Int) -> [StyledLine] {
        let excess = min(ready.count, ready.count + stream.pending.count - rows)
        guard excess > 0 else { return [] }
        let printed = Array(ready.prefix(excess))
        ready.removeFirst(excess)
        hasPrinted = true
        return printed
    }

    /// What is left to print when nothing more comes.
    package mutating func finish() -> [StyledLine] {
        let rest = ready + stream.finish()
        self = DraftView(width: width)
        return rest
    }

    /// What is left to print when `text` is the answer.
    package mutating func finish(as text: String) -> [StyledLine] {
        defer { self = DraftView(width: width) }
        guard hasPrinted else { return MarkdownStream.render(text, width: width) }
        // The end may have been trimmed where it is stored.
        let end = source.utf8.lastIndex { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        let trimmed = end.map { source.utf8[...$0] } ?? source.utf8[source.utf8.startIndex..<source.utf8.startIndex]
        if text.utf8.starts(with: source.utf8) {
            advance(to: text)
            return ready + stream.finish()
        }
        if text.utf8.elementsEqual(trimmed) { return ready + stream.finish() }
        return [StyledLine("(The answer changed while it was written. In full:)", .dim)]
            + MarkdownStream.render(text, width: width)
    }
}
