import Audit
import Crypto
import MCP
import Model
import Policy
import Store

// Questions that nobody waits for: a call lets go of them, and another one comes back with the answer.
extension Gate {
    /// An answer to a question of before counts as if it had been given this moment: for the same call, made for the same
    /// person in the same conversation, if all that holds now still allows it, and once. Used up before anything runs, so
    /// that nothing that happens from here on can make it run again.
    func redeem(
        _ answered: AnsweredQuestion, _ entry: ToolRegistry.Entry, _ request: CallRequest
    ) async throws -> Permit {
        let ask = answered.request
        guard request.tool == ask.tool, request.requester == ask.requester, request.conversation == ask.conversation,
            request.argumentsDigest == ask.argumentsDigest,
            PolicyQuestion(request, entry.tool, policy.current, at: wallClock.now()).effect == ask.effect
        else {
            throw Refusal(
                .refused, "This is not the call that people were shown: it has been changed since, and was not run.",
                rule: ask.rule)
        }
        let permit = try await recheck(
            ask, answeredBy: try await person(in: answered.answer, to: ask, request), entry, request)
        guard try await approver.take(answered.approval) else {
            throw Refusal(
                .refused,
                "\(ask.tool) was allowed once, and that has been used: it may have run already. It was not run again.",
                rule: ask.rule, by: permit.approvedBy)
        }
        return permit
    }

    /// On record, and in words for the agent, whose turn is over with it.
    func suspend(_ suspension: Suspension, _ request: CallRequest) async -> (CallToolResult, GateResult.Outcome) {
        // The question stands whatever becomes of this row: it was recorded when it was asked.
        do {
            try await audit.append(
                AuditDraft(
                    .event, event: "approval.suspended", subject: AuditSubject(request), tool: request.tool,
                    rule: suspension.ask.rule.text, payload: ["approval": .string(suspension.approval.rawValue)]))
        } catch {
            return (unrecorded(request, error), .suspended)
        }
        return (
            .failure(
                "\(request.tool) has not run: it waits for a person's word. This turn is suspended and ends here; you "
                    + "will be told what was decided and what came of it."), .suspended
        )
    }
}

extension CallRequest {
    /// SHA-256 of the canonical arguments.
    var argumentsDigest: String { Array(SHA256.hash(data: arguments.canonical())).hex }
}

/// The call waits for people, and nothing waits for them with it.
struct Suspension: Error, Sendable {
    let approval: ApprovalID
    let ask: ApprovalRequest
}
