import Console
import Conversations
import MCP
import Model
import Synchronization

/// One granted host and a line of the policy file; remembers what was asked of it.
final class FakeEgress: EgressOperations {
    struct State {
        var wishes: [EgressWish] = []
        var denied: [String] = []
    }
    private let state = Mutex(State())

    var wishes: [EgressWish] { state.withLock(\.wishes) }
    var denied: [String] { state.withLock(\.denied) }

    func egress(for person: PersonID) async throws -> JSONObject {
        let isOver = !denied.isEmpty
        return [
            "grants": [
                [
                    "id": "g1", "entry": "files.example.com", "scope": "company", "for": "everybody",
                    "by": "Ada Lovelace", "reason": "reports", "given": "2026-11-22T08:00:00Z",
                    "in_force": .bool(!isOver),
                    "end": isOver ? "revoked by Ada Lovelace" : .null,
                ]
            ],
            "policy": [
                ["rule": "packages", "decision": "allow", "entries": ["pypi.example"], "roles": ["member"]]
            ],
        ]
    }

    func allowEgress(_ wish: EgressWish, by person: PersonID) async throws -> JSONObject {
        state.withLock { $0.wishes.append(wish) }
        return ["id": "g2", "entry": .string(wish.domain)]
    }

    func denyEgress(_ what: String, reason: String, by person: PersonID) async throws -> JSONObject {
        guard what == "g1" else { throw ChatError(.notFound, "Nothing is granted under \(what).") }
        state.withLock { $0.denied.append(what) }
        return ["ended": ["g1"], "still_allowed": []]
    }
}
