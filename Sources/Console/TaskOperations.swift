package import MCP
package import Model

/// Work that begins by itself, as people manage it. What each may is decided by whoever implements it, and all of it is on
/// record. Throws `ChatError`.
package protocol TaskOperations: Sendable {
    /// `tasks`: one's own; with `all`, for admins, everybody's.
    func tasks(all: Bool, ended: Bool, for person: PersonID) async throws -> [JSONObject]
    /// The task, with its next five times, its last `runs`, and what it is `allowed`. `text`: its id, or one's own task's name.
    func task(_ text: String, for person: PersonID) async throws -> JSONObject
    func create(_ fields: JSONObject, by person: PersonID) async throws -> JSONObject
    /// What would be made, with its next five times; stores nothing.
    func preview(_ fields: JSONObject, by person: PersonID) async throws -> JSONObject
    func update(_ text: String, _ fields: JSONObject, by person: PersonID) async throws -> JSONObject
    func perform(_ action: TaskAction, _ text: String, reason: String, by person: PersonID) async throws -> JSONObject
    /// `key` and `path`, for whoever is to call it.
    func webhook(_ text: String, renewed: Bool, by person: PersonID) async throws -> JSONObject
    /// A signed call from outside; true where it is new.
    func called(_ task: TaskID, body: [UInt8], timestamp: String, signature: String) async throws -> Bool
}

package enum TaskAction: String, Sendable, CaseIterable {
    case pause, resume, cancel, run, approve, revoke
}
