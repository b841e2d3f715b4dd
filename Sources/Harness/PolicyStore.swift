package import Audit
import Foundation
import MCP
package import Policy
import Store
import Synchronization

/// The policy in force, from a file. A file that cannot be used leaves the last good one standing; without any good one
/// there is no store, and without a store no gate.
package final class PolicyStore: Sendable {
    package let path: String
    /// What holds until there is a file at `path`.
    private let standard: String?
    private let state: Mutex<(policy: Policy, isOperators: Bool)>

    package var current: Policy { state.withLock { $0.policy } }

    package init(path: String, standard: String? = nil) throws(PolicyError) {
        self.path = path
        self.standard = standard
        let isOperators = standard == nil || FileManager.default.fileExists(atPath: path)
        state = Mutex((try Policy.load(isOperators ? path : standard ?? path), isOperators))
    }

    /// The operator's file as soon as there is one; from then on its absence is an error, and loosens nothing.
    private func read() throws(PolicyError) -> (policy: Policy, isOperators: Bool) {
        let isOperators = state.withLock { $0.isOperators } || FileManager.default.fileExists(atPath: path)
        return (try Policy.load(isOperators ? path : standard ?? path), isOperators)
    }

    /// Reads the file again: whether it says something else now. On an error nothing changes.
    package func reload() throws(PolicyError) -> Bool {
        let fresh = try read()
        return state.withLock { state in
            defer { state = fresh }
            return state.policy.digest != fresh.policy.digest
        }
    }

    /// The same, on the record: a policy that could not be recorded does not come into force.
    package func reload(recording audit: AuditLog) async throws -> Bool {
        let fresh: (policy: Policy, isOperators: Bool)
        do {
            fresh = try read()
        } catch {
            try await audit.event("policy.refused", details: ["error": .string(error.description.cut(to: 1000))])
            throw error
        }
        let before = current.digest
        let after = fresh.policy.digest
        if before != after {
            try await audit.event("policy.changed", details: ["from": .string(before.hex), "to": .string(after.hex)])
        }
        state.withLock { $0 = fresh }
        return before != after
    }
}
