package import MCP

/// The app's Home tab as one person sees it. What else people are to find there is one more section.
package struct HomeView: Hashable, Sendable {
    package struct Running: Hashable, Sendable {
        /// The conversation's.
        package var id: String
        package var title: String

        package init(id: String, title: String) {
            self.id = id
            self.title = title
        }
    }

    package struct Grant: Hashable, Sendable {
        package var id: String
        /// What holds, for whom, until when: "send in #sales, until 3 March".
        package var words: String

        package init(id: String, words: String) {
            self.id = id
            self.words = words
        }
    }

    package var approvals: [ApprovalCard] = []
    package var running: [Running] = []
    /// A line each.
    package var tasks: [String] = []
    package var grants: [Grant] = []
    package var usage = ""
    package var help = ""

    package init() {}

    /// Each as many as fit in a view, which has 100 blocks at most; how many are left is said.
    private static let shown = (approvals: 5, running: 8, tasks: 10, grants: 8)

    package var json: JSONValue {
        var blocks = [Self.header("Waits for you")]
        blocks += section(approvals, most: Self.shown.approvals, none: "Nothing waits for your word.") {
            $0.message.blocks + [["type": "divider"]]
        }
        blocks.append(Self.header("Works for you now"))
        blocks += section(running, most: Self.shown.running, none: "Nothing is under way.") { conversation in
            [
                BlockKit.paragraph([BlockKit.words(SlackEscaping.line(conversation.title, most: 200))]),
                BlockKit.actions([BlockKit.button("Stop", .stop, value: conversation.id)]),
            ]
        }
        blocks.append(Self.header("Works for you by itself"))
        blocks += section(tasks, most: Self.shown.tasks, none: "Nothing. Ask me to do something every Monday.") {
            [BlockKit.paragraph([BlockKit.words(SlackEscaping.line($0, most: 300))])]
        }
        blocks.append(Self.header("What you allowed for longer"))
        blocks += section(grants, most: Self.shown.grants, none: "Nothing.") { grant in
            [
                BlockKit.paragraph([BlockKit.words(SlackEscaping.line(grant.words, most: 300))]),
                BlockKit.actions([BlockKit.button("Take it back", .revokeGrant, value: grant.id)]),
            ]
        }
        if !usage.isEmpty { blocks += [Self.header("The last 30 days"), BlockKit.paragraph([BlockKit.words(usage)])] }
        if !help.isEmpty { blocks += [["type": "divider"], BlockKit.context(help)] }
        return ["type": "home", "blocks": .array(blocks)]
    }

    /// For one who may not use it: why, and what to do.
    package static func closed(_ sentence: String) -> JSONValue {
        ["type": "home", "blocks": [BlockKit.paragraph([BlockKit.words(SlackEscaping.line(sentence, most: 1_000))])]]
    }

    private func section<Item>(
        _ items: [Item], most: Int, none: String, _ blocks: (Item) -> [JSONValue]
    ) -> [JSONValue] {
        guard !items.isEmpty else { return [BlockKit.context(none)] }
        let rest = items.count - most
        return items.prefix(most).flatMap(blocks) + (rest > 0 ? [BlockKit.context("… and \(rest) more")] : [])
    }

    private static func header(_ title: String) -> JSONValue {
        ["type": "header", "text": BlockKit.plain(title, most: 150)]
    }
}
