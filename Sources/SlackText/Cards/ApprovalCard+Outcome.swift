internal import MCP

extension ApprovalCard {
    /// What became of the question.
    package enum Outcome: Hashable, Sendable {
        /// `reach` in words: "for this conversation"; `nil` where it was good for that call alone.
        case allowed(by: String, reach: String? = nil)
        case denied(by: String, reason: String?)
        case expired
        /// What it was about was stopped.
        case withdrawn

        var icon: String {
            switch self {
            case .allowed: "✅"
            case .denied: "⛔"
            case .expired: "⌛"
            case .withdrawn: "✖️"
            }
        }

        var sentence: String {
            switch self {
            case .allowed(let person, let reach): "Allowed by \(person)" + (reach.map { ", \($0)." } ?? ".")
            case .denied(let person, let reason): "Denied by \(person)" + (reason.map { ": \($0)" } ?? ".")
            case .expired: "Nobody answered in time. Nothing was run."
            case .withdrawn: "Withdrawn: what it was about was stopped."
            }
        }
    }

    /// The card once it is decided, for everybody who has it: no buttons, who and when. `at` is in seconds since 1970.
    package func message(_ outcome: Outcome, at: Int64) -> BlockMessage {
        var quiet = self
        quiet.calls = []
        return Self.closed(quiet.title("Approval"), ArgumentText(arguments).elements(most: 600), outcome, at: at)
    }

    /// The same where nothing of the question may be shown any more, or nobody knows it any more.
    package static func message(_ outcome: Outcome, tool: String, at: Int64) -> BlockMessage {
        closed([RichRun("Approval: ", .bold), BlockKit.words(tool, .code)], [], outcome, at: at)
    }

    private static func closed(
        _ title: [RichRun], _ arguments: [RichElement], _ outcome: Outcome, at: Int64
    ) -> BlockMessage {
        var blocks = [BlockKit.paragraph(title)]
        if !arguments.isEmpty { blocks.append(BlockKit.rich(arguments)) }
        let sentence = SlackEscaping.cut("\(outcome.icon) \(outcome.sentence)", most: 1_000)
        blocks.append(BlockKit.paragraph([BlockKit.words(sentence + " "), BlockKit.time(at)]))
        return BlockMessage(text: SlackEscaping.words(SlackEscaping.line(sentence, most: 1_000)), blocks: blocks)
    }

    /// What a thread shows of a question that its readers may not see: that somebody is asked, and nothing else.
    package static func placeholder(waitingFor approvers: String) -> BlockMessage {
        let text = SlackEscaping.line(
            "Waiting for an approval (\(approvers)). It is shown to them in private.", most: 500)
        return BlockMessage(text: SlackEscaping.words(text), blocks: [BlockKit.context("🔒 " + text)])
    }

    /// The placeholder once it is over.
    package static func placeholder(_ outcome: Outcome) -> BlockMessage {
        let word =
            switch outcome {
            case .allowed: "given"
            case .denied: "denied"
            case .expired: "not given in time"
            case .withdrawn: "withdrawn"
            }
        return BlockMessage(text: "The approval was \(word).", blocks: [BlockKit.context("The approval was \(word).")])
    }
}
