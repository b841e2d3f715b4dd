/// Where a body ends. Its bytes are counted, not changed; of chunked ones the framing is checked on the way, as whoever
/// reads it after us must find the same end.
struct BodyFraming: Hashable {
    private enum State: Hashable {
        case complete
        case length(Int64)
        case untilClose
        case chunk(Chunk)
    }

    private enum Chunk: Hashable {
        case size(Int64, digits: Int)
        case sizeLineFeed(Int64)
        case content(Int64)
        case contentReturn
        case contentLineFeed
        /// After the chunk of size zero. Fields may not follow: nobody would hold them to anything.
        case endReturn
        case endLineFeed
    }

    private var state: State

    static let none = BodyFraming(state: .complete)
    static let untilClose = BodyFraming(state: .untilClose)
    static let chunked = BodyFraming(state: .chunk(.size(0, digits: 0)))
    static func length(_ count: Int64) -> BodyFraming { BodyFraming(state: count > 0 ? .length(count) : .complete) }

    var isComplete: Bool { state == .complete }
    var endsWithConnection: Bool { state == .untilClose }

    /// How many of the bytes belong to the body.
    mutating func accept(_ bytes: some RandomAccessCollection<UInt8>) throws(HTTPRefusal) -> Int {
        switch state {
        case .complete: return 0
        case .untilClose: return bytes.count
        case .length(let left):
            let count = Int(min(left, Int64(bytes.count)))
            state = left == Int64(count) ? .complete : .length(left - Int64(count))
            return count
        case .chunk: return try acceptChunks(bytes)
        }
    }

    private mutating func acceptChunks(_ bytes: some RandomAccessCollection<UInt8>) throws(HTTPRefusal) -> Int {
        var taken = 0
        let count = bytes.count
        while taken < count, case .chunk(let chunk) = state {
            if case .content(let left) = chunk {
                let step = Int(min(left, Int64(count - taken)))
                taken += step
                state = .chunk(left == Int64(step) ? .contentReturn : .content(left - Int64(step)))
                continue
            }
            state = try Self.next(chunk, bytes[bytes.index(bytes.startIndex, offsetBy: taken)])
            taken += 1
        }
        return taken
    }

    private static func next(_ chunk: Chunk, _ byte: UInt8) throws(HTTPRefusal) -> State {
        switch (chunk, byte) {
        case (.size(let size, let digits), _):
            if byte == 0x0D, digits > 0 { return .chunk(.sizeLineFeed(size)) }
            // Fifteen digits stay within Int64.
            guard digits < 15, let digit = hexadecimal(byte) else { break }
            return .chunk(.size(size << 4 | digit, digits: digits + 1))
        case (.sizeLineFeed(let size), 0x0A): return .chunk(size == 0 ? .endReturn : .content(size))
        case (.contentReturn, 0x0D): return .chunk(.contentLineFeed)
        case (.contentLineFeed, 0x0A): return .chunk(.size(0, digits: 0))
        case (.endReturn, 0x0D): return .chunk(.endLineFeed)
        case (.endLineFeed, 0x0A): return .complete
        default: break
        }
        throw HTTPRefusal(400, "A chunk of the body is not framed as it has to be: no extensions, no trailing fields.")
    }

    private static func hexadecimal(_ byte: UInt8) -> Int64? {
        switch byte {
        case 0x30...0x39: Int64(byte - 0x30)
        case 0x41...0x46: Int64(byte - 0x37)
        case 0x61...0x66: Int64(byte - 0x57)
        default: nil
        }
    }
}

extension [HeadField] {
    /// What a head says of its body, if it says that once and in one way: `nil` where it says nothing.
    func declaredFraming(isCurrent: Bool) throws(HTTPRefusal) -> BodyFraming? {
        // To some readers an underscore is a hyphen.
        for name in ["transfer_encoding", "content_length"] where !values(of: name).isEmpty {
            throw HTTPRefusal(400, "A field has an underscore in a name that is written with a hyphen.")
        }
        let encodings = values(of: "transfer-encoding")
        let lengths = values(of: "content-length")
        guard encodings.isEmpty || lengths.isEmpty else {
            throw HTTPRefusal(400, "There is both a Content-Length and a Transfer-Encoding.")
        }
        if !encodings.isEmpty {
            guard isCurrent, encodings.count == 1,
                String(decoding: encodings[0], as: UTF8.self).lowercased() == "chunked"
            else { throw HTTPRefusal(400, "The only Transfer-Encoding that is taken is chunked, in HTTP/1.1, once.") }
            return .chunked
        }
        guard let length = lengths.first else { return nil }
        guard lengths.count == 1, (1...18).contains(length.count), length.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(String(decoding: length, as: UTF8.self))
        else { throw HTTPRefusal(400, "There is more than one Content-Length, or it is no plain number.") }
        return .length(count)
    }
}
