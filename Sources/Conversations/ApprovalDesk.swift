package import Harness
internal import Model
internal import Store
internal import MCP
internal import Policy

/// Where the gate's questions wait for people.
package actor ApprovalDesk: Approver {
    private let database: Database
    private let hub: EventHub
    private let clock: WallClock
    private let limits: Reloadable<ConversationLimits>
    private typealias Waiter = (
        conversation: ConversationID, continuation: CheckedContinuation<ApprovalAnswer, Never>
    )
    private var waiting: [ApprovalID: Waiter]
    /// Answers that came between storing the question and waiting for it.
    private var early: [ApprovalID: ApprovalAnswer] = [:]

    init(database: Database, hub: EventHub, clock: WallClock, limits: Reloadable<ConversationLimits>) {
        self.database = database
        self.hub = hub
        self.clock = clock
        self.limits = limits
        waiting = [:]
    }

    package func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer {
        let record = try await database.createApproval(
            ApprovalDraft(
                call: request.call, session: request.session, conversation: request.conversation,
                requester: request.requester, tool: request.tool, effect: request.effect,
                arguments: JSONValue.object(request.arguments).text, argumentsDigest: request.argumentsDigest,
                policyDigest: request.policyDigest, rule: request.rule.text, reason: request.reason,
                approvers: request.approvers.rawValue,
                expires: clock.now().advanced(by: min(limits.current.approval, request.expires))))
        let name = try await database.person(request.requester)?.name ?? ""
        hub.publish(
            .approval(
                ApprovalView(
                    id: record.id, tool: request.tool, effect: request.effect,
                    arguments: .object(request.arguments), reason: request.reason, requester: name,
                    expires: record.expires)), in: request.conversation)
        hub.publish(.state("Waiting for an approval"), in: request.conversation)
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let answer = early.removeValue(forKey: record.id) {
                    continuation.resume(returning: answer)
                } else if Task.isCancelled {
                    continuation.resume(returning: .expired)
                } else {
                    waiting[record.id] = (request.conversation, continuation)
                }
            }
        } onCancel: {
            Task { await self.settle(record.id, .expired, words: "withdrawn") }
        }
        return answer
    }

    /// A person's answer. What was decided is in the store before anybody acts on it.
    func answer(_ id: ApprovalID, allow: Bool, by person: PersonID) async throws {
        guard let record = try await database.approval(id), let answerer = try await database.person(person),
            answerer.isActive,
            try await database.mayRead(conversation: record.conversation, person: person)
                || answerer.role == .owner || answerer.role == .admin
        else { throw ChatError(.notFound, "There is no such question.") }
        let approvers = Approvers(rawValue: record.approvers) ?? .admins
        guard approvers.permits(person, role: answerer.role, requester: record.requester) else {
            throw ChatError(.forbidden, "This is not yours to decide, but that of \(approvers.inWords).")
        }
        if approvers == .secondPerson,
            try await database.hasSpoken(person, for: record.requester, in: record.conversation)
        {
            throw ChatError(
                .forbidden, "You have spoken for the person who asks, in this conversation: it takes somebody else.")
        }
        switch try await database.decideApproval(id, allow: allow, by: person, note: nil) {
        case .decided(let decided):
            let answer: ApprovalAnswer = allow ? .allowed(by: person) : .denied(by: person, reason: nil)
            settle(
                decided.id, answer, words: "\(allow ? "allowed" : "denied") by \(answerer.name)",
                in: decided.conversation)
        case .tooLate:
            throw ChatError(.conflict, "This question has expired; nothing was run.")
        case .already(let earlier):
            throw ChatError(.conflict, "This question is answered already (\(earlier.state.rawValue)).")
        }
    }

    /// Questions past their time; called every few seconds.
    func expire() async {
        guard let expired = try? await database.expireApprovals() else { return }
        for record in expired { settle(record.id, .expired, words: "expired", in: record.conversation) }
    }

    func withdraw(session: SessionID) async {
        guard let withdrawn = try? await database.withdrawApprovals(session: session) else { return }
        for record in withdrawn { settle(record.id, .expired, words: "withdrawn", in: record.conversation) }
    }

    private func settle(
        _ id: ApprovalID, _ answer: ApprovalAnswer, words: String, in conversation: ConversationID? = nil
    ) {
        let place = waiting[id]?.conversation ?? conversation
        if let place { hub.publish(.approvalClosed(id, outcome: words), in: place) }
        if let waiter = waiting.removeValue(forKey: id) {
            waiter.continuation.resume(returning: answer)
        } else if case .expired = answer {
            // Nobody waits, and nobody will.
        } else {
            early[id] = answer
        }
    }
}
