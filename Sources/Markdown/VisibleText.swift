/// Makes text from outside safe to print: what a terminal would obey, or an eye would not see, becomes a visible mark.
///
/// Control characters turn into control pictures (`␛`), bidirectional overrides and invisible characters into
/// `⟨U+202E⟩`. Line feed and tab are kept, CR LF counts as a line feed. What stays in is letters, marks, symbols,
/// spaces, and the joiners that emoji and Arabic or Indic scripts need, in the places where they need them.
package enum VisibleText {
    /// More marks than this on one letter (Vietnamese needs two) climb over the lines above.
    private static let marksPerLetter = 4

    package static func multiline(_ text: String) -> String {
        // Most text is plain ASCII, where nothing but controls can be wrong.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0x09 }) { return text }
        return convert(text)
    }

    /// For names, arguments and table cells: line feeds and tabs are marks as well.
    package static func line(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        var result = ""
        for scalar in convert(text).unicodeScalars {
            switch scalar {
            case "\n": result += "␊"
            case "\t": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether printing the scalar by itself could do something other than show it.
    package static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: scalar == "\n" || scalar == "\t"
        case .format: isVisibleFormat(scalar)
        case .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: !isBlankLetter(scalar) && !isVariationSelector(scalar)
        }
    }

    private static func convert(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var marks = 0
        // The scalar before, where it was kept: a joiner beside a mark of ours joins nothing.
        var previous: Unicode.Scalar?
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            if scalar == "\r", next == "\n" { continue }
            let isMark = scalar.properties.canonicalCombiningClass != .notReordered
            marks = isMark ? marks + 1 : 0
            let allowed =
                isHarmless(scalar) ? marks <= marksPerLetter : isJoining(scalar, after: previous, before: next)
            previous = allowed ? scalar : nil
            if allowed {
                output.append(scalar)
            } else {
                output.append(contentsOf: mark(for: scalar).unicodeScalars)
            }
        }
        return String(output)
    }

    private static func mark(for scalar: Unicode.Scalar) -> String {
        if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) { return String(picture) }
        if scalar.value == 0x7F { return "␡" }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "⟨U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟩"
    }

    /// A joiner or emoji selector where its neighbours give it a meaning.
    private static func isJoining(
        _ scalar: Unicode.Scalar, after previous: Unicode.Scalar?, before next: Unicode.Scalar?
    ) -> Bool {
        guard let previous else { return false }
        switch scalar.value {
        case 0xFE0E, 0xFE0F:
            return previous.properties.isEmoji
        case 0x200D:
            guard let next else { return false }
            return (isEmojiPart(previous) && next.properties.isEmoji) || (isJoiningScript(previous))
        case 0x200C:
            guard let next else { return false }
            return isJoiningScript(previous) && isJoiningScript(next)
        default:
            return false
        }
    }

    private static func isEmojiPart(_ scalar: Unicode.Scalar) -> Bool {
        // Digits are "emoji" to Unicode (keycaps), but nothing is joined to one.
        (scalar.properties.isEmoji && scalar.value > 0x7F) || scalar.value == 0xFE0F
            || scalar.properties.isEmojiModifier
    }

    /// Arabic, Syriac and the Indic scripts, where joiners shape letters.
    private static func isJoiningScript(_ scalar: Unicode.Scalar) -> Bool {
        (0x0620...0x0DFF).contains(scalar.value) && scalar.properties.generalCategory != .format
    }

    /// Format characters that have a shape of their own (Arabic number signs).
    private static func isVisibleFormat(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0600...0x0605, 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD: true
        default: false
        }
    }

    /// Letters and marks by category that show nothing.
    private static func isBlankLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x3164, 0xFFA0, 0x2800: true
        default: false
        }
    }

    private static func isVariationSelector(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xFE00...0xFE0F, 0xE0100...0xE01EF: true
        default: false
        }
    }
}
