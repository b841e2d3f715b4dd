internal import MCP

/// Replaces values in a JSON text and leaves every other byte as it is: what the provider gets is what was decided on,
/// and its prompt cache sees the same prefix as the last time.
enum JSONSplice {
    /// Replaces the values of the named members of the top-level object. `bytes` must have passed the strict parser;
    /// `nil` where it is not an object, or a member is not found.
    static func replacingMembers(of bytes: [UInt8], with replacements: [String: [UInt8]]) -> [UInt8]? {
        var scanner = Scanner(bytes: bytes)
        var found: [(range: Range<Int>, replacement: [UInt8])] = []
        guard scanner.skip(UInt8(ascii: "{")) else { return nil }
        while let key = scanner.string() {
            guard scanner.skip(UInt8(ascii: ":")), let value = scanner.value() else { return nil }
            if let name = name(bytes[key]), let replacement = replacements[name] { found.append((value, replacement)) }
            guard scanner.skip(UInt8(ascii: ",")) else { break }
        }
        guard scanner.skip(UInt8(ascii: "}")), found.count == replacements.count else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 128)
        var position = 0
        for (range, replacement) in found {
            result += bytes[position..<range.lowerBound]
            result += replacement
            position = range.upperBound
        }
        result += bytes[position...]
        return result
    }

    /// A key may be written with escapes; it is the same key.
    private static func name(_ quoted: ArraySlice<UInt8>) -> String? {
        (try? JSONValue(parsing: Array(quoted)))?.stringValue
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func skipSpace() {
            while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        }

        mutating func skip(_ byte: UInt8) -> Bool {
            skipSpace()
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        /// With its quotes.
        mutating func string() -> Range<Int>? {
            skipSpace()
            let start = position
            guard skip(UInt8(ascii: "\"")) else { return nil }
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\\"): position += 2
                case UInt8(ascii: "\""):
                    position += 1
                    return start..<position
                default: position += 1
                }
            }
            return nil
        }

        /// Any value: strings are stepped over, brackets counted.
        mutating func value() -> Range<Int>? {
            skipSpace()
            let start = position
            var depth = 0
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    guard string() != nil else { return nil }
                    if depth == 0 { return start..<position }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    // The end of the object that a bare number or word stands in.
                    guard depth > 0 else { return start..<position }
                    depth -= 1
                    if depth == 0 {
                        position += 1
                        return start..<position
                    }
                case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                    if depth == 0 { return start..<position }
                default: break
                }
                position += 1
            }
            return nil
        }
    }
}
