internal import MCP

/// A piece of text in a `rich_text` block. Slack shows `text` there as it is: no mark-up is read in it, and nothing has to
/// be escaped. What acts (a mention, a link) is an element of its own, which only code makes.
struct RichRun: Hashable {
    enum Content: Hashable {
        case text(String)
        case link(url: String, label: String)
        case mention(SlackMention)
        /// Shown in the reader's own time zone; since 1970.
        case time(seconds: Int64)
    }

    struct Style: OptionSet, Hashable {
        let rawValue: UInt8
        static let bold = Style(rawValue: 1)
        static let italic = Style(rawValue: 2)
        static let strike = Style(rawValue: 4)
        static let code = Style(rawValue: 8)
    }

    var content: Content
    var style: Style = []

    init(_ text: String, _ style: Style = []) {
        content = .text(text)
        self.style = style
    }

    init(_ content: Content, _ style: Style = []) {
        self.content = content
        self.style = style
    }

    /// For the text beside the blocks. Escaped.
    var fallback: String {
        switch content {
        case .text(let text): SlackEscaping.words(text)
        case .link(_, let label): SlackEscaping.words(label)
        case .mention(let mention): mention.token
        case .time(let seconds): Self.universal(seconds)
        }
    }

    /// How much of a message's weight ``json`` takes, without making it: never less than its length.
    var weight: Int {
        let frame = style.isEmpty ? 0 : 64
        return switch content {
        case .text(let text): TextCut.weight(text) + 26 + frame
        case .link(let url, let label): TextCut.weight(url) + TextCut.weight(label) + 36 + frame
        case .mention(let mention): mention.token.utf16.count + 48 + frame
        case .time: 140 + frame
        }
    }

    var json: JSONValue {
        var object: JSONObject =
            switch content {
            case .text(let text): ["type": "text", "text": .string(text)]
            case .link(let url, let label): ["type": "link", "url": .string(url), "text": .string(label)]
            case .mention(.user(let id)): ["type": "user", "user_id": .string(id)]
            case .mention(.userGroup(let id)): ["type": "usergroup", "usergroup_id": .string(id)]
            case .mention(.channel(let id)): ["type": "channel", "channel_id": .string(id)]
            case .time(let seconds):
                [
                    "type": "date", "timestamp": .int(seconds), "format": "{date_short_pretty} {time}",
                    "fallback": .string(Self.universal(seconds)),
                ]
            case .mention(.broadcast(let range)): ["type": "broadcast", "range": .string(range.rawValue)]
            }
        var marks = JSONObject()
        for (mark, name) in [(Style.bold, "bold"), (.italic, "italic"), (.strike, "strike"), (.code, "code")] {
            if style.contains(mark) { marks[name] = true }
        }
        if !marks.isEmpty { object["style"] = .object(marks) }
        return .object(object)
    }
}

extension RichRun {
    /// For readers whose program knows no time zone. Days since 1970 to a date: the civil calendar in 400-year cycles.
    static func universal(_ seconds: Int64) -> String {
        let seconds = min(max(seconds, 0), 253_402_300_799)
        let day = seconds / 86_400 + 719_468
        let (era, ofEra) = (day / 146_097, day % 146_097)
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * ofYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
        let date = "\(year)-\(two(month))-\(two(ofYear - (153 * shifted + 2) / 5 + 1))"
        return date + " \(two(seconds % 86_400 / 3_600)):\(two(seconds % 3_600 / 60)) UTC"
    }
}

/// What a `rich_text` block consists of.
enum RichElement: Hashable {
    case section([RichRun], isHeading: Bool)
    case list(RichList)
    case quote([RichRun])
    case code(String)

    var json: JSONValue {
        switch self {
        case .section(let runs, _): ["type": "rich_text_section", "elements": .array(runs.map(\.json))]
        case .quote(let runs): ["type": "rich_text_quote", "elements": .array(runs.map(\.json))]
        case .code(let text): ["type": "rich_text_preformatted", "elements": [RichRun(text).json]]
        case .list(let list): list.json
        }
    }

    /// Escaped.
    var fallback: String {
        switch self {
        case .section(let runs, _), .quote(let runs): runs.map(\.fallback).joined()
        case .code(let text): SlackEscaping.words(text)
        case .list(let list): list.fallback
        }
    }
}

/// Items of one list at one depth: Slack draws deeper ones as lists of their own with a larger indent.
struct RichList: Hashable {
    var isOrdered: Bool
    /// 0 to 8.
    var indent: Int
    /// How many come before the first item.
    var offset: Int
    var items: [[RichRun]]

    var json: JSONValue {
        var object: JSONObject = [
            "type": "rich_text_list", "style": isOrdered ? "ordered" : "bullet", "indent": .int(Int64(indent)),
            "elements": .array(
                items.map { ["type": "rich_text_section", "elements": .array($0.map(\.json))] }),
        ]
        if isOrdered, offset > 0 { object["offset"] = .int(Int64(offset)) }
        return .object(object)
    }

    var fallback: String {
        let lead = String(repeating: "  ", count: indent)
        return items.enumerated().map { number, runs in
            lead + (isOrdered ? "\(offset + number + 1). " : "• ") + runs.map(\.fallback).joined()
        }.joined(separator: "\n")
    }
}
