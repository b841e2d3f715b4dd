/// The scripts in which a written host name is taken, each apart from the others. Digits, hyphens and marks belong to
/// whichever they stand with.
enum WrittenScript: Hashable {
    case latin, greek, cyrillic, armenian, rightToLeft, devanagari, thai, georgian, hangul, eastAsian

    /// `nil` for what belongs to none of its own.
    init?(_ scalar: Unicode.Scalar) {
        guard !Self.isMark(scalar) else { return nil }
        switch scalar.value {
        case 0x61...0x7A, 0xDF...0x24F, 0x1E00...0x1EFF: self = .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
        case 0x400...0x52F: self = .cyrillic
        case 0x560...0x588: self = .armenian
        case 0x590...0x5FF, 0x620...0x6FF: self = .rightToLeft
        case 0x900...0x97F: self = .devanagari
        case 0xE00...0xE7F: self = .thai
        case 0x10D0...0x10FF: self = .georgian
        case 0xAC00...0xD7A3: self = .hangul
        case 0x3041...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF: self = .eastAsian
        default: return nil
        }
    }

    /// Letters of a known script, marks, ASCII digits and the hyphen. Not ß and ς, which one IDNA standard replaces and the
    /// other keeps, and not the joiners.
    static func isTaken(_ scalar: Unicode.Scalar) -> Bool {
        if isMark(scalar) { return (0x300...0x36F).contains(scalar.value) || (0x590...0xE7F).contains(scalar.value) }
        switch scalar.value {
        case 0x2D, 0x30...0x39: return true
        case 0xDF, 0x3C2: return false
        default: break
        }
        guard WrittenScript(scalar) != nil else { return false }
        return switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter: true
        // The iteration mark of Japanese, and the long vowel's.
        case .modifierLetter: [0x3005, 0x30FC].contains(scalar.value)
        default: false
        }
    }

    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }

    /// Not to be printed in a message.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: true
        default: false
        }
    }
}
