package import MCP
package import Model

/// What operators do besides looking: the brake, and trying another policy on the past. Who may is decided by whoever
/// implements it, and all of it is on record.
package protocol Operations: Sendable {
    /// Objects with `scope`, `name`, `by`, `reason`, `since`.
    func pauses(for person: PersonID) async throws -> [JSONObject]
    func pause(_ target: PauseTarget, reason: String, by person: PersonID) async throws
    /// False where it was not paused.
    func resume(_ target: PauseTarget, by person: PersonID) async throws -> Bool
    /// `calls`, `unknown`, `changed`, and `changes` with `seq`, `at`, `person`, `tool`, `arguments`, `before`, `after`,
    /// `rule`, `line`. Throws `ChatError` where the text is no policy.
    func replay(policy text: String, since time: Timestamp, for person: PersonID) async throws -> JSONObject
    /// Objects with `volume`, `name`, `labels`, `session`, `since`.
    func labels(for person: PersonID) async throws -> [JSONObject]
    /// Throws `ChatError` where it has none, or a session with outside content can write it.
    func clearLabels(of volume: String, reason: String, by person: PersonID) async throws
    /// Objects with `name`, `event`, `denies_on_failure`, in the order they are asked.
    func hookList(for person: PersonID) async throws -> [JSONObject]
    /// Runs one on the event given: `decision`, `ms`, `exit`, `stderr`, and what it said.
    func testHook(_ name: String, _ event: JSONObject, by person: PersonID) async throws -> JSONObject
    /// How Slack is: `state` (`off`, or as the connection has it), `connections`, `problem`, how many events are `waiting`,
    /// and those that were `set_aside`: objects with `id`, `kind`, `channel`, `since`, `error`.
    func slack(for person: PersonID) async throws -> JSONObject
    /// Channels and accounts of Slack's that admins were asked about or have decided on, and channels in use besides: objects
    /// with `kind` (`channel`, `person`), `id`, `label`, `state` (`asked`, `allowed`, `refused`, `in use`, `not decided`), `by`,
    /// `since`.
    func slackAdmissions(for person: PersonID) async throws -> [JSONObject]
    /// Throws `ChatError` where there is no Slack, or it is no id.
    func decideSlackAdmission(
        kind: String, id: String, allow: Bool, by person: PersonID
    ) async throws -> JSONObject
    /// What people thought of answers since then, newest first: objects with `answer`, `conversation`, `channel`, `person`,
    /// `value` (`good`, `bad`), `words`, `at`.
    func feedback(since time: Timestamp, for person: PersonID) async throws -> [JSONObject]
    /// Removes a row's details for good. Throws `ChatError` where there are none, or they have to stay.
    func eraseAudit(row: Int64, reason: String, by person: PersonID) async throws
    /// Puts on record that root accepted the host as it is: the baseline's digest, and what was otherwise before.
    func acceptSecurity(digest: String, isFirst: Bool, changes: [String], by person: PersonID) async throws
    /// `pruned_to`: the last row that went; 0 where none is so old.
    func pruneAudit(before time: Timestamp, by person: PersonID) async throws -> JSONObject
}

/// What is to be paused, as people name it.
package enum PauseTarget: Hashable, Sendable {
    case all
    case person(String)
    case channel(String)
    case tool(String)

    init?(kind: String, name: String?) {
        switch (kind, name) {
        case ("all", nil): self = .all
        case ("person", let name?) where !name.isEmpty: self = .person(name)
        case ("channel", let name?) where !name.isEmpty: self = .channel(name)
        case ("tool", let name?) where !name.isEmpty: self = .tool(name)
        default: return nil
        }
    }
}
