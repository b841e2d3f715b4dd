package import MCP
internal import Model
package import NetworkRules

// For operators: what the file says, in words.
extension EgressRules {
    package var holdsForGuests: Bool { guestsAreCompany }

    /// Allowances and denials in the file's order, with `rule`, `decision`, `entries` and whom they are for.
    package var listing: [JSONObject] {
        allowances.map { allowance in
            Self.object(
                allowance.rule.text, "allow", allowance.entries.map { "\($0)" }, allowance.circumstances)
        }
            + denials.map { denial in
                let ports =
                    denial.ports.isEmpty ? "" : ":" + denial.ports.sorted().map { "\($0)" }.joined(separator: ",")
                return Self.object(
                    denial.rule.text, "deny", denial.domains.map { "\($0)\(ports)" }, denial.circumstances)
            }
    }

    /// The rules by which something of `entry` is allowed without a grant.
    package func allowances(of entry: EgressEntry) -> [String] {
        allowances.filter { $0.entries.contains { Self.meets($0.domain, entry.domain) } }.map(\.rule.text)
    }

    /// The rules by which something of `entry` stays denied for somebody.
    package func denials(of entry: EgressEntry) -> [String] {
        denials.filter { $0.domains.contains { Self.meets($0, entry.domain) } }.map(\.rule.text)
    }

    /// Whether there could be a host that both name.
    private static func meets(_ one: DomainPattern, _ other: DomainPattern) -> Bool {
        one == other || one.matches(other.name) || other.matches(one.name)
    }

    private static func object(
        _ rule: String, _ decision: String, _ entries: [String], _ circumstances: Circumstances
    ) -> JSONObject {
        var object: JSONObject = [
            "rule": .string(rule), "decision": .string(decision), "entries": .array(entries.map { .string($0) }),
        ]
        func add(_ key: String, _ texts: [String]?) {
            if let texts { object[key] = .array(texts.sorted().map { .string($0) }) }
        }
        add("roles", circumstances.roles?.map(\.rawValue))
        add("channels", circumstances.channels?.map(\.pattern))
        add("requesters", circumstances.requesters?.sorted)
        return object
    }
}
