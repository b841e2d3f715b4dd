import Audit
import Model
import Policy
import Store
import ToolServers

// A task that runs by itself, and what its owner allowed it after looking at a run of it.
extension Gate {
    /// As for a grant, everything is looked at again: the task, the tool, the rule, where the call goes, what the session has
    /// touched, and whether the giver could still answer the question.
    func taskPermit(answering ask: ApprovalRequest, _ request: CallRequest) async throws -> TaskPermitRecord? {
        guard let task = request.task, let offer = ask.offer else { return nil }
        let place = CallDestination.text(
            tool: ask.tool, arguments: ask.arguments, digest: ask.argumentsDigest,
            isExact: offer.isExact || ask.effect != .external)
        let permit = try await standing.permits(of: task.task).first { permit in
            permit.task == task.task && permit.digest == task.digest && permit.tool == ask.tool
                && permit.toolDigest == offer.toolDigest && permit.rule == offer.rule && permit.destination == place
                && permit.labels.isSuperset(of: ask.labels)
        }
        guard let permit,
            let giver = try await standing.answerer(permit.giver, for: ask.requester, in: ask.conversation),
            ask.approvers.right(of: giver, requester: ask.requester) == .own
        else { return nil }
        return permit
    }

    func permit(
        _ given: TaskPermitRecord, for ask: ApprovalRequest, _ policy: Policy, _ request: CallRequest,
        _ tool: RegisteredTool, _ demand: ToolDemand?
    ) -> Permit {
        let rule = Rule(name: "task \(given.task) for \(ask.rule.name)", line: ask.rule.line)
        var permit = permit(.approved, rule, policy, request, tool, demand)
        permit.approvedBy = given.giver
        permit.evidence = ask.evidence
        return permit
    }
}
