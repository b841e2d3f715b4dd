package import Model

import GRDB

/// What a yes to one question could mean beyond its call: stored with the question, so that it is the same whenever it is
/// answered.
package struct GrantOffer: Sendable, Hashable {
    /// The furthest the answer may reach.
    package var reach: GrantScope
    /// The name of the rule that asks.
    package var rule: String
    /// Of all a person goes by: name, description, schema, server and effect.
    package var toolDigest: String
    /// For these very arguments alone.
    package var isExact: Bool
    package var mode: Mode

    package init(reach: GrantScope, rule: String, toolDigest: String, isExact: Bool, mode: Mode) {
        self.reach = reach
        self.rule = rule
        self.toolDigest = toolDigest
        self.isExact = isExact
        self.mode = mode
    }

    /// Of a row of `approvals`; `nil` where the answer is good for the call alone.
    init?(_ row: Row) throws {
        guard row["grant_reach"] as String? != nil else { return nil }
        reach = try row.word("grant_reach")
        rule = row["rule_name"]
        toolDigest = row["tool_digest"]
        isExact = row["is_exact"]
        mode = try row.word("mode")
    }
}
