import Crypto
import Model
import Yams

extension Policy {
    private enum Verdict: String, CaseIterable { case allow, ask, deny }
    private enum LabelName: String, CaseIterable { case untrusted, `private` }

    /// `file` is for messages. Everything unknown is an error: a rule that is not understood must not be passed over.
    package init(yaml: String, file: String) throws(PolicyError) {
        guard yaml.utf8.count <= 1 << 20 else {
            throw PolicyError(file: file, line: nil, message: "the policy is over 1 MB")
        }
        guard let root = try Self.compose(yaml, file: file) else {
            throw PolicyError(file: file, line: 1, message: "the policy is empty; it needs at least \"version: 1\"")
        }
        let top = try YAMLMapping(
            root, file: file, what: "the policy", allowed: ["version", "expires", "tools", "deny", "rules"])
        guard try top.text("version") == "1" else { throw top.error("version", "has to be 1") }
        digest = Array(SHA256.hash(data: Array(yaml.utf8)))
        expires = try top.duration("expires") ?? .seconds(600)
        var names: Set<String> = []
        var denials: [PolicyRule] = []
        for item in try top.items("deny", allowed: Self.conditions + ["name", "reason"]) {
            denials.append(try Self.rule(item, verdict: .deny, names: &names))
        }
        var rules: [PolicyRule] = []
        let keys = Self.conditions + ["name", "reason", "decision", "approvers", "expires"]
        for item in try top.items("rules", allowed: keys) {
            rules.append(try Self.rule(item, verdict: try Self.verdict(item), names: &names))
        }
        var tools: [ToolOverride] = []
        for item in try top.items("tools", allowed: ["tool", "effect", "runsCommands", "labels", "deadline"]) {
            tools.append(try Self.override(item))
        }
        self.denials = denials
        self.rules = rules
        self.tools = tools
    }

    private static let conditions = ["tool", "effect", "mode", "role", "channel", "requester"]

    private static func compose(_ yaml: String, file: String) throws(PolicyError) -> Node? {
        do {
            return try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw PolicyError(file: file, line: mark.line, message: problem)
            case .duplicatedKeysInMapping(let keys, let context):
                throw PolicyError(
                    file: file, line: context.mark.line,
                    message: "keys that stand there twice: \(keys.joined(separator: ", "))")
            default: throw PolicyError(file: file, line: nil, message: "\(error)")
            }
        } catch {
            throw PolicyError(file: file, line: nil, message: "\(error)")
        }
    }

    private static func verdict(_ item: YAMLMapping) throws(PolicyError) -> PolicyRule.Verdict {
        guard let verdict = try item.word("decision", as: Verdict.self) else {
            throw item.error("decision", "is missing: allow, ask or deny")
        }
        let approvers = try item.word("approvers", as: Approvers.self)
        let expires = try item.duration("expires")
        guard verdict == .ask || (approvers == nil && expires == nil) else {
            throw item.error(approvers == nil ? "expires" : "approvers", "belongs to a rule that asks")
        }
        return switch verdict {
        case .allow: .allow
        case .deny: .deny
        case .ask: .ask(approvers ?? .requester, expires: expires)
        }
    }

    private static func rule(
        _ item: YAMLMapping, verdict: PolicyRule.Verdict, names: inout Set<String>
    ) throws(PolicyError) -> PolicyRule {
        guard let name = try item.text("name") else { throw item.error("name", "is missing: it stands in the audit") }
        guard name.utf8.count <= 100 else { throw item.error("name", "is over 100 bytes") }
        guard names.insert(name).inserted else { throw item.error("name", "\"\(name)\" is taken by another rule") }
        let rule = PolicyRule(
            reference: Rule(name: name, line: item.line), verdict: verdict, reason: try item.text("reason"),
            tools: try item.globs("tool"), effects: try item.words("effect"), modes: try item.words("mode"),
            roles: try item.words("role"), channels: try item.globs("channel"),
            requesters: try item.list("requester").map { Set($0.map { $0.lowercased() }) })
        guard verdict != .allow || rule.tools != nil || rule.effects != nil else {
            throw item.error("decision", "allow needs a tool or an effect: a grant says what it grants")
        }
        return rule
    }

    private static func override(_ item: YAMLMapping) throws(PolicyError) -> ToolOverride {
        guard let tools = try item.globs("tool") else { throw item.error("tool", "is missing") }
        let labels = try item.words("labels", as: LabelName.self) ?? []
        return ToolOverride(
            tools: tools, effect: try item.word("effect"), runsCommands: try item.flag("runsCommands"),
            labels: labels.reduce(into: Labels()) { $0.insert($1 == .untrusted ? .untrusted : .private) },
            deadline: try item.duration("deadline"))
    }
}
