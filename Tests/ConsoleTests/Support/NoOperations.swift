import Console
import MCP
import Model

/// Operations for tests that are about something else.
struct NoOperations: Operations {
    func pauses(for person: PersonID) async throws -> [JSONObject] { [] }
    func pause(_ target: PauseTarget, reason: String, by person: PersonID) async throws {}
    func resume(_ target: PauseTarget, by person: PersonID) async throws -> Bool { false }
    func replay(policy text: String, since time: Timestamp, for person: PersonID) async throws -> JSONObject { [:] }
    func pruneAudit(before time: Timestamp, by person: PersonID) async throws -> JSONObject { [:] }
    func eraseAudit(row: Int64, reason: String, by person: PersonID) async throws {}
    func hookList(for person: PersonID) async throws -> [JSONObject] { [] }
    func testHook(_ name: String, _ event: JSONObject, by person: PersonID) async throws -> JSONObject { [:] }
}
