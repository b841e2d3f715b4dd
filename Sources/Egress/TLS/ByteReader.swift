/// Reads big-endian lengths and what they measure. `nil` where there is not enough.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// At most three bytes.
    mutating func number(_ width: Int) -> Int? {
        bytes(width)?.reduce(0) { $0 << 8 | Int($1) }
    }

    /// What a length of `width` bytes measures.
    mutating func vector(_ width: Int) -> ArraySlice<UInt8>? {
        number(width).flatMap { bytes($0) }
    }
}
