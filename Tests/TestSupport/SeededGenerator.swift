/// The same hostile input every time.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Letters, controls, joiners, bidi marks and arbitrary scalars, mixed.
    package mutating func hostileText(length: Int) -> String {
        let tricks: [UInt32] = [
            0x1B, 0x07, 0x0D, 0x0A, 0x09, 0x00, 0x7F, 0x9B, 0x9D, 0x85, 0x200B, 0x200C, 0x200D, 0x200E, 0x202E, 0x2066,
            0x2028, 0xFEFF, 0xFE0F, 0xE0101, 0x1F600, 0x1F468, 0x0301, 0x0627, 0x0915, 0x3164, 0x5B, 0x33, 0x6D,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...length, using: &self) {
            let value =
                switch Int.random(in: 0..<4, using: &self) {
                case 0: UInt32.random(in: 0...0x10FFFF, using: &self)
                case 1: UInt32.random(in: 0x20...0x7E, using: &self)
                default: tricks.randomElement(using: &self) ?? 0
                }
            if let scalar = Unicode.Scalar(value) { text.append(scalar) }
        }
        return String(text)
    }

    package mutating func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var rest = bytes[...]
        var result: [ArraySlice<UInt8>] = []
        while !rest.isEmpty {
            let count = Int.random(in: 1...7, using: &self)
            result.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return result
    }
}
