package import MCP
package import Model

/// What the audit page and `bulkhead audit` read. Implemented over the audit trail; nothing here can change it.
package protocol AuditReader: Sendable {
    /// Rows as objects with the keys `seq`, `at`, `kind`, `person`, `session`, `tool`, `arguments`, `decision`, `rule`,
    /// `outcome`, `duration_ms` where they apply.
    func rows(_ filter: AuditFilter) async throws -> [JSONObject]
    /// `ok`, `rows`, `provable_to`, and `problem` in words where the history is not whole.
    /// Also against `lines`, checkpoints that somebody kept elsewhere; what is none of them is passed over.
    func verify(lines: [String]) async throws -> JSONObject
    /// Objects with `name`, and `failure` where it could not be told the last time.
    func witnesses() async throws -> [JSONObject]
    /// `match`: whether `value` stood at `pointer` in the arguments of `row`, also where it was not kept. On record.
    func match(row: Int64, pointer: String, value: String, by person: PersonID) async throws -> JSONObject
}

package struct AuditFilter: Sendable, Equatable {
    /// Only rows with a greater number.
    package var after: Int64?
    /// Only rows with a smaller number.
    package var before: Int64?
    package var newestFirst: Bool
    package var limit: Int
    package var session: String?
    package var person: String?
    package var tool: String?
    package var channel: String?
    package var decision: String?
    package var call: String?
    /// An event's name.
    package var event: String?
    package var since: Timestamp?
    package var until: Timestamp?

    package init(
        after: Int64? = nil, before: Int64? = nil, newestFirst: Bool = false, limit: Int = 100,
        session: String? = nil, person: String? = nil, tool: String? = nil
    ) {
        self.after = after
        self.before = before
        self.newestFirst = newestFirst
        self.limit = limit
        self.session = session
        self.person = person
        self.tool = tool
    }
}
