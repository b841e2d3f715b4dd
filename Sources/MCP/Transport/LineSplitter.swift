import Glibc

/// Splits a byte stream at line feeds. Works on bytes: U+2028 and a lone carriage return are no line ends here.
struct LineSplitter {
    private let maximumLength: Int
    private var rest: [UInt8] = []

    init(maximumLength: Int) {
        self.maximumLength = maximumLength
    }

    /// Whether a line has begun that no line feed ended.
    var hasRest: Bool { !rest.isEmpty }

    /// Appends the lines that `chunk` completes, empty ones left out.
    mutating func split(_ chunk: UnsafeRawBufferPointer, into lines: inout [[UInt8]]) throws {
        var remaining = chunk
        while let base = remaining.baseAddress, !remaining.isEmpty {
            guard let end = memchr(base, 0x0A, remaining.count) else {
                try check(rest.count + remaining.count)
                rest.append(contentsOf: remaining)
                return
            }
            let length = UnsafeRawPointer(end) - base
            try check(rest.count + length)
            if rest.isEmpty {
                if length > 0 { lines.append(Array(UnsafeRawBufferPointer(rebasing: remaining[..<length]))) }
            } else {
                rest.append(contentsOf: remaining[..<length])
                lines.append(rest)
                rest = []
            }
            remaining = UnsafeRawBufferPointer(rebasing: remaining[(length + 1)...])
        }
    }

    private func check(_ length: Int) throws {
        guard length <= maximumLength else {
            throw TransportError(
                code: .messageTooLong, message: "a message is longer than the \(maximumLength) bytes allowed")
        }
    }
}
