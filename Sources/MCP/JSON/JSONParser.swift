/// A strict parser (RFC 8259): refuses what two parsers could read in two ways (duplicate keys, invalid UTF-8, lone
/// surrogates, numbers beyond a double), and whatever exceeds its limits.
struct JSONParser {
    private let limits: JSONLimits
    private var position = 0

    init(limits: JSONLimits) {
        self.limits = limits
    }

    mutating func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.maximumBytes else {
            throw JSONError(offset: 0, reason: "\(bytes.count) bytes are more than the \(limits.maximumBytes) allowed")
        }
        let result = try value(bytes, depth: 0)
        skipWhitespace(bytes)
        guard position == bytes.count else { throw fail("text after the end of the value") }
        return result
    }

    private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
        skipWhitespace(bytes)
        guard position < bytes.count else { throw fail("a value is missing") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try object(bytes, depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(bytes, depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string(bytes))
        case UInt8(ascii: "t"):
            try word("true", bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false", bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null", bytes)
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(bytes)
        default: throw fail("a value cannot start like this")
        }
    }

    private mutating func object(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var result = JSONObject()
        skipWhitespace(bytes)
        if take(UInt8(ascii: "}"), bytes) { return result }
        while true {
            skipWhitespace(bytes)
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw fail("a key is missing") }
            let start = position
            let key = try string(bytes)
            skipWhitespace(bytes)
            guard take(UInt8(ascii: ":"), bytes) else { throw fail("a colon is missing") }
            let member = try value(bytes, depth: depth)
            guard result.appendIfNew(key, member) else {
                throw JSONError(offset: start, reason: "the same key occurs twice in one object")
            }
            skipWhitespace(bytes)
            if take(UInt8(ascii: ","), bytes) { continue }
            guard take(UInt8(ascii: "}"), bytes) else { throw fail("a comma or the end of the object is missing") }
            return result
        }
    }

    private mutating func array(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var result: [JSONValue] = []
        skipWhitespace(bytes)
        if take(UInt8(ascii: "]"), bytes) { return result }
        while true {
            result.append(try value(bytes, depth: depth))
            skipWhitespace(bytes)
            if take(UInt8(ascii: ","), bytes) { continue }
            guard take(UInt8(ascii: "]"), bytes) else { throw fail("a comma or the end of the array is missing") }
            return result
        }
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= limits.maximumDepth else { throw fail("nested deeper than \(limits.maximumDepth)") }
        position += 1
    }

    private mutating func word(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count else { throw fail("a value is cut off") }
        for index in position..<end where bytes[index] != word.utf8Start[index - position] {
            throw fail("a value cannot start like this")
        }
        position = end
    }

    private mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func fail(_ reason: String) -> JSONError {
        JSONError(offset: position, reason: reason)
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        let start = position
        let negative = take(UInt8(ascii: "-"), bytes)
        let firstDigit = position
        var magnitude: UInt64 = 0
        var fits = true
        while let digit = digit(bytes) {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            fits = fits && !overflow && !carry
            magnitude = sum
            position += 1
        }
        guard position > firstDigit else { throw fail("a digit is missing") }
        guard bytes[firstDigit] != UInt8(ascii: "0") || position == firstDigit + 1 else {
            throw JSONError(offset: start, reason: "a number with a leading zero")
        }
        var isInteger = true
        if take(UInt8(ascii: "."), bytes) {
            isInteger = false
            try digits(bytes)
        }
        if take(UInt8(ascii: "e"), bytes) || take(UInt8(ascii: "E"), bytes) {
            isInteger = false
            if !take(UInt8(ascii: "+"), bytes) { _ = take(UInt8(ascii: "-"), bytes) }
            try digits(bytes)
        }
        if isInteger, fits {
            if !negative, let value = Int64(exactly: magnitude) { return .int(value) }
            if negative, magnitude <= UInt64(Int64.max) + 1 { return .int(Int64(truncatingIfNeeded: 0 &- magnitude)) }
        }
        guard let text = String(copying: bytes.extracting(start..<position)), let value = Double(text), value.isFinite
        else { throw JSONError(offset: start, reason: "a number beyond what a double can hold") }
        return .double(value)
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
        guard digit(bytes) != nil else { throw fail("a digit is missing") }
        while digit(bytes) != nil { position += 1 }
    }

    private func digit(_ bytes: Span<UInt8>) -> UInt8? {
        guard position < bytes.count else { return nil }
        let value = bytes[position] &- UInt8(ascii: "0")
        return value < 10 ? value : nil
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
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
