package import Audit
package import LeakScan
package import MCP
package import Model
import Policy

/// What of a call is kept, by the policy in force. People who approve and the tool itself see the whole.
package protocol CallRedactor: Sendable {
    /// Throws where it cannot be sure; the call then does not run, since its record could hold what must not be kept.
    ///
    /// `secret`: members of the arguments that are for the tool alone (`BuiltInTool.secretArguments(of:_:)`).
    /// `requester`: whose call it is, where that is known; their own secrets go too, whatever they look like.
    func redacted(
        _ arguments: JSONObject, of tool: String, secret: Set<String>, for requester: PersonID?
    ) throws -> (arguments: JSONObject, hasChanged: Bool)
    func redacted(_ text: String, for requester: PersonID?) -> String
    func digest(of arguments: JSONObject) -> String
}

package struct PolicyRedactor: CallRedactor {
    private let policy: PolicyStore
    private let key: RedactionKey
    private let leaks: LeakGuard

    package init(policy: PolicyStore, key: RedactionKey, leaks: LeakGuard = LeakGuard()) {
        self.policy = policy
        self.key = key
        self.leaks = leaks
    }

    package func redacted(
        _ arguments: JSONObject, of tool: String, secret: Set<String>, for requester: PersonID?
    ) throws -> (arguments: JSONObject, hasChanged: Bool) {
        let (kept, hasChanged) = try policy.current.redaction.applied(to: arguments, of: tool, secret: secret) {
            key.stand(for: $0)
        }
        let screened = leaks.screened(kept, in: LeakSubject(requester: requester, isRecord: true))
        return (screened.value, hasChanged || !screened.findings.isEmpty)
    }

    package func redacted(_ text: String, for requester: PersonID?) -> String {
        SecretForm.isFound(in: text) || policy.current.redaction.isFound(in: text)
            ? key.stand(forText: text)
            : leaks.screened(text, in: LeakSubject(requester: requester, isRecord: true)).value
    }

    package func digest(of arguments: JSONObject) -> String { key.digest(of: arguments.canonical()) }
}
