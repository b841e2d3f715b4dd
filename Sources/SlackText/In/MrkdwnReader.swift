/// Reads Slack's mark-up as it stands in `text`: entities are resolved once, tokens become what they name, and Slack's marks
/// become Markdown's.
struct MrkdwnReader {
    private let text: [Character]
    private let names: SlackMarkup.Names
    private(set) var mentions: [SlackMention] = []
    private var index = 0
    /// Where the mark around what is read now closes: those within it close before.
    private var limit: Int
    private var output = ""

    /// Looks ahead no further than this for the end of a mark.
    private static let reach = 2000

    init(_ text: String, names: SlackMarkup.Names) {
        self.text = Array(text)
        self.names = names
        limit = self.text.count
    }

    mutating func read() -> String {
        while index < text.count { step() }
        return output.trimmingNewlines()
    }

    private mutating func step() {
        let character = text[index]
        switch character {
        case "<": token()
        case "&": entity()
        case "`": code()
        case "*": mark("*", as: "**")
        case "~": mark("~", as: "~~")
        case "•" where isAtLineStart && index + 1 < text.count && text[index + 1] == " ":
            take("-")
        default: take(String(character))
        }
    }

    private mutating func take(_ words: String) {
        output += words
        index += 1
    }

    private var isAtLineStart: Bool {
        text[..<index].last { $0 != " " }.map { $0 == "\n" } ?? true
    }

    private static let entities: [(name: [Character], character: String)] = [
        (Array("&lt;"), "<"), (Array("&gt;"), ">"), (Array("&amp;"), "&"),
    ]

    private static func unescaped(_ text: ArraySlice<Character>) -> String {
        String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    private mutating func entity() {
        for (name, character) in Self.entities where text[index...].starts(with: name) {
            output += character
            index += name.count
            return
        }
        take("&")
    }

    /// `<@U1>`, `<#C1|name>`, `<!here>`, `<!date^…|fallback>`, `<https://…|label>`.
    private mutating func token() {
        let window = text[index...].prefix(Self.reach + 2000)
        guard let close = window.dropFirst().firstIndex(where: { $0 == ">" || $0 == "<" }), text[close] == ">" else {
            take("<")
            return
        }
        let inner = text[(index + 1)..<close]
        let bar = inner.firstIndex(of: "|")
        let head = String(inner[..<(bar ?? inner.endIndex)])
        let label = bar.map { Self.unescaped(inner[($0 + 1)...]) } ?? ""
        index = close + 1
        if let mention = SlackMention(token: head) {
            if !mentions.contains(mention) { mentions.append(mention) }
            output += shown(mention, label)
        } else if head.hasPrefix("!") || head.hasPrefix("@") || head.hasPrefix("#") {
            output += label.isEmpty ? String(head.drop { $0 == "!" }) : label
        } else {
            let url = Self.unescaped(Array(head)[...])
            output +=
                label.isEmpty || label == url || "mailto:" + label == url
                ? (label.isEmpty ? url : label) : MarkdownWords.link(label, url)
        }
    }

    /// The directory's name before the one in the message, which can be an old one.
    private func shown(_ mention: SlackMention, _ label: String) -> String {
        let bare = label.drop { $0 == "@" || $0 == "#" }
        switch mention {
        case .user(let id): return names.user(id) == nil && !bare.isEmpty ? "@" + bare : names.shown(mention)
        case .channel(let id): return names.channel(id) == nil && !bare.isEmpty ? "#" + bare : names.shown(mention)
        case .userGroup(let id): return names.userGroup(id) == nil && !bare.isEmpty ? "@" + bare : names.shown(mention)
        case .broadcast: return names.shown(mention)
        }
    }

    /// Marks mean nothing within code; entities and addresses are still escaped there.
    private mutating func code() {
        let ticks = text[index...].prefix(3).prefix { $0 == "`" }.count
        let fence = ticks == 3
        let length = fence ? 3 : 1
        let start = index + length
        var end = start
        while end < text.count {
            if text[end] == "`", !fence || text[end...].prefix(3).elementsEqual(["`", "`", "`"]) { break }
            if !fence, text[end] == "\n" { end = text.count }
            end += 1
        }
        guard end < text.count, end > start else {
            output += String(repeating: "`", count: length)
            index += length
            return
        }
        var inner = MrkdwnReader(String(text[start..<end]), names: names)
        let words = inner.literal()
        mentions += inner.mentions.filter { !mentions.contains($0) }
        if fence {
            if !output.isEmpty, !output.hasSuffix("\n") { output += "\n" }
            output += RichTextReader.fenced(words.trimmingNewlines()) + "\n"
            index = end + 3
            if index < text.count, text[index] == "\n" { index += 1 }
        } else {
            output += MarkdownWords.code(words)
            index = end + 1
        }
    }

    private mutating func literal() -> String {
        while index < text.count {
            switch text[index] {
            case "<": token()
            case "&": entity()
            default: take(String(text[index]))
            }
        }
        return output
    }

    /// `*bold*` and `~gone~`, as Slack takes them: not within a word, not across lines, close to the words.
    private mutating func mark(_ sign: Character, as mark: String) {
        let before = index > 0 ? text[index - 1] : " "
        let window = text[(index + 1)..<max(index + 1, limit)].prefix(Self.reach)
        guard !before.isLetter, !before.isNumber, before != sign, let first = window.first, !first.isWhitespace,
            first != sign, let end = closing(sign, window)
        else {
            take(String(sign))
            return
        }
        output += mark
        index += 1
        let outer = limit
        limit = end
        while index < end { step() }
        limit = outer
        // A token or code may have reached past it.
        if index == end {
            output += mark
            index += 1
        }
    }

    private func closing(_ sign: Character, _ window: ArraySlice<Character>) -> Int? {
        for at in window.indices.dropFirst() {
            if window[at] == "\n" { return nil }
            guard window[at] == sign, !window[at - 1].isWhitespace else { continue }
            let after = at + 1 < text.count ? text[at + 1] : " "
            if !after.isLetter, !after.isNumber, after != sign { return at }
        }
        return nil
    }
}
