extension EgressEntry {
    /// The members of its JSON object, where lists that are empty are left out: `domain` and `tls` with one value each,
    /// `ports`, `methods`, `paths`.
    package var members: [String: [String]] {
        var members = ["domain": ["\(domain)"]]
        if !ports.isEmpty { members["ports"] = ports.sorted().map { "\($0)" } }
        if !methods.isEmpty { members["methods"] = methods.sorted() }
        if !pathPrefixes.isEmpty { members["paths"] = pathPrefixes }
        if allowsUnnamedTLS { members["tls"] = ["unnamed"] }
        return members
    }

    /// Exactly what `members` writes and nothing else: what was stored is not interpreted, and an entry with a member that
    /// is not known allows nothing.
    package init(members: [String: [String]]) throws(NetworkRuleError) {
        let unknown = Set(members.keys).subtracting(["domain", "ports", "methods", "paths", "tls"])
        guard unknown.isEmpty else {
            throw NetworkRuleError("An entry has no member \(unknown.sorted().joined(separator: ", ")).")
        }
        guard let domain = members["domain"], domain.count == 1 else {
            throw NetworkRuleError("An entry has one domain.")
        }
        var ports: [Int] = []
        for text in members["ports"] ?? [] {
            guard let port = UInt16(text) else {
                throw NetworkRuleError("\(Authority.shown(text.utf8)) is no port.")
            }
            ports.append(Int(port))
        }
        try self.init(
            written: domain[0], ports: ports, methods: members["methods"] ?? [], pathPrefixes: members["paths"] ?? [],
            allowsUnnamedTLS: members["tls"] == ["unnamed"])
        guard self.members == members else {
            throw NetworkRuleError("The entry for \(self.domain) is not written as it is stored.")
        }
    }
}
