package import Audit
package import Harness
package import LeakScan
package import Model
package import Store
internal import MCP
internal import Policy
internal import ToolServers

/// Where the gate's questions wait for people: for a while with whoever asked, then by themselves in the store.
package actor ApprovalDesk: Approver {
    let database: Database
    private let hub: EventHub
    private let grants: GrantDesk
    private let leaks: LeakGuard
    private let clock: WallClock
    private let limits: Reloadable<ConversationLimits>
    private let identifiers: IdentifierSource
    /// By tool.
    private let openings: [String: any AnswerOpening]
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
        database: Database, hub: EventHub, audit: AuditLog, redactor: any CallRedactor, clock: WallClock,
        leaks: LeakGuard = LeakGuard(), limits: Reloadable<ConversationLimits>,
        identifiers: IdentifierSource = IdentifierSource()
    ) {
        self.init(
            database: database, hub: hub, audit: audit, redactor: redactor, clock: clock, leaks: leaks, limits: limits,
            identifiers: identifiers, openings: [])
    }

    /// `openings`: of tools whose answers can open something; each tool's once.
    init(
        database: Database, hub: EventHub, audit: AuditLog, redactor: any CallRedactor, clock: WallClock,
        leaks: LeakGuard, limits: Reloadable<ConversationLimits>, identifiers: IdentifierSource,
        openings: [any AnswerOpening]
    ) {
        self.database = database
        self.hub = hub
        grants = GrantDesk(database: database, audit: audit, redactor: redactor)
        self.leaks = leaks
        self.clock = clock
        self.limits = limits
        self.identifiers = identifiers
        self.openings = Dictionary(openings.map { ($0.tool, $0) }) { first, _ in first }
    }

    /// How many questions somebody waits for the answer of.
    package var openQuestions: Int { questions.count }

    package func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer {
        // Known here before it is stored, so that whatever becomes of it from then on finds it.
        let id: ApprovalID = identifiers.make()
        questions[id] = .asking
        defer { questions[id] = nil }
        let now = clock.now()
        let time = min(limits.current.approval, request.expires)
        let record = try await database.createApproval(
            ApprovalDraft(
                id: id, call: request.call, session: request.session, conversation: request.conversation,
                requester: request.requester, tool: request.tool, effect: request.effect,
                arguments: JSONValue.object(request.arguments).text, argumentsDigest: request.argumentsDigest,
                policyDigest: request.policyDigest, rule: request.rule.text, reason: request.reason,
                approvers: request.approvers.rawValue, expires: now.advanced(by: time),
                reminder: limits.current.reminder(within: time).map { now.advanced(by: $0) },
                evidence: JSONValue.object(request.evidence.json).text, labels: request.labels, offer: request.offer))
        let reach = EventHub.Reach(soleReader: try await database.soleReader(of: request.session))
        hub.publish(.approval(Self.view(of: record)), in: request.conversation, to: reach)
        hub.publish(.state("Waiting for an approval"), in: request.conversation)
        var answer = await answer(to: record)
        switch answer {
        case .suspended: return answer
        case .expired: break
        case .allowed, .denied:
            // Either this call has the answer, or it comes back to another: never both.
            if try await !database.takeAnswer(id, isHeld: true) {
                answer = .suspended(id)
            }
        }
        if case .settled(_, let words)? = questions[id] {
            hub.publish(.approvalClosed(id, outcome: words), in: request.conversation)
        }
        return answer
    }

    package func take(_ approval: ApprovalID) async throws -> Bool {
        try await database.takeAnswer(approval, isHeld: false)
    }

    /// What comes first: an answer, the end of the question, the end of whoever asks, or of the time that he waits. What
    /// has no turn to go on with is waited for to the end.
    private func answer(to record: ApprovalRecord) async -> ApprovalAnswer {
        await withTaskGroup(of: ApprovalAnswer?.self) { group in
            group.addTask { await self.wait(for: record.id) }
            if record.turn != nil {
                let hold = limits.current.approvalHold
                group.addTask {
                    // Again where the store does not take it now; the containers are held the longer.
                    var pause = hold
                    while (try? await Task.sleep(for: pause)) != nil {
                        if await self.suspend(session: record.session) { break }
                        pause = .seconds(5)
                    }
                    return nil
                }
            }
            var answer: ApprovalAnswer?
            for await next in group {
                guard let next else { continue }
                answer = next
                group.cancelAll()
            }
            return answer ?? .expired
        }
    }

    private func wait(for id: ApprovalID) async -> ApprovalAnswer {
        await withTaskCancellationHandler {
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
    }

    /// The session's open turn waits for its questions no more; they stay. False where the store did not take it.
    func suspend(session: SessionID) async -> Bool {
        guard let waiting = try? await database.suspendQuestions(of: session) else { return false }
        for record in waiting { settle(record.id, .suspended(record.id), words: "suspended") }
        return true
    }

    /// An answer that counted. `isOnceOnly`: it was to hold for longer, and that could not be recorded.
    package struct Answered: Sendable {
        package let record: ApprovalRecord
        package let isOnceOnly: Bool
    }

    /// A person's answer. What was decided is in the store before anybody acts on it. With a `scope` a yes is good for
    /// more than this call, from when that stands in the audit.
    @discardableResult
    package func answer(
        _ id: ApprovalID, allow: Bool, scope: GrantScope? = nil, reason: String? = nil, by person: PersonID
    ) async throws -> Answered {
        guard let record = try await database.approval(id),
            let (answerer, approvers, right) = try await place(of: person, in: record)
        else { throw ChatError(.notFound, "There is no such question.") }
        let words = reason.flatMap { $0.isEmpty ? nil : $0 }
        guard words?.utf8.count ?? 0 <= Self.longestReason else {
            throw ChatError(.tooLarge, "A reason may have \(Self.longestReason) bytes at most.")
        }
        guard right != .alsoAsked else {
            throw ChatError(
                .forbidden, "You have spoken for the person who asks, in this conversation: it takes somebody else.")
        }
        guard right.isGiven else {
            throw ChatError(.forbidden, "This is not yours to decide, but that of \(approvers.inWords).")
        }
        var grant: GrantDraft?
        var opening: Opening?
        if let scope, allow {
            guard scopes(record, for: answerer, right).contains(scope) else {
                throw ChatError(
                    .forbidden, "Your answer to this question can only be good for a smaller scope, or once.")
            }
            opening = try await self.opening(scope, of: record)
            grant = opening != nil ? nil : GrantDraft(id: identifiers.make(), scope: scope)
        }
        switch try await database.decideApproval(
            id, allow: allow, by: person, for: right.place?.person, note: words, grant: grant)
        {
        case .decided(let decided):
            let answer: ApprovalAnswer = allow ? .allowed(by: person) : .denied(by: person, reason: words)
            let place = right.place.map { " for \($0.name)" } ?? ""
            let reach =
                switch allow ? scope : nil {
                case .conversation: ", for this conversation"
                case .channel: ", always here"
                case .company: ", for the company"
                case nil: ""
                }
            let outcome = "\(allow ? "allowed" : "denied") by \(answerer.name)\(place)\(reach)"
            // First, so that the next call finds it; and the answer counts whatever becomes of it.
            defer { settle(decided.id, answer, words: outcome, in: decided.conversation) }
            if let opening {
                do {
                    try await opening(person)
                } catch {
                    return Answered(record: decided, isOnceOnly: true)
                }
            }
            if let grant {
                do {
                    try await grants.record(grant.id)
                } catch {
                    return Answered(record: decided, isOnceOnly: true)
                }
            }
            return Answered(record: decided, isOnceOnly: false)
        case .tooLate(let closed): throw ChatError(.conflict, closed.whyLate)
        case .already(let earlier): throw ChatError(.conflict, earlier.whyAlready(to: person, allow: allow))
        }
    }

    private static let longestReason = 1000

    /// How far a yes may reach: of what it opens, for those who may open it anyway.
    private func scopes(_ record: ApprovalRecord, for person: Answerer, _ right: AnswerRight) -> [GrantScope] {
        guard let opening = openings[record.tool] else { return grants.scopes(record, for: person, right) }
        guard right == .own, person.role == .owner || person.role == .admin, !person.hasSpoken else { return [] }
        return opening.scopes
    }

    private func opening(_ scope: GrantScope, of record: ApprovalRecord) async throws -> Opening? {
        guard let opening = openings[record.tool] else { return nil }
        guard let conversation = try await database.conversation(record.conversation) else {
            throw ChatError(.notFound, "The conversation this was asked in is no more.")
        }
        return try opening.opening(scope, of: record, in: conversation.channel)
    }

    /// How `person` stands to a question; `nil` where it is not theirs to see. Whom the policy names sees what it names
    /// them for, wherever it was asked, and so does a deputy; a second person is one of those who read the place.
    func place(
        of person: PersonID, in record: ApprovalRecord
    ) async throws -> (Answerer, Approvers, AnswerRight)? {
        guard
            let answerer = try await database.answerer(person, for: record.requester, in: record.conversation)
        else { return nil }
        let approvers = Approvers(rawValue: record.approvers) ?? .admins
        let right = approvers.right(of: answerer, requester: record.requester)
        let isAsked = approvers != .secondPerson && right.isGiven
        guard
            try await database.mayRead(questionOf: record.session, in: record.conversation, person: person) || isAsked
                || answerer.seesAll && (right.isGiven || !record.labels.contains(.private))
        else { return nil }
        return (answerer, approvers, right)
    }

    /// What waits for an answer and this person may see.
    func open(for person: PersonID) async throws -> [OpenApproval] {
        guard let viewer = try await database.person(person), viewer.isActive else { return [] }
        let seesAll = viewer.role == .owner || viewer.role == .admin
        var list: [OpenApproval] = []
        for record in try await database.pendingApprovals(for: person, seesAll: seesAll) {
            guard let view = try await view(of: record, for: person) else { continue }
            list.append(OpenApproval(view: view, conversation: record.conversation))
        }
        return list
    }

    /// The question as `person` has it: whether it is theirs, and how far their yes may reach.
    func view(_ view: ApprovalView, for person: PersonID) async -> ApprovalView {
        // What cannot be found out is nobody's; the answer is checked in any case.
        guard let record = try? await database.approval(view.id),
            let own = try? await self.view(of: record, for: person)
        else { return view.withheld }
        return own
    }

    /// `nil` where it is not this person's to see.
    func view(of record: ApprovalRecord, for person: PersonID) async throws -> ApprovalView? {
        guard let (answerer, _, right) = try await place(of: person, in: record) else { return nil }
        var view = try screened(Self.view(of: record), of: record, isWhole: right.isGiven || person == record.requester)
        view.approvers += right.place.map { " (you in the place of \($0.name))" } ?? ""
        view.isYours = right.isGiven
        view.scopes = scopes(record, for: answerer, right)
        return view
    }

    /// Without secrets: whoever decides has to know that one goes there, and need not read it. Where it is not shown
    /// `isWhole`, as whoever only looks on sees it: with what the list of calls shows.
    func screened(_ view: ApprovalView, of record: ApprovalRecord, isWhole: Bool) throws -> ApprovalView {
        var view = view
        let subject = LeakSubject(requester: record.requester)
        view.arguments = leaks.screened(view.arguments, in: subject).value
        view.details = view.details.map { leaks.screened($0, in: subject).value }
        view.reason = leaks.screened(view.reason, in: subject).value
        guard !isWhole else { return view }
        let arguments = try grants.redactor.redacted(
            view.arguments.objectValue ?? [:], of: record.tool,
            secret: BuiltInTool.secretArguments(of: record.tool), for: record.requester
        ).arguments
        view.arguments = .object(arguments)
        view.details = nil
        return view
    }

    static func view(of record: ApprovalRecord) -> ApprovalView {
        ApprovalView(
            id: record.id, tool: record.tool, effect: record.effect,
            arguments: (try? JSONValue(parsing: Array(record.arguments.utf8))) ?? .null, reason: record.reason,
            requester: record.requesterName, expires: record.expires, rule: record.rule,
            approvers: (Approvers(rawValue: record.approvers) ?? .admins).inWords,
            details: record.evidence.flatMap { try? JSONValue(parsing: $0) }.flatMap(Evidence.init(json:))?.text,
            labels: record.labels, isExact: record.offer?.isExact ?? true)
    }

    /// Questions past their time; called every few seconds. Returns those that nobody waited for.
    @discardableResult
    package func expire() async throws -> [ApprovalNotice] {
        let expired = try await database.expireApprovals()
        for closed in expired { settle(closed.id, .expired, words: "expired", in: closed.approval.conversation) }
        return expired.filter { $0.approval.suspended != nil }
    }

    package func withdraw(session: SessionID) async {
        guard let withdrawn = try? await database.withdrawApprovals(session: session) else { return }
        for record in withdrawn { settle(record.id, .expired, words: "withdrawn", in: record.conversation) }
    }

    /// What `requester` asked there before, and nobody waits for.
    func withdraw(in conversation: ConversationID, of requester: PersonID) async throws -> [ApprovalRecord] {
        let withdrawn = try await database.withdrawSuspended(in: conversation, of: requester)
        for record in withdrawn { settle(record.id, .expired, words: "withdrawn", in: record.conversation) }
        return withdrawn
    }

    /// Questions of people who may not come in any more, those nobody here waits for included.
    @discardableResult
    package func withdrawOfTheInactive() async throws -> [ApprovalRecord] {
        let withdrawn = try await database.withdrawApprovalsOfTheInactive()
        for record in withdrawn { settle(record.id, .expired, words: "withdrawn", in: record.conversation) }
        return withdrawn
    }

    /// Says, where `person` was named to answer and cannot any more, who can.
    package func tellWhoAnswers(without person: PersonID) async {
        guard let gone = try? await database.person(person), let open = try? await database.pendingApprovals(),
            let people = try? await database.people()
        else { return }
        for record in open {
            guard let approvers = Approvers(rawValue: record.approvers), approvers.names(gone.id, called: gone.name)
            else { continue }
            var left: [String] = []
            for candidate in people where candidate.isActive {
                guard let place = try? await place(of: candidate.id, in: record), place.2.isGiven else { continue }
                left.append(candidate.name + (place.2.place.map { " for \($0.name)" } ?? ""))
            }
            let rest =
                left.isEmpty
                ? "Nobody who may is left; an admin can name somebody in the policy."
                : "Those who may: \(left.joined(separator: ", "))."
            hub.publish(
                .state("\(gone.name) cannot answer what waits here (\(record.tool)) any more. \(rest)"),
                in: record.conversation)
        }
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

extension ApprovalView {
    /// For those of whom it cannot be told whether it is theirs to see.
    fileprivate var withheld: ApprovalView {
        var view = self
        view.arguments = .null
        view.details = nil
        view.isYours = false
        view.scopes = []
        return view
    }
}

extension Answerer {
    fileprivate var seesAll: Bool { role == .owner || role == .admin }
}
