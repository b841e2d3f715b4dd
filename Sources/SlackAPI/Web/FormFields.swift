internal import MCP

/// `application/x-www-form-urlencoded`, as Slack takes arguments and sends clicks and commands.
package enum FormFields {
    /// Values that are no text go as Slack wants them: numbers and booleans as words, the rest as JSON.
    static func encode(_ fields: JSONObject) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            append(name, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            append(value.stringValue ?? value.text, to: &bytes)
        }
        return bytes
    }

    /// Nil for what two readers could read differently: a bad escape, text that is no UTF-8, the same name twice, more than
    /// 200 fields.
    package static func decode(_ bytes: some Collection<UInt8>) -> [String: String]? {
        guard !bytes.isEmpty else { return [:] }
        let parts = bytes.split(separator: UInt8(ascii: "&"), maxSplits: 200, omittingEmptySubsequences: false)
        guard parts.count <= 200 else { return nil }
        var fields: [String: String] = [:]
        for part in parts {
            let end = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let rest = end < part.endIndex ? part[part.index(after: end)...] : part[end...]
            guard let name = text(part[..<end]), !name.isEmpty, let value = text(rest),
                fields.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return fields
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                    return nil
                }
                decoded.append(high << 4 | low)
            default: decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
}
