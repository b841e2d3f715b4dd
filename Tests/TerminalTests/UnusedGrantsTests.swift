import MCP
import Model
import Testing

@testable import Hardening
@testable import Terminal

@Suite struct UnusedGrantsTests {
    /// 2026-11-29T00:00:00Z.
    private let now = Timestamp(milliseconds: 1_795_910_400_000)

    private func ago(days: Int64) -> JSONValue { .string(now.advanced(by: .seconds(-days * 86400)).rfc3339) }

    private func grant(_ id: String, given: Int64, used: Int64? = nil, inForce: Bool = true) -> JSONValue {
        [
            "id": .string(id), "entry": "files.example.com", "scope": "channel", "for": "sales", "by": "ben",
            "given": ago(days: given), "last_used": used.map { ago(days: $0) } ?? .null, "in_force": .bool(inForce),
        ]
    }

    @Test func anAddressNobodyUsedIsALineWithWhatToDo() {
        let egress: JSONValue = [
            "grants": [
                grant("new", given: 89), grant("old", given: 90), grant("used", given: 400, used: 89),
                grant("stale", given: 400, used: 90), grant("ended", given: 400, inForce: false),
            ]
        ]
        let found = UnusedGrants.findings(egress: egress, vault: [:], at: now)
        #expect(found.map(\.subject) == ["egress grant old", "egress grant stale"])
        #expect(found.allSatisfy { $0.state == .warn && $0.fact.contains("files.example.com for the channel (sales)") })
        #expect(found[0].found == "never used" && found[1].found?.hasPrefix("last used 2026-08-31") == true)
        #expect(found[1].advice.contains("`bulkhead egress deny stale`"))
    }

    @Test func aGrantOfASecretNobodyUsedIsOneToo() {
        let vault: JSONValue = [
            "grants": [
                ["scope": "company", "name": "deploy", "person": "anna", "by": "root", "given": ago(days: 100)],
                [
                    "scope": "channel", "of": "sales", "name": "crm", "channel": "legal", "by": "root",
                    "given": ago(days: 500), "last_used": ago(days: 91),
                ],
                ["scope": "person", "of": "ben", "person": "anna", "by": "ben", "given": ago(days: 100)],
                [
                    "scope": "company", "name": "used", "person": "anna", "by": "root", "given": ago(days: 500),
                    "last_used": ago(days: 2),
                ],
                ["scope": "company", "name": "fresh", "channel": "legal", "by": "root", "given": ago(days: 3)],
            ]
        ]
        let found = UnusedGrants.findings(egress: [:], vault: vault, at: now)
        #expect(found.map(\.subject) == ["secret deploy", "secret crm", "secret of ben"])
        #expect(found[0].advice.contains("bulkhead secret revoke deploy --company --person anna"))
        #expect(found[1].advice.contains("bulkhead secret revoke crm --of-channel sales --channel legal"))
        #expect(found[2].advice.contains("Ask ben to look"))
    }

    @Test func aGrantThatCameIsADriftAndPeoplesOwnAreTheirs() {
        let vault: JSONValue = [
            "grants": [
                ["scope": "company", "name": "deploy", "person": "anna", "by": "root", "given": ago(days: 1)],
                ["scope": "person", "of": "ben", "person": "anna", "by": "ben", "given": ago(days: 1)],
            ]
        ]
        let facts = DaemonGrants.secretFacts(vault)
        #expect(facts == ["deploy of the company, for anna": "granted by root"])
    }
}
