package import Harness
package import Model
package import Store
internal import MCP
internal import Policy

/// Where the gate's questions wait for people.
package actor ApprovalDesk: Approver {
    private let database: Database
    private let hub: EventHub
    private let grants: GrantDesk
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
        database: Database, hub: EventHub, audit: AuditLog, clock: WallClock, limits: Reloadable<ConversationLimits>,
        identifiers: IdentifierSource = IdentifierSource()
    ) {
        self.database = database
        self.hub = hub
        grants = GrantDesk(database: database, audit: audit)
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
                expires: clock.now().advanced(by: min(limits.current.approval, request.expires)),
                labels: request.labels, offer: request.offer))
        hub.publish(.approval(Self.view(of: record)), in: request.conversation)
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

    /// A person's answer. What was decided is in the store before anybody acts on it. With a `scope` a yes is good for
    /// more than this call, from when that stands in the audit.
    package func answer(
        _ id: ApprovalID, allow: Bool, scope: GrantScope? = nil, reason: String? = nil, by person: PersonID
    ) async throws {
        guard let record = try await database.approval(id), let answerer = try await database.person(person),
            answerer.isActive,
            try await database.mayRead(conversation: record.conversation, person: person)
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
        let hasSpoken = try await database.hasSpoken(person, for: record.requester, in: record.conversation)
        if approvers == .secondPerson, hasSpoken {
            throw ChatError(
                .forbidden, "You have spoken for the person who asks, in this conversation: it takes somebody else.")
        }
        var grant: GrantDraft?
        if let scope, allow {
            guard grants.scopes(record, for: answerer, hasSpoken: hasSpoken).contains(scope) else {
                throw ChatError(
                    .forbidden, "Your answer to this question can only be good for a smaller scope, or once.")
            }
            grant = GrantDraft(id: identifiers.make(), scope: scope)
        }
        switch try await database.decideApproval(id, allow: allow, by: person, note: words, grant: grant) {
        case .decided(let decided):
            let answer: ApprovalAnswer = allow ? .allowed(by: person) : .denied(by: person, reason: words)
            let reach =
                switch grant?.scope {
                case .conversation: ", for this conversation"
                case .channel: ", always here"
                case nil: ""
                }
            let outcome = "\(allow ? "allowed" : "denied") by \(answerer.name)\(reach)"
            // First, so that the next call finds it; and the answer counts whatever becomes of it.
            defer { settle(decided.id, answer, words: outcome, in: decided.conversation) }
            if let grant {
                do {
                    try await grants.record(grant.id)
                } catch {
                    throw ChatError(
                        .unavailable, "Allowed, but this once only: that it holds for longer could not be recorded.")
                }
            }
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
            guard try await database.mayRead(conversation: record.conversation, person: person) || seesAll else {
                continue
            }
            list.append(
                OpenApproval(view: try await view(of: record, for: viewer), conversation: record.conversation))
        }
        return list
    }

    /// The question as `person` has it: whether it is theirs, and how far their yes may reach.
    func view(_ view: ApprovalView, for person: PersonID) async -> ApprovalView {
        // What cannot be found out is nobody's; the answer is checked in any case.
        guard let record = try? await database.approval(view.id), let viewer = try? await database.person(person),
            let own = try? await self.view(of: record, for: viewer)
        else { return view }
        return own
    }

    private func view(of record: ApprovalRecord, for viewer: PersonRecord) async throws -> ApprovalView {
        var view = Self.view(of: record)
        let approvers = Approvers(rawValue: record.approvers) ?? .admins
        let hasSpoken = try await database.hasSpoken(viewer.id, for: record.requester, in: record.conversation)
        view.isYours =
            viewer.isActive && approvers.permits(viewer.id, role: viewer.role, requester: record.requester)
            && !(approvers == .secondPerson && hasSpoken)
        view.scopes = view.isYours ? grants.scopes(record, for: viewer, hasSpoken: hasSpoken) : []
        return view
    }

    private static func view(of record: ApprovalRecord) -> ApprovalView {
        ApprovalView(
            id: record.id, tool: record.tool, effect: record.effect,
            arguments: (try? JSONValue(parsing: Array(record.arguments.utf8))) ?? .null, reason: record.reason,
            requester: record.requesterName, expires: record.expires, rule: record.rule,
            approvers: (Approvers(rawValue: record.approvers) ?? .admins).inWords, labels: record.labels,
            isExact: record.offer?.isExact ?? true)
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
