/// Turns what a terminal sends into keys, in whatever pieces it arrives. Sequences it does not know are dropped whole, so
/// that no half of one ends up as text.
package struct KeyDecoder: Sendable {
    private enum State: Sendable {
        case ground
        case escape
        /// After `ESC [`; holds parameter and intermediate bytes.
        case control([UInt8])
        /// After `ESC O`.
        case single
        case paste
        /// A string the terminal sends on its own account (OSC, DCS, APC): dropped up to its end.
        case ignored(sawEscape: Bool)
    }

    private var state = State.ground
    private var utf8: [UInt8] = []
    private var paste: [UInt8] = []

    /// A paste of more is cut: it would not be accepted as a message either.
    static let maximumPaste = 1 << 20
    private static let pasteEnd: [UInt8] = [0x1B] + Array("[201~".utf8)

    package init() {}

    /// Bytes may be held back that are the start of something longer.
    package var isPending: Bool {
        if case .ground = state { false } else { true }
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes { take(byte, into: &keys) }
        return merged(keys)
    }

    /// Nothing came for a while: an escape that is still alone was the Escape key.
    package mutating func flush() -> [Key] {
        guard case .escape = state else { return [] }
        state = .ground
        return [.escape]
    }

    private mutating func take(_ byte: UInt8, into keys: inout [Key]) {
        switch state {
        case .ground: ground(byte, into: &keys)
        case .escape: escape(byte, into: &keys)
        case .single:
            state = .ground
            if let key = Self.final(byte, []) { keys.append(key) }
        case .control(let parameters):
            if (0x40...0x7E).contains(byte) {
                state = .ground
                if byte == UInt8(ascii: "~"), parameters == Array("200".utf8) {
                    state = .paste
                } else if let key = Self.final(byte, parameters) {
                    keys.append(key)
                }
            } else if byte == 0x1B {
                state = .escape
            } else if parameters.count < 32 {
                state = .control(parameters + [byte])
            }
        case .paste:
            paste.append(byte)
            if byte == UInt8(ascii: "~"), paste.suffix(Self.pasteEnd.count).elementsEqual(Self.pasteEnd) {
                keys.append(.paste(Self.pasted(paste.dropLast(Self.pasteEnd.count))))
                paste = []
                state = .ground
            } else if paste.count > Self.maximumPaste + 16 {
                paste.remove(at: Self.maximumPaste)
            }
        case .ignored(let sawEscape):
            if byte == 0x07 || (sawEscape && byte == UInt8(ascii: "\\")) {
                state = .ground
            } else {
                state = .ignored(sawEscape: byte == 0x1B)
            }
        }
    }

    private mutating func ground(_ byte: UInt8, into keys: inout [Key]) {
        if !utf8.isEmpty || byte >= 0x80 {
            collect(byte, into: &keys)
            return
        }
        switch byte {
        case 0x1B: state = .escape
        case 0x0D: keys.append(.enter)
        case 0x0A: keys.append(.newline)
        case 0x09: keys.append(.tab)
        case 0x7F, 0x08: keys.append(.backspace)
        case 0x17: keys.append(.deleteWord)
        case 0x01...0x1A: keys.append(.control(Character(Unicode.Scalar(byte + 0x60))))
        case 0x00, 0x1C...0x1F: break
        default: keys.append(.text(String(Unicode.Scalar(byte))))
        }
    }

    /// Puts the bytes of one scalar together; what cannot be one is dropped.
    private mutating func collect(_ byte: UInt8, into keys: inout [Key]) {
        if !utf8.isEmpty, !(0x80...0xBF).contains(byte) {
            utf8 = []
            ground(byte, into: &keys)
            return
        }
        utf8.append(byte)
        let length =
            switch utf8[0] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        guard utf8.count >= length else { return }
        if let text = String(validating: utf8, as: UTF8.self), let scalar = text.unicodeScalars.first,
            scalar.value > 0x9F
        {
            keys.append(.text(text))
        }
        utf8 = []
    }

    private mutating func escape(_ byte: UInt8, into keys: inout [Key]) {
        state = .ground
        switch byte {
        case UInt8(ascii: "["): state = .control([])
        case UInt8(ascii: "O"): state = .single
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
            state = .ignored(sawEscape: false)
        case 0x1B:
            keys.append(.escape)
            state = .escape
        case 0x0D, 0x0A: keys.append(.newline)
        case UInt8(ascii: "b"): keys.append(.wordLeft)
        case UInt8(ascii: "f"): keys.append(.wordRight)
        case 0x7F, 0x08: keys.append(.deleteWord)
        default: break
        }
    }

    private static func final(_ byte: UInt8, _ parameters: [UInt8]) -> Key? {
        let fields = parameters.split(separator: UInt8(ascii: ";")).map { String(decoding: $0, as: UTF8.self) }
        // Ctrl or Alt held down.
        let isModified = fields.count > 1 && ["3", "5", "7"].contains(fields[1])
        switch byte {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "C"): return isModified ? .wordRight : .right
        case UInt8(ascii: "D"): return isModified ? .wordLeft : .left
        case UInt8(ascii: "H"): return .home
        case UInt8(ascii: "F"): return .end
        case UInt8(ascii: "~"):
            switch fields.first {
            case "1", "7": return .home
            case "4", "8": return .end
            case "3": return .delete
            default: return nil
            }
        default: return nil
        }
    }

    private static func pasted(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    }

    /// Typing that arrives together becomes one key, so that fast input is drawn once.
    private func merged(_ keys: [Key]) -> [Key] {
        keys.reduce(into: []) { result, key in
            if case .text(let text) = key, case .text(let before)? = result.last {
                result[result.count - 1] = .text(before + text)
            } else {
                result.append(key)
            }
        }
    }
}
