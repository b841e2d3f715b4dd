package import Model
package import ToolServers

/// The vault as tools use it. In production `Vault`.
package protocol SecretKeeper: Sendable {
    /// The secret that `name` means in what is done for `requester` in `channel`: their own before the channel's before the
    /// company's before one that was granted. `nil` for what is not there for them: another person's is as if it did not
    /// exist.
    func find(_ name: String, for requester: PersonID, in channel: ChannelID) async throws -> Secret?

    /// What a call needs that uses these secrets so: a tool returns it from `ToolServer.demand`. Throws `VaultError`, in
    /// words for the agent, for a name that is not there and for one that may not be used so.
    func demand(for names: [String], kind: SecretUse.Kind, context: ToolContext) async throws -> ToolDemand?

    /// The value. Looks at everything again (scope, grants, binding, and that `context.demand` covers what this needs), and
    /// the use is on record, durably, before this returns. Throws `VaultError`, in words for the agent.
    func value(of secret: Secret, for use: SecretUse, context: ToolContext) async throws -> SecretValue
}
