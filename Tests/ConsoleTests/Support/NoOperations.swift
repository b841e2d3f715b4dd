import Console
import MCP
import Model

/// Operations for tests that are about something else.
struct NoOperations: Operations {
    func pauses(for person: PersonID) async throws -> [JSONObject] { [] }
    func pause(_ target: PauseTarget, reason: String, by person: PersonID) async throws {}
    func resume(_ target: PauseTarget, by person: PersonID) async throws -> Bool { false }
    func replay(policy text: String, since time: Timestamp, for person: PersonID) async throws -> JSONObject { [:] }
    func acceptSecurity(digest: String, isFirst: Bool, changes: [String], by person: PersonID) async throws {}
    func labels(for person: PersonID) async throws -> [JSONObject] { [] }
    func clearLabels(of volume: String, reason: String, by person: PersonID) async throws {}
    func pruneAudit(before time: Timestamp, by person: PersonID) async throws -> JSONObject { [:] }
    func eraseAudit(row: Int64, reason: String, by person: PersonID) async throws {}
    func hookList(for person: PersonID) async throws -> [JSONObject] { [] }
    func slackAdmissions(for person: PersonID) async throws -> [JSONObject] { [] }
    func decideSlackAdmission(
        kind: String, id: String, allow: Bool, by person: PersonID
    ) async throws -> JSONObject { ["kind": .string(kind), "id": .string(id), "state": allow ? "allowed" : "refused"] }
    func feedback(since time: Timestamp, for person: PersonID) async throws -> [JSONObject] { [] }
    func slack(for person: PersonID) async throws -> JSONObject { ["state": "off"] }
    func testHook(_ name: String, _ event: JSONObject, by person: PersonID) async throws -> JSONObject { [:] }
}

struct NoPeopleOperations: PeopleOperations {
    func people(for person: PersonID) async throws -> [JSONObject] { [] }
    func deactivate(_ name: String, by person: PersonID) async throws -> JSONObject { [:] }
    func activate(_ name: String, by person: PersonID) async throws -> JSONObject { [:] }
    func setDeputy(
        _ deputy: String?, of name: String, until: Timestamp?, by person: PersonID
    ) async throws -> JSONObject { [:] }
    func makeLinkCode(for person: PersonID) async throws -> JSONObject { ["code": "AAAAA-BBBBB"] }
    func redeemLinkCode(_ code: String, user: UInt32) async throws -> JSONObject { ["user": .int(Int64(user))] }
    func unlink(_ account: String, by person: PersonID) async throws -> JSONObject { [:] }
}

struct NoSecretOperations: SecretOperations {
    func secrets(for person: PersonID) async throws -> [JSONObject] { [] }
    func setSecret(_ draft: SecretDraft, by person: PersonID) async throws -> JSONObject { [:] }
    func removeSecret(_ id: SecretID, by person: PersonID) async throws -> JSONObject { [:] }
    func grantSecret(
        _ id: SecretID, _ isGranted: Bool, toPerson: String?, toChannel: String?, by person: PersonID
    ) async throws -> JSONObject { [:] }
    func vaultStatus() async throws -> JSONObject { [:] }
    func rotateVault(by person: PersonID) async throws -> JSONObject { [:] }
}
