/// Asks an admin whether the assistant may work in a channel, or for somebody.
package struct AdmissionCard: Hashable, Sendable {
    package enum Subject: String, Hashable, Sendable {
        case channel, person
    }

    package var subject: Subject
    /// Slack's.
    package var id: String
    package var label: String
    /// Slack's id of whoever's wish it was; `nil` where that is the person themselves, or nobody known.
    package var asker: String?

    package init(subject: Subject, id: String, label: String, asker: String? = nil) {
        self.subject = subject
        self.id = id
        self.label = label
        self.asker = asker
    }

    private var name: String { (subject == .channel ? "#" : "") + SlackEscaping.line(label, most: 150) }

    /// With its buttons, whose value is `channel:ID` or `person:ID`.
    package var message: BlockMessage {
        let question =
            subject == .channel
            ? "May the assistant work in \(name)? Whoever is in the channel can ask it there, and reads its answers."
            : "May \(name) use the assistant? As a member of the workspace, with the role member."
        var runs = [RichRun("Somebody to be let in: ", .bold), BlockKit.words(question)]
        if let asker, SlackMention.isIdentifier(asker) {
            runs += [RichRun(" Asked by "), RichRun(.mention(.user(asker))), RichRun(".")]
        }
        let value = "\(subject.rawValue):\(id)"
        return BlockMessage(
            text: SlackEscaping.words(SlackEscaping.line(question, most: 500)),
            blocks: [
                BlockKit.paragraph(runs),
                BlockKit.actions([
                    BlockKit.button("Allow", .admit, value: value, style: .primary),
                    BlockKit.button(
                        subject == .channel ? "Not here" : "Not them", .turnAway, value: value, style: .danger),
                ]),
            ])
    }

    /// The card once somebody has decided. `at` in seconds since 1970.
    package func message(isAllowed: Bool, by decider: String, at: Int64) -> BlockMessage {
        let sentence = "\(isAllowed ? "✅" : "⛔") \(name): \(isAllowed ? "allowed" : "refused") by \(decider)."
        return BlockMessage(
            text: SlackEscaping.words(SlackEscaping.line(sentence, most: 500)),
            blocks: [BlockKit.paragraph([BlockKit.words(sentence + " "), BlockKit.time(at)])])
    }
}
