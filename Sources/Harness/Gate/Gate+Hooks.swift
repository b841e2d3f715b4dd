import Audit
import MCP
import Model
import Policy
import Store
import ToolServers

// The operator's hooks on a call's way: they narrow what it asks for, and what the policy says of it.
extension Gate {
    /// What hooks put in place of the arguments is checked as those were.
    func askHooks(
        _ passage: inout Passage, _ entry: ToolRegistry.Entry, _ registry: ToolRegistry
    ) async throws {
        guard let hooks else { return }
        switch try await hooks.before(passage.request, entry.tool) {
        case .deny(let hook, let reason):
            throw Refusal(
                .deny, "\(passage.request.tool) was denied by the hook \(hook): \(reason)",
                rule: Rule(name: "hook \(hook)"))
        case .pass(let arguments, var findings):
            findings.given = arguments == passage.request.arguments ? nil : passage.request.arguments
            passage.request.arguments = arguments
            passage.request.hooks = findings
            guard findings.given != nil else { return }
            do {
                _ = try check(passage.request, registry)
            } catch {
                throw Refusal(
                    .deny,
                    "\(passage.request.tool) was denied: what a hook made of its arguments cannot be taken. "
                        + error.message, rule: Rule(name: "hooks"))
            }
        }
    }

    /// The policy's word on the arguments as they are and as the agent gave them, and what hooks ask: the strictest.
    func evaluate(_ policy: Policy, _ question: PolicyQuestion, _ request: CallRequest) -> Decision {
        var decision = policy.evaluate(question)
        if let given = request.hooks.given {
            var original = question
            original.arguments = given
            decision = decision.stricter(than: policy.evaluate(original))
        }
        for ask in request.hooks.questions {
            let rule = Rule(name: "hook \(ask.hook)")
            decision = decision.stricter(
                than: question.mode == .bypassPermissions
                    ? .deny(reason: "\(ask.reason), and nobody is asked in Unattended mode", rule: rule)
                    : .ask(ask.approvers, expires: policy.expires, reason: ask.reason, rule: rule))
        }
        return decision
    }

    func afterHooks(_ run: Run, _ request: CallRequest, _ tool: RegisteredTool) async -> CallToolResult {
        guard let hooks else { return run.result }
        var result = await hooks.after(request, tool, run.result, outcome: run.outcome)
        if !request.hooks.notes.isEmpty { result.content.append(.text(request.hooks.notes.joined(separator: "\n"))) }
        return result
    }
}

extension Decision {
    /// This one, unless `other` lets less happen. Two questions to different people, neither
    /// of them the requester, are a denial.
    func stricter(than other: Decision) -> Decision {
        switch (self, other) {
        case (.deny, _), (.ask, .allow), (.allow, .allow): self
        case (_, .deny), (.allow, .ask): other
        case (.ask(let mine, let time, _, _), .ask(let theirs, let otherTime, _, let rule)):
            if mine == theirs {
                time <= otherTime ? self : other
            } else if mine.isRequesters, theirs.isRequesters {
                // One of them lets a deputy answer.
                mine == .requester ? self : other
            } else if mine.isRequesters || theirs.isRequesters {
                mine.isRequesters ? other : self
            } else {
                .deny(reason: "\(mine.inWords) and \(theirs.inWords) would both have to allow it", rule: rule)
            }
        }
    }
}
