internal import MCP

/// A deterministic stand-in for a model: no AI. It follows the commands of docs/offline-model.md, calls the tools they
/// need one after the other, and tells what came back. Pure: a request in, an answer out; where a turn is follows from
/// the request's messages alone.
enum OfflineModel {
    static let name = "offline"

    struct Answer: Sendable {
        enum Piece: Sendable {
            case text(String)
            /// Nothing but dots for so long.
            case pause(seconds: Int)
            case toolUse(id: String, name: String, input: JSONObject)
        }

        var pieces: [Piece]
        var id: String
        /// There is more than the request's `max_tokens` lets it say.
        var isCut = false

        var asksForTools: Bool {
            pieces.contains { if case .toolUse = $0 { true } else { false } }
        }
    }

    static func answer(_ request: JSONObject) -> Answer {
        let conversation = OfflineConversation(request)
        let pieces =
            conversation.commands.isEmpty
            ? [.text(OfflineWords.notUnderstood(conversation.asked, conversation.tools))]
            : Progress(conversation).pieces
        let whole = Answer(pieces: pieces, id: "msg_offline_\(conversation.position)")
        guard let tokens = request["max_tokens"]?.intValue, tokens > 0, tokens < 1 << 40 else { return whole }
        var (answer, isCut) = whole.part(conversation.continuations, ofBytes: Int(tokens) * bytesPerToken)
        answer.isCut = isCut
        return answer
    }

    /// An estimate: nobody pays for them.
    static let bytesPerToken = 4

    /// The plan, with as much of it marked done as the request shows.
    private struct Progress {
        private struct Item {
            var command: OfflineCommand
            var steps: [OfflineStep]
        }

        private let conversation: OfflineConversation
        private var items: [Item]
        /// By item and step, for the calls that were made.
        private var outcomes: [[[OfflineConversation.Outcome]?]]
        /// The first step that is not done; behind the last item where all calls are.
        private var next: (item: Int, step: Int)?
        /// The last step with calls that were made: waits before it are over.
        private var lastDone = (item: -1, step: -1)

        init(_ conversation: OfflineConversation) {
            self.conversation = conversation
            items = conversation.commands.map { Item(command: $0, steps: $0.steps(with: conversation.tools)) }
            outcomes = items.map { Array(repeating: nil, count: $0.steps.count) }
            var rounds = conversation.rounds[...]
            walk: for (item, steps) in items.map(\.steps).enumerated() {
                for (step, what) in steps.enumerated() {
                    guard case .calls = what else { continue }
                    guard let round = rounds.popFirst() else {
                        next = (item, step)
                        break walk
                    }
                    outcomes[item][step] = round
                    lastDone = (item, step)
                }
            }
        }

        var pieces: [Answer.Piece] {
            guard let next, case .calls(let calls) = items[next.item].steps[next.step] else { return report }
            let labels = calls.map { OfflineWords.code($0.label.oneLine(80)) }.joined(separator: " and ")
            return waits(before: next) + [.text("\(labels) …")]
                + calls.enumerated().map { index, call in
                    .toolUse(id: "toolu_offline_\(conversation.position)_\(index)", name: call.tool, input: call.input)
                }
        }

        private func isDue(_ item: Int, _ step: Int) -> Bool {
            (item, step) > (lastDone.item, lastDone.step)
        }

        private func waits(before end: (item: Int, step: Int)) -> [Answer.Piece] {
            items.enumerated().flatMap { item, content in
                content.steps.enumerated().compactMap { step, what in
                    guard case .wait(let seconds) = what, isDue(item, step), (item, step) < end else { return nil }
                    return .pause(seconds: seconds)
                }
            }
        }

        /// Everything the turn came to, in the order it was asked for.
        private var report: [Answer.Piece] {
            var pieces: [Answer.Piece] = []
            for (item, content) in items.enumerated() {
                if case .skill(let skill) = content.command, let told = tell(skill, item) {
                    pieces.append(.text(told))
                    continue
                }
                for (step, what) in content.steps.enumerated() {
                    switch what {
                    case .say(let text): pieces.append(.text(text.isEmpty ? "…" : text))
                    case .wait(let seconds):
                        pieces.append(isDue(item, step) ? .pause(seconds: seconds) : .text("Waited \(seconds) s."))
                    case .calls(let calls): pieces.append(.text(tell(calls, outcomes[item][step] ?? [])))
                    }
                }
            }
            return pieces
        }

        private func tell(_ calls: [OfflineCall], _ outcomes: [OfflineConversation.Outcome]) -> String {
            zip(calls, outcomes).map { OfflineWords.show($1, label: $0.label, shows: $0.shows) }
                .joined(separator: "\n\n")
        }

        private func tell(_ skill: OfflineSkill, _ item: Int) -> String? {
            var labels: [String] = []
            var results: [OfflineConversation.Outcome] = []
            for (step, what) in items[item].steps.enumerated() {
                guard case .calls(let calls) = what else { return nil }
                labels += calls.map(\.label)
                results += outcomes[item][step] ?? []
            }
            return skill.tell(results, labels: labels)
        }
    }
}
