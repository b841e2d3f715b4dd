package import Conversations
package import MCP
package import Model

/// What models cost, and what of the budgets is left. People see what was spent for them, admins everything.
package protocol CostOperations: Sendable {
    /// `by`, `since`, `zone`, `scope` (`all` or `yours`), `rows`, `total`, `forecast`, `budgets`: docs/console-api.md. Throws
    /// `ChatError` for a `by` that is none.
    func costs(by grouping: String, since: Timestamp?, for person: Person) async throws -> JSONObject
    /// Which tiers turns were given since then, what they cost, and what other thresholds would have cost: docs/console-api.md.
    /// `candidate`: thresholds to try on the past. Throws `ChatError` where they are none. For admins.
    func routes(since: Timestamp?, candidate: [Double]?, for person: Person) async throws -> JSONObject
}
