internal import MCP

/// Reads `rich_text` blocks, which Slack's own clients send with everything people type.
struct RichTextReader {
    let names: SlackMarkup.Names
    private(set) var mentions: [SlackMention] = []
    private var parts: [String] = []

    init(names: SlackMarkup.Names) {
        self.names = names
    }

    var markdown: String {
        parts.joined(separator: "\n").trimmingNewlines()
    }

    mutating func add(_ block: JSONValue) {
        for element in block["elements"]?.arrayValue ?? [] {
            switch element["type"]?.stringValue {
            case "rich_text_list": parts.append(list(element))
            case "rich_text_quote":
                parts.append(inline(element).lines().map { $0.isEmpty ? ">" : "> " + $0 }.joined(separator: "\n"))
            case "rich_text_preformatted": parts.append(Self.fenced(literal(element)))
            default: parts.append(inline(element))
            }
        }
    }

    private mutating func list(_ element: JSONValue) -> String {
        let isOrdered = element["style"]?.stringValue == "ordered"
        let indent = max(0, min(8, element["indent"]?.intValue ?? 0))
        let lead = String(repeating: "   ", count: Int(indent))
        var number = max(0, min(100_000, element["offset"]?.intValue ?? 0))
        var lines: [String] = []
        for item in element["elements"]?.arrayValue ?? [] {
            number += 1
            let mark = isOrdered ? "\(number). " : "- "
            let text = inline(item).lines().joined(separator: "\n" + lead + "   ")
            lines.append(lead + mark + text)
        }
        return lines.joined(separator: "\n")
    }

    /// Without marks, for code.
    private mutating func literal(_ element: JSONValue) -> String {
        (element["elements"]?.arrayValue ?? []).map { piece in
            switch piece["type"]?.stringValue {
            case "link": piece["url"]?.stringValue ?? ""
            case "text": piece["text"]?.stringValue ?? ""
            default: words(piece)
            }
        }.joined()
    }

    private mutating func inline(_ element: JSONValue) -> String {
        var result = ""
        for piece in element["elements"]?.arrayValue ?? [] {
            result += Self.marked(words(piece), piece["style"])
        }
        return result
    }

    private mutating func words(_ piece: JSONValue) -> String {
        func text(_ key: String) -> String { piece[key]?.stringValue ?? "" }
        switch piece["type"]?.stringValue {
        case "text": return text("text")
        case "link":
            let (url, label) = (text("url"), text("text"))
            return label.isEmpty || label == url ? url : MarkdownWords.link(label, url)
        case "user": return mention(.user(text("user_id")))
        case "usergroup": return mention(.userGroup(text("usergroup_id")))
        case "channel": return mention(.channel(text("channel_id")))
        case "broadcast":
            return SlackMention.Broadcast(rawValue: text("range")).map { mention(.broadcast($0)) } ?? "@"
                + text("range")
        case "emoji": return Self.emoji(name: text("name"), unicode: text("unicode"))
        case "date": return text("fallback").isEmpty ? text("timestamp") : text("fallback")
        case "color": return text("value")
        default:
            // Something new: its words are words.
            return text("text").isEmpty ? inline(piece) : text("text")
        }
    }

    private mutating func mention(_ mention: SlackMention) -> String {
        if !mentions.contains(mention) { mentions.append(mention) }
        return names.shown(mention)
    }

    private static func emoji(name: String, unicode: String) -> String {
        let scalars = unicode.split(separator: "-").map { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }
        guard !scalars.isEmpty, !scalars.contains(where: { $0 == nil }) else { return ":" + name + ":" }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars.compactMap { $0 })
        return String(result)
    }

    private static func marked(_ text: String, _ style: JSONValue?) -> String {
        guard let style else { return text }
        var marks: [String] = []
        if style["bold"]?.boolValue == true { marks.append("**") }
        if style["italic"]?.boolValue == true { marks.append("_") }
        if style["strike"]?.boolValue == true { marks.append("~~") }
        return MarkdownWords.marked(text, marks, isCode: style["code"]?.boolValue == true)
    }

    static func fenced(_ code: String) -> String {
        let fence = String(repeating: "`", count: max(3, MarkdownWords.longestRun(of: "`", in: code) + 1))
        return "\(fence)\n\(code)\n\(fence)"
    }
}
