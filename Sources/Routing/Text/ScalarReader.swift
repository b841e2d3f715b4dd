/// Reads scalars from UTF-8 that may be cut anywhere: what is no scalar is passed over a byte at a time.
struct ScalarReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// U+FFFD for a byte that begins nothing; `nil` at the end.
    mutating func next() -> UInt32? {
        guard position < bytes.count else { return nil }
        let first = UInt32(bytes[position])
        position += 1
        if first < 0x80 { return first }
        let length = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1
        guard first >= 0xC2, first < 0xF5, position + length <= bytes.count else { return 0xFFFD }
        var value = first & (0x3F >> UInt32(length))
        for offset in 0..<length {
            let byte = UInt32(bytes[position + offset])
            guard byte & 0xC0 == 0x80 else { return 0xFFFD }
            value = value << 6 | (byte & 0x3F)
        }
        position += length
        return value
    }
}

/// What a scalar is to the scan.
enum ScalarClass {
    case letter, digit, space, newline, punctuation
    /// Of a writing system that puts no spaces between words.
    case ideograph
    /// Invisible: passed over, so that a word cannot be cut by it.
    case ignored

    /// The class, and the scalar in lower case where the alphabets of Europe have one.
    static func of(_ scalar: UInt32) -> (ScalarClass, UInt32) {
        switch scalar {
        case 0x61...0x7A: (.letter, scalar)
        case 0x41...0x5A: (.letter, scalar + 32)
        case 0x30...0x39: (.digit, scalar)
        case 0x0A, 0x2028, 0x2029: (.newline, scalar)
        case 0x00...0x20, 0xA0, 0x2000...0x200A, 0x3000: (.space, scalar)
        case 0x00...0x7F, 0xA1...0xAC, 0xAE...0xBF, 0xD7, 0xF7: (.punctuation, scalar)
        case 0xC0...0xDE: (.letter, scalar + 32)
        case 0x0391...0x03A9, 0x0410...0x042F: (.letter, scalar + 32)
        case 0x0400...0x040F: (.letter, scalar + 80)
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFE00...0xFE0F, 0xFEFF, 0xAD: (.ignored, scalar)
        case 0x2010...0x205F, 0x2070...0x2BFF, 0x3001...0x303F, 0xFF00...0xFF0F, 0xFF1A...0xFF20, 0xFFFD:
            (.punctuation, scalar)
        case 0x0E00...0x0EFF, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x3FFFF: (.ideograph, scalar)
        case 0x1F000...0x1FAFF: (.punctuation, scalar)
        default: (.letter, scalar)
        }
    }
}
