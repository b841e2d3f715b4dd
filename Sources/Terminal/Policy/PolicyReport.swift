internal import Glibc
internal import MCP
package import Model
internal import Policy
internal import Settings
internal import ToolServers

/// `bulkhead policy check` and `bulkhead policy explain`: what a policy file says, without a daemon.
package enum PolicyReport {
    /// As `bulkhead serve` ends with a configuration that is wrong (`EX_CONFIG`).
    private static let badConfiguration: Int32 = 78

    /// `file` nil: the one the configuration names.
    package static func check(_ file: String?, config: String?) async -> Int32 {
        await CommandResult.status {
            do {
                let (policy, name) = try policy(file, config: config)
                TerminalDevice.print(
                    [
                        StyledLine("✓ ", .green)
                            + StyledLine(
                                "\(name) is in order: hard denials \(policy.denialCount), rules \(policy.ruleCount).")
                    ], to: STDOUT_FILENO)
                if let people = try? settings(config).people {
                    for warning in unknownApprovers(in: policy, people) {
                        TerminalDevice.print(StyledLine.lines(of: "\(name): \(warning)", .yellow), to: STDERR_FILENO)
                    }
                }
                return 0
            } catch let error as PolicyError {
                TerminalDevice.print(StyledLine.lines(of: "\(error)", .red), to: STDERR_FILENO)
                return badConfiguration
            }
        }
    }

    package static func explain(_ question: ExplainedCall, file: String?, config: String?, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            let policy: Policy
            do {
                policy = try Self.policy(file, config: config).policy
            } catch let error as PolicyError {
                throw TerminalError(.file, error.description)
            }
            let asked = try question.question(policy, people: try? settings(config).people)
            let decision = policy.evaluate(asked)
            if json {
                CommandResult.printJSON(.object(Self.json(decision, asked)))
            } else {
                TerminalDevice.print(lines(decision, asked), to: STDOUT_FILENO)
            }
            return 0
        }
    }

    /// A warning each: they may come later, and until then nobody of that name answers.
    static func unknownApprovers(in policy: Policy, _ people: PeopleSettings) -> [String] {
        policy.namedApprovers.flatMap { rule, names in
            names.filter { !mayComeIn($0, people) }.map { name in
                "\(rule.text) names \(name), who is nobody the settings let in (people.admins, people.members); "
                    + "until they do, nobody answers by that name."
            }
        }
    }

    /// Names of a policy are in lower case; identifiers are not looked up.
    private static func mayComeIn(_ name: String, _ people: PeopleSettings) -> Bool {
        if name.utf8.count == 26, name.hasPrefix("0"), PersonID(name) != nil { return true }
        let listed = [people.owner, "root"] + people.admins + people.members
        return listed.contains { $0.lowercased() == name } || people.others == .member && getpwnam(name) != nil
    }

    /// The file's text, once it has proved to be a policy.
    static func checkedText(of file: String) throws(TerminalError) -> String {
        do {
            return try Policy.checkedText(of: file)
        } catch {
            throw TerminalError(.file, error.description)
        }
    }

    private static func settings(_ config: String?) throws -> Settings {
        let path = try DaemonLocation.configuration(config)
        do {
            return try Settings.load(path: path)
        } catch {
            throw TerminalError(.usage, "\(error)")
        }
    }

    /// The file named, else the configuration's; where that is not there, what the daemon then goes by.
    private static func policy(_ file: String?, config: String?) throws -> (policy: Policy, name: String) {
        if let file { return (try Policy.load(file), file) }
        let path = try settings(config).policy.file
        guard access(path, F_OK) == 0 else {
            return (try Policy(yaml: Policy.standardText, file: "the standard policy"), "the standard policy")
        }
        return (try Policy.load(path), path)
    }

    static func json(_ decision: Decision, _ asked: PolicyQuestion) -> JSONObject {
        var answer: JSONObject = [
            "decision": .string(decision.word), "rule": .string(decision.rule.name),
            "line": decision.rule.line.map { .int(Int64($0)) } ?? .null, "approvers": .null,
            "effect": .string(asked.effect.rawValue), "role": .string(asked.role.rawValue),
        ]
        switch decision {
        case .allow: break
        case .deny(let reason, _): answer["reason"] = .string(reason)
        case .ask(let approvers, let expires, let reason, _):
            answer["approvers"] = .string(approvers.rawValue)
            answer["answered_by"] = .string(approvers.inWords)
            answer["reason"] = .string(reason)
            answer["expires_seconds"] = .int(expires.components.seconds)
        }
        return answer
    }

    private static func lines(_ decision: Decision, _ asked: PolicyQuestion) -> [StyledLine] {
        let place = decision.rule.line.map { ", line \($0) of the policy" } ?? ", built in"
        var rows = [("rule", decision.rule.name + place)]
        let head: StyledLine
        switch decision {
        case .allow: head = StyledLine("allowed", .green)
        case .deny(let reason, _):
            head = StyledLine("denied", .red)
            rows.append(("because", reason))
        case .ask(let approvers, let expires, let reason, _):
            head = StyledLine("asks", .yellow)
            rows.append(("because", reason))
            rows.append(("answered by", approvers.inWords))
            rows.append(("within", "\(expires.components.seconds / 60) minutes"))
        }
        rows.append(("seen as", "\(asked.effect.rawValue), role \(asked.role.rawValue), in \(asked.mode.title)"))
        return [head + StyledLine(": \(asked.tool) for \(asked.requesterName)")]
            + rows.map { StyledLine("  " + $0.0, .dim).padded(to: 15) + StyledLine($0.1) }
    }
}

/// A call somebody wants to know the decision about, as typed on a command line.
package struct ExplainedCall: Sendable {
    package var tool: String
    package var arguments: String
    package var user: String
    package var role: Role?
    /// Empty: a direct conversation.
    package var channel: String
    package var mode: Mode
    package var labels: Labels
    package var effect: Effect?
    package var time: Timestamp

    package init(
        tool: String, arguments: String, user: String, role: Role?, channel: String, mode: Mode, labels: Labels,
        effect: Effect?, time: Timestamp
    ) {
        self.tool = tool
        self.arguments = arguments
        self.user = user
        self.role = role
        self.channel = channel
        self.mode = mode
        self.labels = labels
        self.effect = effect
        self.time = time
    }

    func question(_ policy: Policy, people: PeopleSettings?) throws(TerminalError) -> PolicyQuestion {
        guard let value = try? JSONValue(parsing: Array(arguments.utf8)), let arguments = value.objectValue else {
            throw TerminalError(.usage, "--args takes a JSON object, such as '{\"command\": \"ls\"}'.")
        }
        guard let role = role ?? people.map({ $0.role(of: user) }) ?? .member else {
            throw TerminalError(
                .usage, "\(user) may not come in (people in the configuration). Name a role with --role to ask anyway.")
        }
        let nature = BuiltInTool.named(tool)
        let override = policy.override(for: tool)
        let id = channel.isEmpty ? ChannelID(trusted: "direct") : ChannelID(trusted: channel)
        return PolicyQuestion(
            tool: tool, arguments: arguments, effect: effect ?? override?.effect ?? nature.effect,
            runsCommands: override?.runsCommands ?? nature.runsCommands, mode: mode, role: role,
            requester: PersonID(trusted: user), requesterName: user, channel: id,
            audience: channel.isEmpty ? .requesterOnly : .channel(id), labels: labels, time: time)
    }
}
