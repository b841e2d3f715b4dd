import Console
import MCP
import Model

/// Operations for tests that are about something else.
struct NoOperations: Operations {
    func pauses(for person: PersonID) async throws -> [JSONObject] { [] }
    func pause(_ target: PauseTarget, reason: String, by person: PersonID) async throws {}
    func resume(_ target: PauseTarget, by person: PersonID) async throws -> Bool { false }
    func replay(policy text: String, since time: Timestamp, for person: PersonID) async throws -> JSONObject { [:] }
    func labels(for person: PersonID) async throws -> [JSONObject] { [] }
    func clearLabels(of volume: String, reason: String, by person: PersonID) async throws {}
    func pruneAudit(before time: Timestamp, by person: PersonID) async throws -> JSONObject { [:] }
}
