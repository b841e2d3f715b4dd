/// A field of a head, as it came: the name in its own case, the value without the blanks around it.
struct HeadField: Hashable {
    var name: String
    var value: [UInt8]

    init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    init(_ name: String, _ value: String) {
        self.init(name, Array(value.utf8))
    }

    var lowercasedName: String { name.lowercased() }
}

/// What cannot be read, or may not be asked: the answer's status and a sentence for who asked.
struct HTTPRefusal: Error, Hashable {
    var status: Int
    var reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}

extension [HeadField] {
    /// All values of a field; `name` in lower case.
    func values(of name: String) -> [[UInt8]] {
        filter { $0.lowercasedName == name }.map(\.value)
    }

    /// The members of a field that is a list of tokens, in lower case.
    func tokens(of name: String) -> [String] {
        values(of: name).flatMap { $0.split(separator: UInt8(ascii: ",")) }.map { token in
            let visible = token.drop { $0 == 0x20 || $0 == 0x09 }
            let end = visible.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? visible.startIndex
            return String(decoding: visible[..<end], as: UTF8.self).lowercased()
        }
    }
}
