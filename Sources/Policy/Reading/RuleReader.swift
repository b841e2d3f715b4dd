internal import Foundation
internal import MCP
internal import Model
internal import NetworkRules

/// Reads the entries of `deny:` and `rules:`. Everything unknown is an error: a rule that is not understood must not be
/// passed over.
struct RuleReader {
    let groups: [String: People]
    let zone: TimeZone
    private var names: Set<String> = []

    init(groups: [String: People], zone: TimeZone) {
        self.groups = groups
        self.zone = zone
    }

    private enum Word: String, CaseIterable { case allow, ask, deny }

    private static let conditions = [
        "tool", "effect", "arguments", "mode", "role", "channel", "place", "requester", "group", "labels", "hours",
        "days",
    ]

    mutating func denials(_ top: YAMLMapping) throws(PolicyError) -> [PolicyRule] {
        var rules: [PolicyRule] = []
        for item in try top.items("deny", allowed: Self.conditions + ["name", "reason"]) {
            rules.append(try rule(item, verdict: .deny))
        }
        return rules
    }

    mutating func rules(_ top: YAMLMapping) throws(PolicyError) -> [PolicyRule] {
        var rules: [PolicyRule] = []
        let allowed =
            Self.conditions + ["name", "reason", "decision", "approvers", "self", "deputies", "expires", "grants"]
        for item in try top.items("rules", allowed: allowed) {
            rules.append(try rule(item, verdict: try verdict(item)))
        }
        return rules
    }

    private func verdict(_ item: YAMLMapping) throws(PolicyError) -> PolicyRule.Verdict {
        guard let word = try item.word("decision", as: Word.self) else {
            throw item.error("decision", "is missing: allow, ask or deny")
        }
        if word != .ask, let key = ["approvers", "self", "deputies", "expires"].first(where: item.has) {
            throw item.error(key, "belongs to a rule that asks")
        }
        let approvers = try approvers(item)
        let expires = try item.duration("expires")
        return switch word {
        case .allow: .allow
        case .deny: .deny
        case .ask: .ask(approvers, expires: expires)
        }
    }

    private enum ApproverWord: String, CaseIterable { case requester, secondPerson, admins }

    private func approvers(_ item: YAMLMapping) throws(PolicyError) -> Approvers {
        var approvers = try who(item)
        if try item.flag("self") ?? false {
            guard case .named(let people, _) = approvers.who else {
                throw item.error("self", "belongs to approvers that are named")
            }
            approvers.who = .named(people, self: true)
        }
        if try item.flag("deputies") ?? false {
            guard approvers.mayBeRequester else {
                throw item.error("deputies", "is about the requester's deputy, and here the requester is not asked")
            }
            approvers.deputies = true
        }
        return approvers
    }

    /// One of the three words, or names and groups.
    private func who(_ item: YAMLMapping) throws(PolicyError) -> Approvers {
        guard let texts = try item.list("approvers") else { return .requester }
        if texts.count == 1, let word = Approvers(rawValue: texts[0]), ApproverWord(rawValue: texts[0]) != nil {
            return word
        }
        var people = People([])
        for text in texts {
            let letters = text.lowercased().filter(\.isLetter)
            if let word = ApproverWord.allCases.first(where: { letters == $0.rawValue.lowercased() }) {
                throw item.error(
                    "approvers",
                    "cannot be \"\(text.prefix(60))\" here: \(word.rawValue) is written so, and stands alone")
            }
            if text.hasPrefix("group:") {
                people.formUnion(try group(String(text.dropFirst("group:".count)), item, "approvers"))
            } else {
                guard text.utf8.count <= 100 else { throw item.error("approvers", "has a name over 100 bytes") }
                people.formUnion(try item.people([text], "approvers"))
            }
        }
        return Approvers(who: .named(people, self: false))
    }

    private func group(_ name: String, _ item: YAMLMapping, _ key: String) throws(PolicyError) -> People {
        guard let group = groups[name] else {
            let known = groups.isEmpty ? "there are none" : groups.keys.sorted().joined(separator: ", ")
            throw item.error(key, "\"\(name.prefix(60))\" is not among the groups of this file (\(known))")
        }
        return group
    }

    /// The kinds of `grants:`.
    private enum Reach: String, CaseIterable { case call = "none", conversation, channel }

