import MCP

/// Holds a message against what Slack documents of its blocks, more strictly than Slack itself says where it refuses: only
/// what we mean to send passes. Collects what it shows, and what would act.
struct BlockCheck {
    private(set) var problems: [String] = []
    /// Everybody who would be called: "user U1", "broadcast here".
    private(set) var calls: [String] = []
    private(set) var links: [String] = []
    /// Every text a reader sees, in order.
    private(set) var shown = ""
    private(set) var actions: [(action: String, value: String)] = []

    init(blocks: [JSONValue]) {
        if blocks.count > 50 { problems.append("\(blocks.count) blocks") }
        if blocks.isEmpty { problems.append("no blocks") }
        for block in blocks { check(block) }
        let tables = blocks.count { $0["type"]?.stringValue == "table" }
        if tables > 1 { problems.append("\(tables) tables") }
    }

    private mutating func check(_ block: JSONValue) {
        switch block["type"]?.stringValue {
        case "header":
            plain(block["text"], most: 150)
            let title = block["text"]?["text"]?.stringValue ?? ""
            if title.contains(where: { "&<>".contains($0) }) { problems.append("a header with \(title)") }
        case "divider": break
        case "context":
            for element in items(block["elements"], most: 10) { plain(element, most: 2000) }
        case "actions":
            for element in items(block["elements"], most: 25) { button(element) }
        case "input":
            plain(block["label"], most: 2000)
        case "rich_text":
            for element in items(block["elements"], most: 1000) { rich(element) }
        case "table": table(block)
        default: problems.append("a block of type \(block["type"] ?? nil)")
        }
    }

    private mutating func items(_ value: JSONValue?, most: Int) -> [JSONValue] {
        let items = value?.arrayValue ?? []
        if items.isEmpty || items.count > most { problems.append("\(items.count) items: \(value ?? nil)") }
        return items
    }

    private mutating func text(_ value: JSONValue?, most: Int) {
        guard let text = value?.stringValue, !text.isEmpty, text.utf16.count <= most else {
            problems.append("a text of 0 or of more than \(most): \(value ?? nil)")
            return
        }
        shown += text
    }

    private mutating func plain(_ value: JSONValue?, most: Int) {
        if value?["type"]?.stringValue != "plain_text" { problems.append("no plain text: \(value ?? nil)") }
        text(value?["text"], most: most)
        shown += " "
    }

    private mutating func button(_ element: JSONValue) {
        if element["type"]?.stringValue != "button" { problems.append("no button: \(element)") }
        plain(element["text"], most: 75)
        let (action, value) = (element["action_id"]?.stringValue ?? "", element["value"]?.stringValue ?? "")
        if action.isEmpty || action.utf16.count > 255 || value.utf16.count > 2000 { problems.append("\(element)") }
        if let style = element["style"]?.stringValue, style != "primary", style != "danger" { problems.append(style) }
        if let confirm = element["confirm"] {
            for (name, most) in [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)] {
                plain(confirm[name], most: most)
            }
        }
        actions.append((action, value))
    }

    private mutating func rich(_ element: JSONValue) {
        let isCode = element["type"]?.stringValue == "rich_text_preformatted"
        switch element["type"]?.stringValue {
        case "rich_text_section", "rich_text_quote", "rich_text_preformatted":
            for run in items(element["elements"], most: 10_000) { self.run(run, isCode: isCode) }
        case "rich_text_list":
            let (indent, offset) = (element["indent"]?.intValue ?? 0, element["offset"]?.intValue ?? 0)
            if !(0...8).contains(indent) || offset < 0 { problems.append("indent \(indent), offset \(offset)") }
            if !["bullet", "ordered"].contains(element["style"]?.stringValue) { problems.append("a list of no style") }
            for item in items(element["elements"], most: 10_000) {
                if item["type"]?.stringValue != "rich_text_section" { problems.append("an item that is no section") }
                rich(item)
            }
        default: problems.append("rich text of type \(element["type"] ?? nil)")
        }
        shown += "\n"
    }

    private mutating func run(_ run: JSONValue, isCode: Bool) {
        switch run["type"]?.stringValue {
        case "text": text(run["text"], most: 13_000)
        case "link" where !isCode:
            text(run["text"], most: 13_000)
            let url = run["url"]?.stringValue ?? ""
            if url.utf16.count > 3000 || url.contains(where: { "<>|\" ".contains($0) || !$0.isASCII })
                || !["http://", "https://", "mailto:"].contains(where: { url.hasPrefix($0) })
            {
                problems.append("a link to \(url)")
            }
            links.append(url)
        case "date" where !isCode: if run["timestamp"]?.intValue == nil { problems.append("\(run)") }
        case "user" where !isCode: calls.append("user \(run["user_id"]?.stringValue ?? "")")
        case "usergroup" where !isCode: calls.append("group \(run["usergroup_id"]?.stringValue ?? "")")
        case "channel" where !isCode: calls.append("channel \(run["channel_id"]?.stringValue ?? "")")
        case "broadcast" where !isCode: calls.append("broadcast \(run["range"]?.stringValue ?? "")")
        default: problems.append("a run of type \(run["type"] ?? nil)")
        }
    }

    private mutating func table(_ block: JSONValue) {
        let rows = items(block["rows"], most: 100)
        var letters = 0
        for row in rows {
            for cell in items(row, most: 20) {
                let before = shown.utf16.count
                if cell["type"]?.stringValue == "raw_text" {
                    text(cell["text"], most: 13_000)
                } else if cell["type"]?.stringValue == "rich_text" {
                    for element in items(cell["elements"], most: 10) { rich(element) }
                } else {
                    problems.append("a cell of type \(cell["type"] ?? nil)")
                }
                letters += shown.utf16.count - before
                shown += " "
            }
        }
        if Set(rows.map { $0.arrayValue?.count ?? 0 }).count != 1 { problems.append("rows of different lengths") }
        // Line feeds that this adds between elements included.
        if letters > 10_000 + rows.count * 20 { problems.append("\(letters) letters in a table") }
        if (block["column_settings"]?.arrayValue?.count ?? 0) > 20 { problems.append("settings of too many columns") }
    }
}

/// What Slack would find in a `text` or in mrkdwn.
struct MrkdwnCheck {
    /// Whatever stands between `<` and `>`, and every sign that is not escaped.
    let active: [String]

    init(_ text: String) {
        var found: [String] = []
        // By scalars: what stands before a combining mark is still read by Slack.
        var rest = text.unicodeScalars[...]
        while let sign = rest.first {
            let tail = String(String.UnicodeScalarView(rest.prefix(120))).utf8
            var length = 1
            switch sign {
            case "<":
                let token = rest.prefix { $0 != ">" }
                found.append(String(String.UnicodeScalarView(token)) + ">")
                length = token.count + 1
            case ">": found.append(">")
            case "&":
                let entity = ["&amp;", "&lt;", "&gt;"].first { tail.starts(with: $0.utf8) }
                if entity == nil { found.append("&") }
                length = entity?.count ?? 1
            case "@":
                let lower = String(String.UnicodeScalarView(rest.prefix(12))).lowercased().utf8
                found += ["@channel", "@here", "@everyone"].filter { lower.starts(with: $0.utf8) }
            default: break
            }
            rest = rest.dropFirst(length)
        }
        active = found
    }
}
