extension JSONParser {
    mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard let text = String(copying: bytes.extracting(start..<position)) else {
                    throw JSONError(offset: start, reason: "a string that is not UTF-8")
                }
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(bytes, from: start)
            case 0..<0x20: throw fail("a control character in a string")
            default: position += 1
            }
        }
        throw fail("a string without end")
    }

    /// The slow path: from the first backslash on, the text is put together in a buffer.
    private mutating func escapedString(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) -> String {
        var text: [UInt8] = []
        for index in start..<position { text.append(bytes[index]) }
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(copying: text.span) else {
                    throw JSONError(offset: start, reason: "a string that is not UTF-8")
                }
                position += 1
                return result
            case UInt8(ascii: "\\"): try escape(bytes, into: &text)
            case 0..<0x20: throw fail("a control character in a string")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw fail("a string without end")
    }

    private mutating func escape(_ bytes: Span<UInt8>, into text: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        guard position < bytes.count else { throw fail("a string without end") }
        let kind = bytes[position]
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal(bytes)
            if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\"), bytes), take(UInt8(ascii: "u"), bytes) {
                let low = try hexadecimal(bytes)
                guard (0xDC00..<0xE000).contains(low) else {
                    throw JSONError(offset: start, reason: "half of a surrogate pair")
                }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw JSONError(offset: start, reason: "half of a surrogate pair")
            }
            text.append(contentsOf: String(scalar).utf8)
        default: throw JSONError(offset: start, reason: "an unknown escape")
        }
    }

    private mutating func hexadecimal(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw fail("an escape is cut off") }
        var result: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch bytes[position] {
            case let byte where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): digit = byte - UInt8(ascii: "0")
            case let byte where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte):
                digit = byte - UInt8(ascii: "a") + 10
            case let byte where (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte):
                digit = byte - UInt8(ascii: "A") + 10
            default: throw fail("an escape needs four hexadecimal digits")
            }
            result = result << 4 | UInt32(digit)
            position += 1
        }
        return result
    }
}

extension String {
    /// `nil` where the bytes are not UTF-8.
    init?(copying bytes: Span<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        self.init(copying: text)
    }
}
