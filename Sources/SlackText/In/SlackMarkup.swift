package import MCP

/// Reads what people write in Slack: its mark-up and its rich text become Markdown for the model and the transcript.
package struct SlackMarkup: Sendable {
    /// Names for what Slack writes as an id; `nil` where nobody knows one, and the id is shown.
    package struct Names: Sendable {
        package var user: @Sendable (String) -> String?
        package var channel: @Sendable (String) -> String?
        package var userGroup: @Sendable (String) -> String?

        package init(
            user: @escaping @Sendable (String) -> String? = { _ in nil },
            channel: @escaping @Sendable (String) -> String? = { _ in nil },
            userGroup: @escaping @Sendable (String) -> String? = { _ in nil }
        ) {
            self.user = user
            self.channel = channel
            self.userGroup = userGroup
        }
    }

    package struct Reading: Hashable, Sendable {
        /// What was said; every word of it but a mention of the bot that it opens with.
        package var markdown: String
        /// In the order they come, each once.
        package var mentions: [SlackMention]
        /// Whether the bot itself is among them.
        package var mentionsBot: Bool

        /// The people among ``mentions``, by their ids.
        package var users: [String] {
            mentions.compactMap { if case .user(let id) = $0 { id } else { nil } }
        }
    }

    private let names: Names
    private let bot: String?

    /// `bot` is the user id of the assistant's own account.
    package init(names: Names = Names(), bot: String? = nil) {
        self.names = names
        self.bot = bot
    }

    /// Of a message's `text` and `blocks`: rich text says more than the text beside it; without any the text is read.
    package func read(text: String, blocks: [JSONValue] = []) -> Reading {
        let rich = blocks.filter { $0["type"]?.stringValue == "rich_text" }
        var reader = rich.isEmpty ? nil : RichTextReader(names: names)
        for block in rich { reader?.add(block) }
        let (markdown, mentions): (String, [SlackMention])
        if let reader, !reader.markdown.isEmpty {
            (markdown, mentions) = (reader.markdown, reader.mentions)
        } else {
            var reader = MrkdwnReader(text, names: names)
            (markdown, mentions) = (reader.read(), reader.mentions)
        }
        let isMentioned = bot.map { mentions.contains(.user($0)) } ?? false
        return Reading(
            markdown: isMentioned ? withoutAddress(markdown) : markdown, mentions: mentions, mentionsBot: isMentioned)
    }

    /// "@bulkhead, what is …" is said to the bot: its name at the very beginning is no part of what is said. Any other place
    /// is: "ask @bulkhead about it".
    private func withoutAddress(_ markdown: String) -> String {
        guard let bot else { return markdown }
        let name = names.shown(.user(bot))
        guard markdown.hasPrefix(name) else { return markdown }
        let rest = markdown.dropFirst(name.count)
        if let next = rest.first, next.isLetter || next.isNumber || next == "_" || next == "-" { return markdown }
        return String(rest.drop { $0.isWhitespace || $0 == "," || $0 == ":" })
    }
}

extension SlackMarkup.Names {
    /// As it reads: `@name`, `#name`.
    func shown(_ mention: SlackMention) -> String {
        switch mention {
        case .user(let id): "@" + (user(id) ?? id)
        case .userGroup(let id): "@" + (userGroup(id) ?? id)
        case .channel(let id): "#" + (channel(id) ?? id)
        case .broadcast(let range): "@" + range.rawValue
        }
    }
}
