package import NetworkRules
internal import Policy
package import Store

extension EgressGrantRecord {
    /// `nil` where what is stored is none (any more): it then grants nothing.
    package var allowed: EgressEntry? { try? EgressEntry(members: entry) }

    /// As people write it.
    package var entryText: String { allowed.map { "\($0)" } ?? "unreadable" }

    var grant: EgressGrant? {
        allowed.map { EgressGrant(id: id, entry: $0, scope: scope, expires: expires) }
    }
}

extension EgressStanding {
    /// `nil` for a requester who may not come in.
    var subject: EgressSubject? {
        role.map {
            EgressSubject(
                session: session.id, channel: session.channel, requester: session.requester,
                requesterName: session.requesterName, role: $0, labels: session.labels)
        }
    }

    var rules: [EgressGrant] { grants.compactMap(\.grant) }
}

extension EgressEntry {
    /// In words for people: `example.com, ports 80 and 443`.
    package var inWords: String {
        let numbers = ports.sorted().map { "\($0)" }
        var words = ["\(domain)"]
        words.append(
            numbers.isEmpty
                ? "ports 80 and 443" : (numbers.count == 1 ? "port " : "ports ") + numbers.joined(separator: ", "))
        if !methods.isEmpty { words.append(methods.sorted().joined(separator: " ")) }
        if !pathPrefixes.isEmpty { words.append("below " + pathPrefixes.joined(separator: " ")) }
        if !methods.isEmpty || !pathPrefixes.isEmpty { words.append("plain HTTP alone") }
        if allowsUnnamedTLS { words.append("TLS without a name too") }
        return words.joined(separator: ", ")
    }
}
