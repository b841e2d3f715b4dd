import Foundation
import Synchronization

/// The policy in force, from a file. A file that cannot be used leaves the last good one standing; without any good one
/// there is no store, and without a store no gate.
package final class PolicyStore: Sendable {
    package let path: String
    private let state: Mutex<Policy>

    package var current: Policy { state.withLock { $0 } }

    package init(path: String) throws(PolicyError) {
        self.path = path
        state = Mutex(try Self.load(path))
    }

    /// Reads the file again: whether it says something else now. On an error nothing changes.
    package func reload() throws(PolicyError) -> Bool {
        let fresh = try Self.load(path)
        return state.withLock { policy in
            defer { policy = fresh }
            return policy.digest != fresh.digest
        }
    }

    private static func load(_ path: String) throws(PolicyError) -> Policy {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw PolicyError(
                file: path, line: nil, message: "the policy cannot be read: \(error.localizedDescription)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw PolicyError(file: path, line: nil, message: "the policy is not valid UTF-8")
        }
        return try Policy(yaml: text, file: path)
    }
}
