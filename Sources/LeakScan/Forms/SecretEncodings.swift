/// The ways in which a value is looked for, each once. What `Fold` makes the same is written one way here.
enum SecretEncodings {
    struct Form: Hashable {
        let name: String
        let pattern: [UInt8]
    }

    static func all(of value: [UInt8]) -> [Form] {
        guard LeakSecret.isSearched(value) else { return [] }
        var forms: [Form] = []
        var known: Set<[UInt8]> = []
        func add(_ name: String, _ text: some Sequence<UInt8>) {
            let pattern = Fold.text(text)
            guard pattern.count >= LeakSecret.minimumLength, known.insert(pattern).inserted else { return }
            forms.append(Form(name: name, pattern: pattern))
        }
        add("plain", value)
        add("reversed", reversed(value))
        for shift in 0..<3 { add("base64", base64(value, after: shift)) }
        add("hexadecimal", value.flatMap(hex))
        for kept in ["", "/", "/:@!$&'()*+,;=?#"].map({ Array($0.utf8) }) {
            add("URL-encoded", value.flatMap { isUnreserved($0) || kept.contains($0) ? [$0] : [percent] + hex($0) })
        }
        add("JSON", json(value, isASCII: false))
        add("JSON", json(value, isASCII: true))
        for line in value.split(separator: 0x0A).prefix(128) where isKeyMaterial(line) { add("a line of it", line) }
        return forms
    }

    private static let percent = UInt8(ascii: "%")

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// As people's tools reverse it: by character, not by byte.
    private static func reversed(_ value: [UInt8]) -> [UInt8] {
        guard let text = String(validating: value, as: UTF8.self) else { return value.reversed() }
        var result = ""
        result.unicodeScalars.append(contentsOf: text.unicodeScalars.reversed())
        return Array(result.utf8)
    }

    /// The characters that the value alone decides, where `shift` other bytes come before it in a group of three.
    private static func base64(_ value: [UInt8], after shift: Int) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = [UInt8](repeating: 0, count: shift) + value
        let first = (shift * 8 + 5) / 6
        return (first..<bytes.count * 8 / 6).map { place in
            let bit = place * 6
            let high = UInt16(bytes[bit / 8]) << 8
            let low = bit / 8 + 1 < bytes.count ? UInt16(bytes[bit / 8 + 1]) : 0
            return alphabet[Int((high | low) >> UInt16(10 - bit % 8) & 63)]
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: Array("-._~".utf8).contains(byte)
        }
    }

    private static func json(_ value: [UInt8], isASCII: Bool) -> [UInt8] {
        guard let text = String(validating: value, as: UTF8.self) else { return [] }
        var result = ""
        func escape(_ unit: UInt16) {
            let digits = String(unit, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "/" where isASCII: result += "\\/"
            case _ where scalar.value < 0x20: escape(UInt16(scalar.value))
            case _ where isASCII && scalar.value > 0x7E: scalar.utf16.forEach(escape)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return Array(result.utf8)
    }

    /// Of a key that takes many lines each is as good as the whole; of other texts a line may stand anywhere.
    private static func isKeyMaterial(_ line: ArraySlice<UInt8>) -> Bool {
        line.count >= 32
            && line.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x3D, 0x0D: true
                default: false
                }
            }
    }
}
