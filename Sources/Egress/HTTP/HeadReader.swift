/// Reads the head of a request or an answer, in the one way in which nobody reads it differently: lines end with CR and LF,
/// names are tokens up to their colon, no line continues another, nothing is empty before the first.
struct HeadReader {
    private let maximumBytes: Int
    private let maximumFields: Int
    /// What was looked through already: a client that sends a byte at a time is not looked through anew for each.
    private var searched = 0

    init(maximumBytes: Int, maximumFields: Int) {
        self.maximumBytes = maximumBytes
        self.maximumFields = maximumFields
    }

    /// How many bytes the head takes, its end included; `nil` while that has not come.
    mutating func length(_ bytes: some RandomAccessCollection<UInt8>) throws(HTTPRefusal) -> Int? {
        var index = searched
        let count = bytes.count
        while index < min(count, maximumBytes) {
            let place = bytes.index(bytes.startIndex, offsetBy: index)
            // A head that nobody will take is not waited for.
            guard bytes[place] != 0 else { throw HTTPRefusal(400, "The head has a zero byte.") }
            index += 1
            guard bytes[place] == 0x0A else { continue }
            guard index >= 2, bytes[bytes.index(before: place)] == 0x0D else {
                throw HTTPRefusal(400, "A line of the head has an LF without CR.")
            }
            if index >= 4, bytes[bytes.index(place, offsetBy: -3)...].prefix(2).elementsEqual([0x0D, 0x0A]) {
                return index
            }
        }
        searched = index
        guard count < maximumBytes else {
            throw HTTPRefusal(431, "The head is longer than \(maximumBytes) bytes.")
        }
        return nil
    }

    /// The first line, and the fields. `head`: as long as `length` said.
    func lines(
        _ head: some Sequence<UInt8>
    ) throws(HTTPRefusal) -> (first: [UInt8], fields: [HeadField]) {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var afterCarriageReturn = false
        for byte in head {
            if afterCarriageReturn {
                guard byte == 0x0A else { throw HTTPRefusal(400, "A line of the head has a CR without LF.") }
                lines.append(line)
                line = []
                afterCarriageReturn = false
            } else if byte == 0x0D {
                afterCarriageReturn = true
            } else {
                guard byte != 0x0A else { throw HTTPRefusal(400, "A line of the head has an LF without CR.") }
                line.append(byte)
            }
        }
        guard let first = lines.first, !first.isEmpty, lines.popLast() == [] else {
            throw HTTPRefusal(400, "The head is not complete or starts with an empty line.")
        }
        guard lines.count - 1 <= maximumFields else {
            throw HTTPRefusal(431, "The head has more than \(maximumFields) fields.")
        }
        var fields: [HeadField] = []
        for line in lines.dropFirst() { fields.append(try Self.field(line)) }
        return (first, fields)
    }

    private static func field(_ line: [UInt8]) throws(HTTPRefusal) -> HeadField {
        guard line.first != 0x20, line.first != 0x09 else {
            throw HTTPRefusal(400, "A line of the head continues the one before it.")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(isToken) else {
            throw HTTPRefusal(400, "A line of the head is no field: a name, a colon, a value.")
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw HTTPRefusal(400, "A field of the head has a control character.")
        }
        return HeadField(String(decoding: line[..<colon], as: UTF8.self), Array(value))
    }

    /// RFC 9110, 5.6.2.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
