import Crypto
import MCP
package import Model
import Policy
package import Store
package import ToolServers

extension GrantOffer {
    /// How far a yes to this question may reach; `nil`: no further than the call. What a rule does not offer, what is done
    /// in another's name and what the rule of two stands over is asked each time. A command is granted word for word.
    /// So it has to be all there is to know: no file that may say something else next time, and no folder but the one
    /// that commands begin in.
    init?(
        _ request: CallRequest, _ question: PolicyQuestion, _ tool: RegisteredTool, _ asked: Approvers, _ rule: Rule,
        _ evidence: Evidence
    ) {
        guard let reach = rule.grants, request.onBehalfBy == nil, !question.isUnderRuleOfTwo,
            question.mode == .auto || question.mode == .acceptEdits,
            // What a hook asks, or made of the call, is the hook's to say each time.
            request.hooks.questions.isEmpty, request.hooks.given == nil,
            !question.runsCommands || evidence.isCommandAlone
        else { return nil }
        let isNarrow = question.runsCommands || asked.takesAnother
        self.init(
            reach: isNarrow ? .conversation : reach, rule: rule.name,
            toolDigest: tool.digest(effect: question.effect, runsCommands: question.runsCommands),
            isExact: question.runsCommands, mode: question.mode)
    }
}

extension GrantRecord {
    /// Whether this is the answer to `ask`. Everything is looked at again: the question, the place, and whether the giver
    /// could still answer it.
    func covers(_ ask: ApprovalRequest, at now: Timestamp) -> Bool {
        guard let offer = ask.offer, let role = giverRole, end(at: now) == nil else { return false }
        let answerer = Answerer(person: giver, name: giverName, role: role, hasSpoken: giverHasSpoken)
        let isSameQuestion =
            requester == ask.requester && tool == ask.tool && toolDigest == offer.toolDigest && rule == offer.rule
            && (argumentsDigest == nil ? !offer.isExact : argumentsDigest == ask.argumentsDigest)
        let isHere =
            scope <= offer.reach && (scope == .channel ? channel == ask.channel : conversation == ask.conversation)
        // Given to a conversation that had touched less, or was freer, it says nothing of this one.
        let isNoRiskier = labels.isSuperset(of: ask.labels) && mode.caution >= offer.mode.caution
        return isSameQuestion && isHere && isNoRiskier
            && ask.approvers.right(of: answerer, requester: requester) == .own
    }

    /// Why it does not hold any more, whatever is asked; `nil` while it does. In words for people.
    package func end(at now: Timestamp) -> String? {
        if revoked != nil {
            return revokedByName.map { "revoked by \($0)" } ?? "ended: somebody may not come in any more"
        }
        if recorded == nil { return "void: that it was given is not on record" }
        if expires <= now { return "expired" }
        guard isRequesterActive else { return "void: \(requesterName) may not use Bulkhead any more" }
        guard let giverRole else { return "void: \(giverName) may not use Bulkhead any more" }
        if giverRole == .guest { return "void: \(giverName) is a guest now" }
        if giverHasSpoken { return "void: \(giverName) has spoken for \(requesterName)" }
        return nil
    }
}

extension RegisteredTool {
    /// SHA-256, in hexadecimal, of all a person who allows it goes by: another description is another tool.
    package func digest(effect: Effect, runsCommands: Bool) -> String {
        let facts: JSONObject = [
            "name": .string(tool.name), "description": .string(tool.description), "schema": tool.inputSchema,
            "server": .string(server), "effect": .string(effect.rawValue), "runsCommands": .bool(runsCommands),
        ]
        return Array(SHA256.hash(data: facts.canonical())).hex
    }
}
