package import MCP
package import Model

/// Who comes in, by which accounts, and who answers for whom. Who may decide that is decided by whoever implements it, and
/// all of it is on record.
package protocol PeopleOperations: Sendable {
    /// Everybody for an admin, else `person` alone: objects with `id`, `name`, `role` (absent for those who may not come
    /// in), `deactivated`, `deactivated_by`, `accounts`, `addresses`, `deputy`, `deputy_until`, `deputy_for`.
    func people(for person: PersonID) async throws -> [JSONObject]
    func deactivate(_ name: String, by person: PersonID) async throws -> JSONObject
    func activate(_ name: String, by person: PersonID) async throws -> JSONObject
    /// `deputy` nil: nobody.
    func setDeputy(
        _ deputy: String?, of name: String, until: Timestamp?, by person: PersonID
    ) async throws -> JSONObject
    /// `code` and `expires`.
    func makeLinkCode(for person: PersonID) async throws -> JSONObject
    /// Links the operating-system user the kernel names, who may be nobody here; `person` is the name of whose it is now.
    func redeemLinkCode(_ code: String, user: UInt32) async throws -> JSONObject
    func unlink(_ account: String, by person: PersonID) async throws -> JSONObject
}
