/// What the scan takes for the same: letters of both cases, the two alphabets of base64, and text with or without blanks
/// and line ends in it. So one pattern stands for many ways of writing a value.
enum Fold {
    static let classes = 64

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    static func byte(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "-"): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: byte
        }
    }

    static func text(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.compactMap { isBlank($0) ? nil : byte($0) }
    }

    /// The column of each byte in the automaton's table. 0: leaves the state as it is. Bytes that share a column are told
    /// apart when what they led to is looked at whole.
    static let columns: [UInt8] = (0...255).map { column(UInt8($0)) }

    private static func column(_ raw: UInt8) -> UInt8 {
        guard !isBlank(raw) else { return 0 }
        let folded = byte(raw)
        return switch folded {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): folded - UInt8(ascii: "a") + 1
        case UInt8(ascii: "0")...UInt8(ascii: "9"): folded - UInt8(ascii: "0") + 27
        case UInt8(ascii: "+"): 37
        case UInt8(ascii: "/"): 38
        case UInt8(ascii: "="): 39
        case UInt8(ascii: "%"): 40
        case UInt8(ascii: "\\"): 41
        default: 42 + folded % 22
        }
    }
}
