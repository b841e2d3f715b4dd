/// Names of people. One that the operator's system gives is the operator's word, and policies mean people by it. One that
/// a surface has was chosen by whoever bears it: it carries the surface's name in brackets, so that nobody becomes
/// somebody else by what they call themselves.
package enum PersonName {
    /// `Anna Schmidt (Slack)`; with a number where several call themselves so. At most 100 bytes.
    package static func chosen(_ label: String, on surface: String, number: Int = 1) -> String {
        let name = plain(label) ?? "somebody"
        let place = surface.prefix(1).uppercased() + surface.dropFirst()
        return "\(number == 1 ? name : "\(name) \(number)") (\(place.prefix(10)))"
    }

    /// Whether whoever bears the name chose it. No rule means anybody by such a name.
    package static func isChosen(_ name: String) -> Bool { name.contains("(") }

    /// A name somebody chose, as it is shown and told: letters, digits, blanks, `'` and `-`, at most 40 characters and 80
    /// bytes. So it holds no address, no link and no mark-up, and cannot be taken for more than a name. `nil` where nothing
    /// is left.
    package static func plain(_ label: String) -> String? {
        var words: [Substring] = []
        var length = 0
        let parts = label.split(maxSplits: 100) { !isPartOfName($0) }
        for part in parts {
            let word = part.prefix(40 - length)
            guard !word.isEmpty else { break }
            words.append(word)
            length += word.count + 1
            guard length < 40 else { break }
        }
        var name = words.joined(separator: " ")
        while name.utf8.count > 80 { name.removeLast() }
        return name.isEmpty ? nil : name
    }

    private static func isPartOfName(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark, .decimalNumber:
                true
            default: "'’-".unicodeScalars.contains(scalar)
            }
        }
    }
}
