package import Harness
package import Model
package import Store
internal import MCP
internal import Policy

/// Where the gate's questions wait for people.
package actor ApprovalDesk: Approver {
    private let database: Database
    private let hub: EventHub
    private let clock: WallClock
    private let limits: Reloadable<ConversationLimits>
    private let identifiers: IdentifierSource
    /// asking → waiting → settled, or asking → settled: it can be answered, withdrawn or expire as soon as it is stored,
    /// before anybody waits for it.
    private enum Question {
        case asking
        case waiting(CheckedContinuation<ApprovalAnswer, Never>)
        case settled(ApprovalAnswer, words: String)
    }
    /// Those of callers who have not got their answer: there is one `ask` for each.
    private var questions: [ApprovalID: Question] = [:]

    package init(
        database: Database, hub: EventHub, clock: WallClock, limits: Reloadable<ConversationLimits>,
        identifiers: IdentifierSource = IdentifierSource()
    ) {
        self.database = database
        self.hub = hub
        self.clock = clock
        self.limits = limits
        self.identifiers = identifiers
    }

    /// How many questions somebody waits for the answer of.
    package var openQuestions: Int { questions.count }

    package func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer {
        // Known here before it is stored, so that whatever becomes of it from then on finds it.
        let id: ApprovalID = identifiers.make()
        questions[id] = .asking
        defer { questions[id] = nil }
        let record = try await database.createApproval(
            ApprovalDraft(
                id: id, call: request.call, session: request.session, conversation: request.conversation,
                requester: request.requester, tool: request.tool, effect: request.effect,
                arguments: JSONValue.object(request.arguments).text, argumentsDigest: request.argumentsDigest,
                policyDigest: request.policyDigest, rule: request.rule.text, reason: request.reason,
                approvers: request.approvers.rawValue,
                expires: clock.now().advanced(by: min(limits.current.approval, request.expires))))
        let name = try await database.person(request.requester)?.name ?? ""
        let reach = EventHub.Reach(soleReader: try await database.soleReader(of: request.session))
        hub.publish(
            .approval(
                ApprovalView(
                    id: record.id, tool: request.tool, effect: request.effect,
                    arguments: .object(request.arguments), reason: request.reason, requester: name,
                    expires: record.expires)), in: request.conversation, to: reach)
        hub.publish(.state("Waiting for an approval"), in: request.conversation)
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if case .settled(let answer, _)? = questions[id] {
                    continuation.resume(returning: answer)
                } else if Task.isCancelled {
                    questions[id] = .settled(.expired, words: "withdrawn")
                    continuation.resume(returning: .expired)
                } else {
                    questions[id] = .waiting(continuation)
                }
            }
        } onCancel: {
            Task { await self.settle(id, .expired, words: "withdrawn") }
        }
        if case .settled(_, let words)? = questions[id] {
            hub.publish(.approvalClosed(id, outcome: words), in: request.conversation)
        }
        return answer
    }

    /// A person's answer. What was decided is in the store before anybody acts on it.
    package func answer(_ id: ApprovalID, allow: Bool, reason: String? = nil, by person: PersonID) async throws {
        guard let record = try await database.approval(id), let answerer = try await database.person(person),
            answerer.isActive,
            try await database.mayRead(
                questionOf: record.session, in: record.conversation, person: person)
                || answerer.role == .owner || answerer.role == .admin
        else { throw ChatError(.notFound, "There is no such question.") }
        let approvers = Approvers(rawValue: record.approvers) ?? .admins
        let words = reason.flatMap { $0.isEmpty ? nil : $0 }
        guard words?.utf8.count ?? 0 <= Self.longestReason else {
            throw ChatError(.tooLarge, "A reason may have \(Self.longestReason) bytes at most.")
        }
        guard approvers.permits(person, role: answerer.role, requester: record.requester) else {
            throw ChatError(.forbidden, "This is not yours to decide, but that of \(approvers.inWords).")
        }
        if approvers == .secondPerson,
            try await database.hasSpoken(person, for: record.requester, in: record.conversation)
        {
            throw ChatError(
                .forbidden, "You have spoken for the person who asks, in this conversation: it takes somebody else.")
        }
        switch try await database.decideApproval(id, allow: allow, by: person, note: words) {
        case .decided(let decided):
            let answer: ApprovalAnswer = allow ? .allowed(by: person) : .denied(by: person, reason: words)
            let outcome = "\(allow ? "allowed" : "denied") by \(answerer.name)"
            settle(decided.id, answer, words: outcome, in: decided.conversation)
        case .tooLate:
            throw ChatError(.conflict, "This question has expired; nothing was run.")
        case .already(let earlier):
            throw ChatError(.conflict, "This question is answered already (\(earlier.state.rawValue)).")
        }
    }

    private static let longestReason = 1000

    /// What waits for an answer and this person may see.
    func open(for person: PersonID) async throws -> [OpenApproval] {
        guard let viewer = try await database.person(person), viewer.isActive else { return [] }
        var list: [OpenApproval] = []
        for record in try await database.pendingApprovals() {
            let seesAll = viewer.role == .owner || viewer.role == .admin
            guard
                try await database.mayRead(
                    questionOf: record.session, in: record.conversation, person: person) || seesAll
            else {
                continue
            }
            let approvers = Approvers(rawValue: record.approvers) ?? .admins
            let hasSpoken = try await database.hasSpoken(person, for: record.requester, in: record.conversation)
            list.append(
                OpenApproval(
                    view: ApprovalView(
                        id: record.id, tool: record.tool, effect: record.effect,
                        arguments: (try? JSONValue(parsing: Array(record.arguments.utf8))) ?? .null,
                        reason: record.reason, requester: record.requesterName, expires: record.expires),
                    conversation: record.conversation, rule: record.rule, approvers: approvers.inWords,
                    isYours: approvers.permits(person, role: viewer.role, requester: record.requester)
                        && !(approvers == .secondPerson && hasSpoken)))
        }
        return list
    }

    /// Questions past their time; called every few seconds.
    package func expire() async {
        guard let expired = try? await database.expireApprovals() else { return }
        for record in expired { settle(record.id, .expired, words: "expired", in: record.conversation) }
    }

    package func withdraw(session: SessionID) async {
        guard let withdrawn = try? await database.withdrawApprovals(session: session) else { return }
        for record in withdrawn { settle(record.id, .expired, words: "withdrawn", in: record.conversation) }
    }

    /// The first to settle counts. Whoever asked tells people that the question is closed, after having told them of it;
    /// of one that nobody here asked (any more) it is told in `place`.
    private func settle(
        _ id: ApprovalID, _ answer: ApprovalAnswer, words: String, in place: ConversationID? = nil
    ) {
        switch questions[id] {
        case .asking: questions[id] = .settled(answer, words: words)
        case .waiting(let continuation):
            questions[id] = .settled(answer, words: words)
            continuation.resume(returning: answer)
        case .settled: break
        case nil:
            if let place { hub.publish(.approvalClosed(id, outcome: words), in: place) }
        }
    }
}
