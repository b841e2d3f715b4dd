import MCP
package import Policy
import Store
import Synchronization

/// The policy in force, from a file. A file that cannot be used leaves the last good one standing; without any good one
/// there is no store, and without a store no gate.
package final class PolicyStore: Sendable {
    package let path: String
    private let state: Mutex<Policy>

    package var current: Policy { state.withLock { $0 } }

    package init(path: String) throws(PolicyError) {
        self.path = path
        state = Mutex(try Policy.load(path))
    }

    /// Reads the file again: whether it says something else now. On an error nothing changes.
    package func reload() throws(PolicyError) -> Bool {
        let fresh = try Policy.load(path)
        return state.withLock { policy in
            defer { policy = fresh }
            return policy.digest != fresh.digest
        }
    }

    /// The same, on the record: a policy that could not be recorded does not come into force.
    package func reload(recording audit: AuditLog) async throws -> Bool {
        let fresh: Policy
        do {
            fresh = try Policy.load(path)
        } catch {
            try await audit.event("policy.refused", details: ["error": .string(error.description.cut(to: 1000))])
            throw error
        }
        let before = current.digest
        guard before != fresh.digest else { return false }
        try await audit.event(
            "policy.changed", details: ["from": .string(before.hex), "to": .string(fresh.digest.hex)])
        state.withLock { $0 = fresh }
        return true
    }
}
