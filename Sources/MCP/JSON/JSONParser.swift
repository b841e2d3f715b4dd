/// A strict parser (RFC 8259): refuses what two parsers could read in two ways (duplicate keys, invalid UTF-8, lone
/// surrogates, numbers beyond a double), and whatever exceeds its limits.
struct JSONParser {
    private let limits: JSONLimits
    var position = 0

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

    mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    func fail(_ reason: String) -> JSONError {
        JSONError(offset: position, reason: reason)
    }
}
