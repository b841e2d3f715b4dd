import Audit
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
        let role = try await requireStanding(request)
        if let answered = request.answered { return try await redeem(answered, entry, request) }
        let policy = policy.current
        var question = PolicyQuestion(request, entry.tool, policy, at: wallClock.now())
        // Hooks take their time: what the session is by now counts.
        guard let now = try await standing.standing(of: request.session), now.isLive else {
            throw Refusal(.cancelled, "The session ended before the call could be decided on.", rule: nil)
        }
        if now.mode.caution > request.mode.caution { question.mode = now.mode }
        question.role = role
        question.labels.formUnion(now.labels)
        var decision = try await raised(evaluate(policy, question, request), question, request, entry.tool, policy)
        // Of a call that is denied anyhow nothing is looked up.
        if case .deny(let reason, let rule) = decision { throw Self.denial(request, reason, rule) }
        let demand = try await demand(of: request, entry)
        decision = demanded(decision, demand, question, policy)
        var evidence = Evidence()
        if case .ask = decision {
            try refuseToKeepSecrets(of: request, entry.tool)
            evidence = try await self.evidence(for: request, entry)
            // To look is to touch: what the sandbox carried into the session by now counts, here and in the answer.
            question.labels.formUnion(await labelsNow(of: request.session))
            decision = try await raised(evaluate(policy, question, request), question, request, entry.tool, policy)
            decision = demanded(decision, demand, question, policy)
        }
        switch decision {
        case .allow(let rule): return permit(.allow, rule, policy, request, entry.tool, demand)
        case .deny(let reason, let rule): throw Self.denial(request, reason, rule)
        case .ask(let approvers, let expires, let reason, let rule):
            let ask = ApprovalRequest(
                call: request.id, session: request.session, conversation: request.conversation,
                channel: request.channel, requester: request.requester, tool: request.tool, effect: question.effect,
                arguments: request.arguments, argumentsDigest: request.argumentsDigest,
                policyDigest: policy.digest.hex, rule: rule, reason: reason, approvers: approvers, expires: expires,
                evidence: evidence, labels: question.labels,
                offer: GrantOffer(request, question, entry.tool, approvers, rule, evidence))
            if let grant = try await grant(answering: ask) {
                return permit(grant, for: ask, policy, request, entry.tool, demand)
            }
            if let given = try await taskPermit(answering: ask, request) {
                return permit(given, for: ask, policy, request, entry.tool, demand)
            }
            try await audit.append(.question(request, entry.tool, ask, policyDigest: policy.digest, redactor))
            onMoment(.asking(ask))
            let person = try await answer(to: ask, request)
            return try await recheck(ask, answeredBy: person, entry, request)
        }
    }

    /// Who allowed it. A question without an answer is a denial.
    private func answer(to ask: ApprovalRequest, _ request: CallRequest) async throws -> PersonID {
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
        return try await person(in: answer, to: ask, request)
    }

    /// Who allowed it, or why it does not run.
    func person(
        in answer: ApprovalAnswer, to ask: ApprovalRequest, _ request: CallRequest
    ) async throws -> PersonID {
        switch answer {
        case .allowed(let person): return person
        case .suspended(let approval): throw Suspension(approval: approval, ask: ask)
        case .denied(let person, let reason):
            let answerer = try? await standing.answerer(person, for: request.requester, in: request.conversation)
            throw Refusal(
                .refused,
                "A person declined \(ask.tool)\(reason.map { ": \($0.storable.cut(to: 1000))" } ?? ""). Do not try the "
                    + "same in another way; ask what to do instead.",
                rule: ask.rule, by: person,
                inPlaceOf: answerer.flatMap { ask.approvers.right(of: $0, requester: request.requester).place?.person })
        case .expired:
            throw Refusal(
                .expired, "\(ask.tool) needs a person's word (\(ask.reason)), and nobody answered in time.",
                rule: ask.rule)
        }
    }

    /// Time has passed: the session may have ended, its mode been tightened, its labels grown, the policy changed, the
    /// person lost its role. What is decided now counts, and an allowed question never allows more than it asked.
    func recheck(
        _ ask: ApprovalRequest, answeredBy person: PersonID, _ entry: ToolRegistry.Entry, _ request: CallRequest
    ) async throws -> Permit {
        guard let now = try await standing.standing(of: request.session), now.isLive else {
            throw Refusal(.refused, "The session ended before the answer came.", rule: ask.rule, by: person)
        }
        let requesterRole = try await requireStanding(request)
        let answerer = try await standing.answerer(person, for: request.requester, in: request.conversation)
        func right(_ approvers: Approvers) -> AnswerRight {
            answerer.map { approvers.right(of: $0, requester: request.requester) } ?? .none
        }
        var answer = right(ask.approvers)
        guard answer != .alsoAsked else {
            throw Refusal(
                .refused, "The person who answered had also asked, in the requester's name: it takes another one.",
                rule: ask.rule, by: person)
        }
        guard answer.isGiven else {
            throw Refusal(.refused, "The person who answered may not decide this.", rule: ask.rule, by: person)
        }
        // Before the policy is asked: to look is to touch, and what the sandbox carries into the session counts.
        try await requireSame(ask.evidence, request, entry, rule: ask.rule, by: person)
        try refuseWhatIsPaused(request)
        let policy = policy.current
        var question = PolicyQuestion(request, entry.tool, policy, at: wallClock.now())
        question.mode = now.mode
        question.role = requesterRole
        question.labels.formUnion(await labelsNow(of: request.session))
        let demand = try await demand(of: request, entry)
        let decision = demanded(
            try await raised(evaluate(policy, question, request), question, request, entry.tool, policy), demand,
            question, policy)
        var permit: Permit
        switch decision {
        case .allow(let rule): permit = self.permit(.approved, rule, policy, request, entry.tool, demand)
        case .ask(let approvers, _, _, let rule):
            answer = right(approvers)
            guard answer.isGiven else {
                throw Refusal(
                    .refused, "The policy has changed: somebody else has to decide this now.", rule: rule, by: person)
            }
            permit = self.permit(.approved, rule, policy, request, entry.tool, demand)
        case .deny(let reason, let rule): throw Self.denial(request, reason, rule)
        }
        permit.approvedBy = person
        permit.approvedFor = answer.place?.person
        permit.evidence = ask.evidence
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
        return role.capped(at: request.task?.ceiling)
    }

    func refuseWhatIsPaused(_ request: CallRequest) throws(Refusal) {
        guard let pause = pauses.pause(of: request) else { return }
        throw Refusal(
            .deny, "\(request.tool) is \(pause.inWords). Stop, and tell the person so.",
            rule: Rule(name: "paused: \(pause.scope.text)"))
    }

    func permit(
        _ decision: AuditDecision, _ rule: Rule, _ policy: Policy, _ request: CallRequest, _ tool: RegisteredTool,
        _ demand: ToolDemand?
    ) -> Permit {
        let override = policy.override(for: request.tool)
        return Permit(
            decision: decision, rule: rule, policyDigest: policy.digest,
            labels: tool.labels.union(override?.labels ?? []).union(demand?.labels ?? []),
            deadline: override?.deadline ?? limits.callDeadline, demand: demand)
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
