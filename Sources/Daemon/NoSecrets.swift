internal import Model
internal import ToolServers
internal import Vault

/// For an installation without a vault.
struct NoSecrets: SecretKeeper {
    func find(_ name: String, for requester: PersonID, in channel: ChannelID) async throws -> Secret? { nil }

    func demand(for names: [String], kind: SecretUse.Kind, context: ToolContext) async throws -> ToolDemand? {
        throw VaultError(.notFound, "There is no secret \(names.first ?? "") here.")
    }

    func value(of secret: Secret, for use: SecretUse, context: ToolContext) async throws -> SecretValue {
        throw VaultError(.notFound, "There is no secret \(secret.name) here.")
    }
}
