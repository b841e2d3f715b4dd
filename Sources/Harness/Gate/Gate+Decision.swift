import Audit
import Crypto
import MCP
import Model
import Policy
import Store
import ToolServers

extension Gate {
    /// The policy's decision, with the answer of people where it asks. Throws `Refusal`, `CancellationError`, or what
    /// kept the question from being recorded.
    func decide(
        _ passage: Passage, _ entry: ToolRegistry.Entry, _ onMoment: @Sendable (GateMoment) -> Void
    ) async throws -> Permit {
        let request = passage.request
        try refuseWhatIsPaused(request)
        _ = try await requireStanding(request)
        let policy = policy.current
        let question = PolicyQuestion(request, entry.tool, policy, at: wallClock.now())
        switch evaluate(policy, question, request) {
        case .allow(let rule): return permit(.allow, rule, policy, request)
        case .deny(let reason, let rule): throw Self.denial(request, reason, rule)
        case .ask(let approvers, let expires, let reason, let rule):
            let ask = ApprovalRequest(
                call: request.id, session: request.session, conversation: request.conversation,
                channel: request.channel, requester: request.requester, tool: request.tool, effect: question.effect,
                arguments: request.arguments,
                argumentsDigest: Array(SHA256.hash(data: request.arguments.canonical())).hex,
                policyDigest: policy.digest.hex, rule: rule, reason: reason, approvers: approvers, expires: expires)
            try await audit.append(.question(request, ask, policyDigest: policy.digest, redactor))
            onMoment(.asking(ask))
            let person = try await answer(to: ask)
            return try await recheck(ask, answeredBy: person, entry, request)
        }
    }

    /// Who allowed it. A question without an answer is a denial.
    private func answer(to ask: ApprovalRequest) async throws -> PersonID {
        let answer: ApprovalAnswer
        do {
            let approver = approver
            answer = try await withDeadline(ask.expires, clock: clock) { try await approver.ask(ask) }
        } catch is DeadlinePassed {
            answer = .expired
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Refusal(
                .refused, "\(ask.tool) needs a person's word (\(ask.reason)), and nobody could be asked: \(error)",
                rule: ask.rule)
        }
        switch answer {
        case .allowed(let person): return person
        case .denied(let person, let reason):
            throw Refusal(
                .refused,
                "A person declined \(ask.tool)\(reason.map { ": \($0.storable.cut(to: 1000))" } ?? ""). Do not try the "
                    + "same in another way; ask what to do instead.",
                rule: ask.rule, by: person)
        case .expired:
            throw Refusal(
                .expired, "\(ask.tool) needs a person's word (\(ask.reason)), and nobody answered in time.",
                rule: ask.rule)
        }
    }

    /// Time has passed: the session may have ended, its mode been tightened, its labels grown, the policy changed, the
    /// person lost its role. What is decided now counts, and an allowed question never allows more than it asked.
    private func recheck(
        _ ask: ApprovalRequest, answeredBy person: PersonID, _ entry: ToolRegistry.Entry, _ request: CallRequest
    ) async throws -> Permit {
        guard let now = try await standing.standing(of: request.session), now.isLive else {
            throw Refusal(.refused, "The session ended before the answer came.", rule: ask.rule, by: person)
        }
        let requesterRole = try await requireStanding(request)
        guard let role = try await standing.role(of: person),
            ask.approvers.permits(person, role: role, requester: request.requester)
        else {
            throw Refusal(.refused, "The person who answered may not decide this.", rule: ask.rule, by: person)
        }
        try refuseWhatIsPaused(request)
        let hasSpoken = try await standing.hasSpoken(person, for: request.requester, in: request.conversation)
        func isFreeToDecide(_ approvers: Approvers) -> Bool { approvers != .secondPerson || !hasSpoken }
        guard isFreeToDecide(ask.approvers) else {
            throw Refusal(
                .refused, "The person who answered had also asked, in the requester's name: it takes another one.",
                rule: ask.rule, by: person)
        }
        let policy = policy.current
        var question = PolicyQuestion(request, entry.tool, policy, at: wallClock.now())
        question.mode = now.mode
        question.role = requesterRole
        question.labels.formUnion(now.labels)
        var permit: Permit
        switch evaluate(policy, question, request) {
        case .allow(let rule): permit = self.permit(.approved, rule, policy, request)
        case .ask(let approvers, _, _, let rule):
            guard approvers.permits(person, role: role, requester: request.requester), isFreeToDecide(approvers) else {
                throw Refusal(
                    .refused, "The policy has changed: somebody else has to decide this now.", rule: rule, by: person)
            }
            permit = self.permit(.approved, rule, policy, request)
        case .deny(let reason, let rule): throw Self.denial(request, reason, rule)
        }
        permit.approvedBy = person
        return permit
    }

    /// The requester's role now. Whoever acts in another's name still has to have the right to.
    private func requireStanding(_ request: CallRequest) async throws -> Role {
        guard let role = try await standing.role(of: request.requester) else {
            throw Refusal(
                .deny, "\(request.tool) was denied: the person it is for may not use Bulkhead any more. End your work.",
                rule: nil)
        }
        if let admin = request.onBehalfBy {
            let rank = try await standing.role(of: admin)
            guard rank == .owner || rank == .admin && role != .owner else {
                throw Refusal(
                    .deny, "\(request.tool) was denied: whoever acts here in another's name may not any more.",
                    rule: nil)
            }
        }
        return role
    }

    private func refuseWhatIsPaused(_ request: CallRequest) throws(Refusal) {
        guard let pause = pauses.pause(of: request) else { return }
        throw Refusal(
            .deny, "\(request.tool) is \(pause.inWords). Stop, and tell the person so.",
            rule: Rule(name: "paused: \(pause.scope.text)"))
    }

    private func permit(_ decision: AuditDecision, _ rule: Rule, _ policy: Policy, _ request: CallRequest) -> Permit {
        let override = policy.override(for: request.tool)
        return Permit(
            decision: decision, rule: rule, policyDigest: policy.digest, labels: override?.labels ?? [],
            deadline: override?.deadline ?? limits.callDeadline)
    }

    private static func denial(_ request: CallRequest, _ reason: String, _ rule: Rule) -> Refusal {
        Refusal(
            .deny,
            "\(request.tool) was denied: \(reason). Trying again, or in another way, will not help; say what you wanted "
                + "to do and why, so that a person can do it or ask an administrator.",
            rule: rule)
    }
}

extension PolicyQuestion {
    init(_ request: CallRequest, _ tool: RegisteredTool, _ policy: Policy, at time: Timestamp) {
        let override = policy.override(for: request.tool)
        self.init(
            tool: request.tool, arguments: request.arguments, effect: override?.effect ?? tool.effect,
            runsCommands: override?.runsCommands ?? tool.runsCommands, mode: request.mode, role: request.role,
            requester: request.requester, requesterName: request.requesterName, channel: request.channel,
            audience: request.audience, labels: request.labels, time: time)
    }
}
