/// An answer that is being written, so that nothing in it does anything: not a mention, not a link.
package enum DraftText {
    /// For Slack's Markdown. A word joiner, which nobody sees, after each sign that a mention or a link begins with, however
    /// the text is cut into pieces; the finished answer takes the place of all this.
    package static func markdown(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(scalar)
            if scalar == "<" || scalar == "@" || scalar == ":" { result.append("\u{2060}") }
        }
        return String(result)
    }

    /// For a message's text: the end of a long one.
    static func plain(_ text: String, most: Int = 2500) -> String {
        let tail = text.count > most ? "…" + text.suffix(most) : text
        var result = ""
        for character in tail {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "@": result += "@\u{2060}"
            default: result.append(character)
            }
        }
        return result
    }
}
