internal import SlackAPI
internal import SlackText

/// Slack's mark-up as Markdown, with the names of people.
struct SlackWords: Sendable {
    let directory: SlackDirectory

    /// What was said; without the mention it begins with, where that is the assistant's. Of a call without a word that
    /// mention is left: what it is about stands above it.
    func markdown(of message: SlackUtterance) async throws -> String {
        let us = try await directory.identity().userID
        // First for whom it names, then with their names.
        let unnamed = SlackMarkup(bot: us).read(text: message.text, blocks: message.blocks)
        var names: [String: String] = [:]
        for id in unnamed.users.prefix(50) { names[id] = await directory.name(of: id) }
        let known = names
        let reading = SlackMarkup(names: SlackMarkup.Names(user: { known[$0] }), bot: us)
            .read(text: message.text, blocks: message.blocks)
        guard reading.mentionsBot, !reading.markdown.contains(where: { !$0.isWhitespace }), let us else {
            return reading.markdown
        }
        return "@" + (known[us] ?? us)
    }
}
