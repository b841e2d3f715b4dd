/// Takes a range of lines out of a file without ever holding more than that range.
package struct LineReader {
    package struct Page: Sendable, Hashable {
        package var bytes: [UInt8] = []
        package var lines = 0
        /// Lines cut because they are longer than a line may be.
        package var cutLines = 0
        package var reachedEnd = false
    }

    private static let chunk = 256 << 10

    package let maximumBytes: Int
    package let maximumLineBytes: Int

    package init(maximumBytes: Int, maximumLineBytes: Int) {
        self.maximumBytes = maximumBytes
        self.maximumLineBytes = maximumLineBytes
    }

    /// Lines `first..<first + count`, counted from 1. `nil` where the file has fewer lines than `first`.
    package func page(
        _ file: OpenFile, first: Int, count: Int, cancellation: CancelSignal
    ) throws(ToolProblem) -> Page? {
        var page = Page()
        var line = 1
        var lineBytes = 0
        var offset: Int64 = 0
        while true {
            guard !cancellation.isCancelled else { throw ToolProblem("Reading was cancelled.") }
            let bytes = try file.read(at: offset, count: Self.chunk)
            if bytes.isEmpty {
                // A last line without a newline counts; the emptiness after a last newline does not.
                if lineBytes > 0, line >= first { page.lines += 1 }
                if page.lines == 0, offset > 0 || first > 1 { return nil }
                page.reachedEnd = true
                return page
            }
            offset += Int64(bytes.count)
            var rest = bytes[...]
            while !rest.isEmpty {
                let newline = rest.firstIndex(of: UInt8(ascii: "\n"))
                let end = newline.map { $0 + 1 } ?? rest.endIndex
                if line >= first {
                    let content = rest[rest.startIndex..<(newline ?? end)]
                    let room = max(0, maximumLineBytes - lineBytes)
                    page.bytes.append(contentsOf: content.prefix(room))
                    if lineBytes <= maximumLineBytes, lineBytes + content.count > maximumLineBytes {
                        page.cutLines += 1
                        page.bytes.append(contentsOf: " [… line cut]".utf8)
                    }
                    if newline != nil { page.bytes.append(UInt8(ascii: "\n")) }
                }
                lineBytes += end - rest.startIndex
                rest = rest[end...]
                guard newline != nil else { continue }
                if line >= first { page.lines += 1 }
                line += 1
                lineBytes = 0
                if line >= first + count || page.bytes.count >= maximumBytes {
                    if rest.isEmpty { page.reachedEnd = try file.read(at: offset, count: 1).isEmpty }
                    return page
                }
            }
        }
    }
}
