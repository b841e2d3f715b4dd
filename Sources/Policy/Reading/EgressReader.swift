internal import Model
internal import NetworkRules

/// Reads `egress:` of a policy file, as strictly as its rules.
struct EgressReader {
    let rules: RuleReader
    private var names: Set<String> = []

    init(_ rules: RuleReader) {
        self.rules = rules
    }

    private enum Guests: String, CaseIterable { case none, company }

    private static let conditions = ["role", "channel", "requester", "group"]

    mutating func read(_ top: YAMLMapping) throws(PolicyError) -> EgressRules {
        var egress = EgressRules()
        guard let mapping = try top.mapping("egress", allowed: ["allow", "deny", "guests"]) else { return egress }
        egress.guestsAreCompany = try mapping.word("guests", as: Guests.self) == .company
        for item in try mapping.items(
            "allow", allowed: ["name", "domain", "ports", "methods", "paths", "withoutSNI"] + Self.conditions)
        {
            let rule = try rule(item)
            egress.allowances.append(
                EgressRules.Allowance(
                    rule: rule, entries: try entries(item), circumstances: try circumstances(item)))
        }
        for item in try mapping.items("deny", allowed: ["name", "domain", "ports", "reason"] + Self.conditions) {
            let rule = try rule(item)
            egress.denials.append(
                EgressRules.Denial(
                    rule: rule, reason: try item.text("reason"), domains: try domains(item),
                    ports: Set(try ports(item).compactMap { UInt16(exactly: $0) }),
                    circumstances: try circumstances(item)))
        }
        return egress
    }

    private mutating func rule(_ item: YAMLMapping) throws(PolicyError) -> Rule {
        guard let name = try item.text("name") else { throw item.error("name", "is missing: it stands in the audit") }
        guard name.utf8.count <= 100 else { throw item.error("name", "is over 100 bytes") }
        guard names.insert(name).inserted else {
            throw item.error("name", "\"\(name)\" is taken by another entry of egress")
        }
        return Rule(name: "egress: \(name)", line: item.line)
    }

    private func entries(_ item: YAMLMapping) throws(PolicyError) -> [EgressEntry] {
        let ports = try ports(item)
        let methods = try item.list("methods") ?? []
        let paths = try item.list("paths") ?? []
        let isUnnamed = try item.flag("withoutSNI") ?? false
        var entries: [EgressEntry] = []
        for domain in try domains(item) {
            do {
                entries.append(
                    try EgressEntry(
                        written: "\(domain)", ports: ports, methods: methods, pathPrefixes: paths,
                        allowsUnnamedTLS: isUnnamed))
            } catch {
                throw item.error(
                    item.has("methods") ? "methods" : item.has("paths") ? "paths" : "domain",
                    "cannot stand here: \(error.description)")
            }
        }
        return entries
    }

    private func domains(_ item: YAMLMapping) throws(PolicyError) -> [DomainPattern] {
        var domains: [DomainPattern] = []
        for text in try item.list("domain") ?? [] {
            do {
                domains.append(try DomainPattern(written: text))
            } catch {
                throw item.error("domain", "cannot be \"\(text.prefix(60))\": \(error.description)")
            }
        }
        guard !domains.isEmpty else { throw item.error("domain", "is missing: a host, or a list of hosts") }
        return domains
    }

    private func ports(_ item: YAMLMapping) throws(PolicyError) -> [Int] {
        try item.read("ports", as: "a port from 1 to 65535") { text in
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), (1...65535).contains(port)
            else { return nil }
            return port
        }
    }

    private func circumstances(_ item: YAMLMapping) throws(PolicyError) -> EgressRules.Circumstances {
        EgressRules.Circumstances(
            roles: try item.words("role"), channels: try item.globs("channel"), requesters: try rules.people(item))
    }
}
