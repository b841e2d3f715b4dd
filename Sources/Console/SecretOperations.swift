package import MCP
package import Model

/// Secrets, without their values: putting them in, saying where they may go and who may use them. Who may do that is
/// decided by whoever implements it, and all of it is on record.
package protocol SecretOperations: Sendable {
    /// Objects with `id`, `name`, `scope` (`person`, `channel`, `company`), `of` (whose, by name), `hosts`, `places`,
    /// `version`, `backend`, `changed`, `changed_by`, `last_used`, `uses`, `granted_to`, `yours`.
    func secrets(for person: PersonID) async throws -> [JSONObject]
    /// `channel` by name or identifier; nil: of the company, or the person's own.
    func setSecret(_ draft: SecretDraft, by person: PersonID) async throws -> JSONObject
    /// `left`: a sentence for people where the value stays somewhere.
    func removeSecret(_ id: SecretID, by person: PersonID) async throws -> JSONObject
    /// `to` a person or a channel, by name or identifier. `isGranted` false takes it back. Says whether that changed
    /// anything.
    func grantSecret(
        _ id: SecretID, _ isGranted: Bool, toPerson: String?, toChannel: String?, by person: PersonID
    ) async throws -> JSONObject
    /// `key` (where it is), `key_id`, `problem`, `backend`, `secrets`, `broken` (names), `rotated`, `grants` (`scope`, `of`,
    /// `name` but of people's own, `person` or `channel`, `by`, `given`, `last_used`). For admins.
    func vaultStatus() async throws -> JSONObject
    func rotateVault(by person: PersonID) async throws -> JSONObject
}

package struct SecretDraft: Sendable {
    package var name: String
    package var scope: String
    package var channel: String?
    package var value: String
    package var hosts: [String]
    package var places: [String]
}
