package import Model

/// A live secret to look for. `name` is what people know it by; it is no secret itself.
package struct LeakSecret: Hashable, Sendable {
    /// Unique among live secrets.
    package let id: String
    package let name: String
    package let value: [UInt8]
    /// Whose it is; `nil`: a channel's or the company's.
    package let owner: PersonID?

    package init(id: String, name: String, value: [UInt8], owner: PersonID? = nil) {
        self.id = id
        self.name = name
        self.value = value
        self.owner = owner
    }
}

extension LeakSecret {
    /// Values of fewer bytes, blanks and line ends not counted, are not looked for: they would be found in everything.
    package static let minimumLength = 8

    /// Whether a leak of this value would be noticed at all. Where not, whoever stores it should be told.
    package static func isSearched(_ value: [UInt8]) -> Bool { Fold.text(value).count >= minimumLength }

    /// A person can store any text as a secret, the company's name too: unless it looks made up by chance, it is looked
    /// for in that person's own sessions alone, and hides nothing from others.
    var isForOwnerAlone: Bool {
        guard owner != nil else { return false }
        let kinds = Set(value.map(Kind.init))
        return kinds.contains(.blank) || value.count < 12 || kinds.count < 2
            || !(kinds.contains(.digit) && (kinds.count > 2 || value.count >= 20))
    }

    private enum Kind: Hashable {
        case upper, lower, digit, blank, other

        init(_ byte: UInt8) {
            switch byte {
            case 0x41...0x5A: self = .upper
            case 0x61...0x7A: self = .lower
            case 0x30...0x39: self = .digit
            case 0x09, 0x0A, 0x0D, 0x20: self = .blank
            default: self = .other
            }
        }
    }
}
