/// Writes values as JSON text into a growing buffer. A double that is no number has no JSON form and becomes `null`.
struct JSONSerializer {
    var bytes: [UInt8]
    var sortsKeys = false
    /// Spaces per level; `nil` writes everything on one line.
    var indentation: Int?

    init(bytes: [UInt8] = [], sortsKeys: Bool = false, indentation: Int? = nil) {
        self.bytes = bytes
        self.sortsKeys = sortsKeys
        self.indentation = indentation
    }

    mutating func append(_ value: JSONValue, level: Int = 0) {
        switch value {
        case .null: append("null")
        case .bool(true): append("true")
        case .bool(false): append("false")
        case .int(let value): append(value)
        case .double(let value) where value.isFinite: bytes.append(contentsOf: value.description.utf8)
        case .double: append("null")
        case .string(let value): append(string: value)
        case .array(let values): append(values, level: level)
        case .object(let object): append(object, level: level)
        }
    }

    mutating func append(_ object: JSONObject, level: Int = 0) {
        guard !object.isEmpty else { return append("{}") }
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        func one(_ member: JSONObject.Element, _ serializer: inout JSONSerializer) {
            if !isFirst { serializer.bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            serializer.newLine(level + 1)
            serializer.append(string: member.key)
            serializer.bytes.append(UInt8(ascii: ":"))
            if serializer.indentation != nil { serializer.bytes.append(UInt8(ascii: " ")) }
            serializer.append(member.value, level: level + 1)
        }
        if sortsKeys {
            for member in object.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                one(member, &self)
            }
        } else {
            for member in object { one(member, &self) }
        }
        newLine(level)
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func append(_ values: [JSONValue], level: Int) {
        guard !values.isEmpty else { return append("[]") }
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            newLine(level + 1)
            append(value, level: level + 1)
        }
        newLine(level)
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func append(string: String) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { text in
            var copied = 0
            for index in text.indices where text[index] < 0x20 || text[index] == 0x22 || text[index] == 0x5C {
                bytes.append(contentsOf: text[copied..<index])
                escape(text[index])
                copied = index + 1
            }
            bytes.append(contentsOf: text[copied...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            append("u00")
            for digit in [byte >> 4, byte & 15] {
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    mutating func append(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func newLine(_ level: Int) {
        guard let indentation else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation * level))
    }
}

extension JSONValue {
    /// On one line, members in their order.
    package func serialized() -> [UInt8] {
        var serializer = JSONSerializer()
        serializer.append(self)
        return serializer.bytes
    }

    /// One form for equal values, keys sorted by their bytes: what digests are made of.
    package func canonical() -> [UInt8] {
        var serializer = JSONSerializer(sortsKeys: true)
        serializer.append(self)
        return serializer.bytes
    }

    package var text: String { String(decoding: serialized(), as: UTF8.self) }

    /// Indented, for people.
    package var prettyText: String {
        var serializer = JSONSerializer(indentation: 2)
        serializer.append(self)
        return String(decoding: serializer.bytes, as: UTF8.self)
    }
}

extension JSONObject {
    package func serialized() -> [UInt8] { JSONValue.object(self).serialized() }
    package func canonical() -> [UInt8] { JSONValue.object(self).canonical() }
    package var text: String { JSONValue.object(self).text }
}