    /// A second person is asked about what harms others if it goes wrong: such a word is good for one call, unless the
    /// operator says otherwise, and never for a whole channel.
    private func grants(_ item: YAMLMapping, _ verdict: PolicyRule.Verdict) throws(PolicyError) -> GrantScope? {
        let reach = try item.word("grants", as: Reach.self)
        guard case .ask(let approvers, _) = verdict else {
            guard reach == nil else { throw item.error("grants", "belongs to a rule that asks") }
            return nil
        }
        guard reach != .channel || !approvers.takesAnother else {
            throw item.error("grants", "of a second person reach one conversation at most: none or conversation")
        }
        return switch reach {
        case .call: nil
        case .conversation: .conversation
        case .channel: .channel
        case nil: approvers.takesAnother ? nil : .channel
        }
    }

    private mutating func rule(
        _ item: YAMLMapping, verdict: PolicyRule.Verdict
    ) throws(PolicyError) -> PolicyRule {
        guard let name = try item.text("name") else { throw item.error("name", "is missing: it stands in the audit") }
        guard name.utf8.count <= 100 else { throw item.error("name", "is over 100 bytes") }
        guard names.insert(name).inserted else { throw item.error("name", "\"\(name)\" is taken by another rule") }
        let rule = PolicyRule(
            reference: Rule(name: name, line: item.line, grants: try grants(item, verdict)), verdict: verdict,
            reason: try item.text("reason"),
            tools: try item.globs("tool"), effects: try item.words("effect"),
            arguments: try arguments(item, isGrant: verdict == .allow), modes: try item.words("mode"),
            roles: try item.words("role"), channels: try item.globs("channel"), places: try item.words("place"),
            requesters: try people(item), labels: try item.labels("labels"), when: try window(item))
        guard verdict != .allow || rule.tools != nil || rule.effects != nil else {
            throw item.error("decision", "allow needs a tool or an effect: a grant says what it grants")
        }
        return rule
    }

    /// Those named, and those of the groups named.
    func people(_ item: YAMLMapping) throws(PolicyError) -> People? {
        let names = try item.list("requester")
        guard names != nil || item.has("group") else { return nil }
        var people = try item.people(names ?? [], "requester")
        guard let wanted = try item.list("group") else { return people }
        for name in wanted {
            people.formUnion(try group(name, item, "group"))
        }
        return people
    }

    private func window(_ item: YAMLMapping) throws(PolicyError) -> TimeWindow? {
        let days = try item.words("days", as: TimeWindow.Day.self)
        guard let text = try item.text("hours") else {
            return days.map { TimeWindow(hours: nil, days: $0, zone: zone) }
        }
        guard let hours = TimeWindow.hours(text) else {
            throw item.error("hours", "have to be two times of the day, such as 08:00-18:30")
        }
        return TimeWindow(hours: hours, days: days, zone: zone)
    }

    private static let tests = ["equals", "glob", "pattern", "from", "to", "inside", "domain"]

    private func arguments(_ item: YAMLMapping, isGrant: Bool) throws(PolicyError) -> [ArgumentCondition] {
        var conditions: [ArgumentCondition] = []
        for entry in try item.items("arguments", allowed: ["at", "not"] + Self.tests) {
            guard let text = try entry.text("at"), let pointer = JSONPointer(text) else {
                throw entry.error("at", "has to be a JSON Pointer such as /path or /recipients/0")
            }
            conditions.append(
                ArgumentCondition(
                    pointer: pointer, test: try test(entry), isNegated: try entry.flag("not") ?? false,
                    isGrant: isGrant))
        }
        guard !conditions.isEmpty || !item.has("arguments") else {
            throw item.error("arguments", "is an empty list: name something, or leave the key out")
        }
        return conditions
    }

    /// Exactly one; `from` and `to` are one together.
    private func test(_ entry: YAMLMapping) throws(PolicyError) -> ArgumentCondition.Test {
        let given = entry.keys.filter { Self.tests.contains($0) && $0 != "to" || $0 == "to" && !entry.has("from") }
        guard given.count == 1, let kind = given.first else {
            throw entry.error("at", "needs one of \(Self.tests.joined(separator: ", ")) beside it")
        }
        switch kind {
        case "equals": return .equals(try entry.values(kind))
        case "glob": return .glob(try entry.globs(kind) ?? [])
        case "pattern":
            do {
                return .pattern(try LinearPattern(try entry.text(kind) ?? ""))
            } catch let error as PatternError {
                throw entry.error(kind, error.description)
            } catch {
                throw entry.error(kind, "\(error)")
            }
        case "inside": return .inside(try entry.read(kind, as: "an absolute path without ..") { PathScope($0) })
        case "domain":
            return .domain(
                try entry.read(kind, as: "a host such as example.com or *.example.com") { DomainPattern($0) })
        default:
            let (from, to) = (try entry.number("from"), try entry.number("to"))
            guard from ?? -.infinity <= to ?? .infinity else { throw entry.error("to", "is smaller than from") }
            return .range(from: from, to: to)
        }
    }
}
