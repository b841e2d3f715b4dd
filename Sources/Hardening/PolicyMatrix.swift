internal import MCP
internal import Model
package import Policy
internal import ToolServers

/// A fixed set of questions to a policy, and its answers, so that two policies can be held against each other: every
/// known tool and a stranger of each effect, by every role, in every mode, with all labels, in a room and alone, at work and
/// at night. Rules about people or channels by name are not met by it; for those there is `bulkhead policy replay`.
package enum PolicyMatrix {
    struct Circumstance {
        let mode: Mode
        let labels: Labels
        let isDirect: Bool
        let isAtNight: Bool

        var words: String {
            var words = "\(mode.title), \(isDirect ? "alone with the assistant" : "in a room")"
            if !labels.isEmpty { words += ", having touched \(labels.names.joined(separator: " and ")) content" }
            return words + (isAtNight ? ", on a Sunday night" : "")
        }
    }

    /// The order of the letters of an answer: part of the baseline's format.
    static let circumstances: [Circumstance] = [Mode.auto, .acceptEdits, .readOnly, .bypassPermissions].flatMap {
        mode in
        [[], Labels.untrusted, .private, [.untrusted, .private]].flatMap { labels in
            [false, true].flatMap { direct in
                [false, true].map { Circumstance(mode: mode, labels: labels, isDirect: direct, isAtNight: $0) }
            }
        }
    }

    /// What the answers stand for, from strict to loose.
    static let letters: [Character] = ["d", "s", "r", "a"]
    static let words = ["denied", "asked of somebody else", "asked of the requester", "allowed"]

    private struct Call {
        let name: String
        let tool: String
        let effect: Effect
        let runsCommands: Bool
        var arguments: JSONObject = [:]
    }

    private static var calls: [Call] {
        var calls: [Call] = []
        for (name, tool) in BuiltInTool.all.sorted(by: { $0.key < $1.key }) {
            guard name != "bash" else {
                calls += [
                    ("bash that only reads", "ls /workspace/thread"), ("bash that deletes", "rm -rf /workspace/thread"),
                ]
                .map { title, command in
                    Call(
                        name: title, tool: name, effect: tool.effect, runsCommands: tool.runsCommands,
                        arguments: ["command": .string(command)])
                }
                continue
            }
            calls.append(Call(name: name, tool: name, effect: tool.effect, runsCommands: tool.runsCommands))
        }
        for effect in Effect.allCases {
            calls.append(
                Call(
                    name: "any other tool that is \(effect.rawValue)", tool: "another_tool", effect: effect,
                    runsCommands: effect == .external))
        }
        return calls
    }

    /// By tool and role, a letter per circumstance.
    package static func answers(_ policy: Policy) -> [String: String] {
        var answers: [String: String] = [:]
        let person = PersonID(trusted: "hardening")
        let room = ChannelID(trusted: "hardening")
        // Thursday 2026-01-01 12:00 and Sunday 2026-01-04 03:00.
        let noon = Timestamp(milliseconds: 1_767_268_800_000)
        let night = Timestamp(milliseconds: 1_767_495_600_000)
        for call in calls {
            let override = policy.override(for: call.tool)
            for role in Role.allCases {
                let letters = circumstances.map { here -> Character in
                    let decision = policy.evaluate(
                        PolicyQuestion(
                            tool: call.tool, arguments: call.arguments, effect: override?.effect ?? call.effect,
                            runsCommands: override?.runsCommands ?? call.runsCommands, mode: here.mode, role: role,
                            requester: person, requesterName: "hardening", channel: room,
                            audience: here.isDirect ? .requesterOnly : .channel(room), labels: here.labels,
                            time: here.isAtNight ? night : noon))
                    return letter(decision)
                }
                answers["\(call.name), \(role.rawValue)"] = String(letters)
            }
        }
        for role in Role.allCases {
            for hasFiles in [false, true] {
                let labels = policy.sources.labels(ofMessageBy: role, hasFiles: hasFiles)
                answers["a message \(hasFiles ? "with" : "without") files, \(role.rawValue)"] =
                    labels.contains(.untrusted) ? "d" : "a"
            }
        }
        return answers
    }

    private static func letter(_ decision: Decision) -> Character {
        switch decision {
        case .allow: "a"
        case .ask(let approvers, _, _, _): approvers.takesAnother ? "s" : "r"
        case .deny: "d"
        }
    }

    /// What got looser from one set of answers to another: for each question a sentence. What got stricter is counted.
    package static func compare(
        _ before: [String: String], _ now: [String: String]
    ) -> (looser: [(question: String, fact: String)], stricter: Int, new: Int) {
        var looser: [(question: String, fact: String)] = []
        var stricter = 0
        var new = 0
        for (question, answers) in now.sorted(by: { $0.key < $1.key }) {
            guard let old = before[question], old.count == answers.count else {
                new += 1
                continue
            }
            var first: String?
            var more = 0
            for (index, (was, isNow)) in zip(old, answers).enumerated() {
                guard let rankBefore = letters.firstIndex(of: was), let rankNow = letters.firstIndex(of: isNow),
                    rankBefore != rankNow
                else { continue }
                guard rankNow > rankBefore else {
                    stricter += 1
                    continue
                }
                if first == nil {
                    let place = answers.count == circumstances.count ? "\(circumstances[index].words): " : ""
                    let words = question.hasPrefix("a message") ? ["outside content", "", "", "trusted"] : words
                    first = "\(place)was \(words[rankBefore]), is \(words[rankNow])"
                } else {
                    more += 1
                }
            }
            if let first { looser.append((question, first + (more > 0 ? ", and \(more) more cases" : ""))) }
        }
        return (looser, stricter, new)
    }
}
