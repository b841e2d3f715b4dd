internal import Markdown

/// Words from outside in a text that Slack parses (`text` of a message, `mrkdwn`): shown as they are, whatever they are.
package enum SlackEscaping {
    /// `&`, `<` and `>` escaped once, so that no mention, link or date is in there; a word joiner in what Slack can be told
    /// to take for `<!channel>` and its kin (`link_names`); what cannot be seen made visible.
    package static func words(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        var word = ""
        for scalar in VisibleText.multiline(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(scalar)
            }
            if scalar == "@" {
                word = "@"
            } else if !word.isEmpty {
                word.unicodeScalars.append(scalar)
                if let call = calls.first(where: { word.lowercased() == $0 }) {
                    result.removeLast(call.count - 1)
                    result += "\u{2060}" + word.dropFirst()
                    word = ""
                } else if word.count > 9 {
                    word = ""
                }
            }
        }
        return result
    }

    private static let calls = ["@channel", "@here", "@everyone"]

    /// One line of at most so many characters, for names and titles. Never cut inside a character; what is cut off shows
    /// as `…`.
    package static func line(_ text: String, most: Int) -> String {
        cut(VisibleText.line(text), most: most)
    }

    /// At most so many UTF-16 units.
    static func cut(_ text: String, most: Int) -> String {
        guard text.utf16.count > most else { return text }
        var result = ""
        var used = 1
        for character in text {
            used += character.utf16.count
            if used > most { break }
            result.append(character)
        }
        return result + "…"
    }

    /// The same for what ``words(_:)`` made: never cut inside an entity or a mention.
    static func cutEscaped(_ text: String, most: Int) -> String {
        guard text.utf16.count > most else { return text }
        let cut = cut(text, most: most)
        let body = cut.dropLast()
        let tail = body.suffix(60)
        if let open = tail.lastIndex(where: { $0 == "&" || $0 == "<" }),
            !tail[open...].contains(where: { $0 == ";" || $0 == ">" })
        {
            return body[..<open] + "…"
        }
        return cut
    }
}
