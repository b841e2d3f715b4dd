package import Audit
package import MCP

/// What became of a text that hooks were asked about.
package enum ScreenedText: Hashable, Sendable {
    case pass(String)
    /// A sentence for people.
    case withheld(String)
}

extension HookDesk {
    /// A message that comes in or goes out. Whatever keeps a hook from answering withholds it. Throws where the caller
    /// is cancelled.
    package func screen(
        _ text: String, _ event: HookEvent, about facts: JSONObject, subject: AuditSubject
    ) async throws -> ScreenedText {
        var text = text
        for name in hooks(for: event) {
            var facts = facts
            facts["text"] = .string(text)
            let answer: HookAnswer
            do {
                answer = try await ask(name, event, about: facts, subject: subject).answer.get()
            } catch let error as CancellationError {
                throw error
            } catch {
                return .withheld("the check \"\(name)\" did not work: \(error). Please tell an operator.")
            }
            if answer.decision == .deny {
                return .withheld("the check \"\(name)\" does not let it through: \(answer.reason)")
            }
            if let changed = answer.text { text = changed }
            if let note = answer.note { text += "\n\n[\(name): \(note)]" }
        }
        return .pass(text)
    }

    /// A session that begins or ends: why it may not, by the first hook that says so. One that fails is on record, and
    /// no more than that; throws where it could not be put on record, or the caller is cancelled.
    package func announce(
        _ event: HookEvent, about facts: JSONObject, subject: AuditSubject
    ) async throws -> (hook: String, reason: String)? {
        for name in hooks(for: event) {
            let run = try await ask(name, event, about: facts, subject: subject)
            if case .success(let answer) = run.answer, answer.decision == .deny { return (name, answer.reason) }
        }
        return nil
    }
}
