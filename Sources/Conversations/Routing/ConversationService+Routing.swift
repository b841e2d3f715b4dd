internal import Budgets
internal import MCP
internal import Model
internal import Routing
internal import Store

/// The tier of a turn that runs, and what it may become.
struct RunningRoute: Sendable {
    var tier: RouteTier
    let started: RouteTier
    let ceiling: RouteTier
    let isRequested: Bool
    /// Tool calls of the turn that were judged with an earlier tier.
    var judged = 0
}

// Which tier a turn gets. Code decides, by what is seen of the text and of the session; what a request of the agent's says
// of models counts for nothing, and so do words in a text.
extension ConversationService {
    /// How long a provider keeps a prefix it was sent, unless asked for longer.
    private static var cacheLife: Duration { .seconds(5 * 60) }

    /// What the turn may take of the model. Where nothing can be told of it, the middle tier: never a dearer one by accident.
    func leave(for turn: MessageID, _ batch: [MessageRecord], _ live: LiveSession) async -> TurnLeave {
        var leave = TurnLeave(calls: limits.modelCallsPerTurn, outputTokens: limits.outputTokens)
        do {
            let subject = try await subject(of: turn, live)
            (leave.task, leave.run, leave.runLimit) = (subject.task, subject.run, subject.runLimit)
            let choice = try await choose(turn, batch, live, subject)
            routes[turn] = RunningRoute(
                tier: choice.tier, started: choice.tier, ceiling: choice.ceiling, isRequested: choice.isRequested)
            leave.tier = choice.tier
        } catch is CancellationError {
            // The turn does not begin.
        } catch {
            complain("a turn takes the tier balanced without a decision", error)
        }
        return leave
    }

    private func subject(of turn: MessageID, _ live: LiveSession) async throws -> BudgetSubject {
        let description = live.description
        guard let conversation = try await database.conversation(description.conversation) else {
            throw StoreError(.notFound, "There is no conversation \(description.conversation).")
        }
        return try await account(of: turn, description.requester, conversation, session: live.id)
    }

    private func choose(
        _ turn: MessageID, _ batch: [MessageRecord], _ live: LiveSession, _ subject: BudgetSubject
    ) async throws -> RouteChoice {
        let plan = parts.routing.current
        let description = live.description
        let facts = try await database.routeFacts(before: turn, session: live.id)
        var session = SessionFeatures()
        session.place = try await database.channel(description.channel)?.kind == .dm ? .directMessage : .room
        for message in batch { session.attachments += try await database.entry(message.id)?.attachments.count ?? 0 }
        (session.depth, session.toolCalls, session.failedCalls) = (facts.depth, facts.toolCalls, facts.failedCalls)
        session.previousScore = facts.previous?.score
        var requested = batch.compactMap { $0.tier.flatMap(RouteTier.init(rawValue:)) }.last
        if let task = subject.task {
            session.task = .scheduled
            requested = try await database.task(TaskID(trusted: task)).flatMap { RouteTier(rawValue: $0.content.tier) }
        }
        let isThrottled = try await standing(of: turn, live, subject)
        // What the harness says when it goes on with something says nothing of the work.
        let text = batch.filter { !$0.isContinuation }.map(\.text).joined(separator: "\n")
        let choice = RouteChoice(
            TextFeatures(text), session, requested: requested,
            mayAsk: try await mayAsk(description.requester, batch, plan), isThrottled: isThrottled,
            history: history(facts, plan), policy: plan.policy)
        var record = RouteRecord(
            turn: turn, session: live.id, conversation: description.conversation, channel: description.channel,
            requester: description.requester, at: parts.clock.now(), version: choice.decision.version,
            score: choice.decision.score, routed: choice.routed.rawValue, tier: choice.tier.rawValue,
            reason: choice.reason, features: Self.features(choice.decision).text)
        record.requested = requested?.rawValue
        record.isThrottled = choice.isThrottled
        record.shadow = choice.shadow?.rawValue
        try await database.saveRoute(record)
        return choice
    }

    private func history(_ facts: RouteFacts, _ plan: RoutingPlan) -> RouteHistory {
        var history = RouteHistory()
        history.tier = facts.previous.flatMap { RouteTier(rawValue: $0.tier) }
        history.evidence.wasToldWrong = facts.wasToldWrong
        history.evidence.goodTurns = facts.goodTurns
        let now = parts.clock.now()
        guard let last = facts.lastCall, now.duration(since: last) < Self.cacheLife else { return history }
        let (tokens, prices) = (facts.lastTokens, plan.prices)
        history.prices = { current, other in
            guard let now = prices[current], let then = prices[other] else { return nil }
            return SwitchPrices(
                current: now, other: then, cachedTokens: tokens, expectedCalls: 6, newTokensPerCall: 2_000,
                outputTokensPerCall: 600)
        }
        return history
    }

    /// What an admin asks for in somebody's name is that person's wish, no more.
    private func mayAsk(_ person: PersonID, _ batch: [MessageRecord], _ plan: RoutingPlan) async throws -> Bool {
        guard let record = try await database.person(person), !batch.contains(where: \.isRelayed) else { return false }
        let isAdmin = record.role == .owner || record.role == .admin
        switch plan.requests {
        case .everybody: return true
        case .nobody: return false
        case .admins: return isAdmin
        case .named: return isAdmin || plan.named.contains(record.name)
        }
    }

    /// Whether a budget has reached its throttle level. What people are to be told of budgets is kept with the turn.
    private func standing(
        of turn: MessageID, _ live: LiveSession, _ subject: BudgetSubject
    ) async throws -> Bool {
        let person = live.description.requester
        var isThrottled = false
        for balance in try await database.balances(of: subject, in: parts.budgets.current) {
            if balance.reaches(.throttle) { isThrottled = true }
            for level in [BudgetLevel.soft, .throttle] where balance.reaches(level) {
                let text =
                    "\(balance.account.inWords(level)) is reached: \(Dollars.text(balance.spent)) are spent"
                    + (level == .throttle ? ", so turns run one tier lower." : ".")
                _ = try await database.warn(person, of: balance.account, level, in: turn, text: text)
            }
        }
        return isThrottled
    }

    /// Looks at how the turn goes after a tool call that did not go well: on evidence it goes on with the next dearer tier.
    func reconsider(_ turn: MessageID, of live: LiveSession) async {
        guard let route = routes[turn] else { return }
        do {
            let calls = try await database.toolCalls(turn: turn)
            let evidence = TierEvidence(of: calls.dropFirst(route.judged))
            let verdict = TierSwitch.decide(
                current: route.tier, started: route.started, ceiling: route.ceiling, isRequested: route.isRequested,
                evidence: evidence, prices: nil)
            guard case .raise(let tier, let reason) = verdict, routes[turn]?.tier == route.tier else { return }
            routes[turn]?.tier = tier
            routes[turn]?.judged = calls.count
            await parts.doors.move(turn, of: live.id, to: tier)
            try await database.moveRoute(turn, to: tier.rawValue, because: reason)
        } catch {
            complain("a turn's tier is not looked at", error)
        }
    }

    func endRoute(_ turn: MessageID, _ outcome: TurnOutcome) async {
        guard routes.removeValue(forKey: turn) != nil else { return }
        let word =
            switch outcome {
            case .replied: "answered"
            case .cancelled: "cancelled"
            case .suspended: "suspended"
            case .failed: "failed"
            }
        do {
            try await database.endRoute(turn, word)
        } catch {
            complain("what became of a turn is not kept with its tier", error)
        }
    }

    private static func features(_ decision: RouteDecision) -> JSONValue {
        var features: JSONObject = [:]
        for feature in TextFeature.allCases where decision.text[feature] != 0 {
            features[feature.rawValue] = .double(decision.text[feature])
        }
        let session = decision.session
        features["session"] = [
            "place": .string(session.place.rawValue), "task": .string(session.task.rawValue),
            "attachments": .int(Int64(session.attachments)), "depth": .int(Int64(session.depth)),
            "tool_calls": .int(Int64(session.toolCalls)), "failed_calls": .int(Int64(session.failedCalls)),
        ]
        return .object(features)
    }
}

extension TierEvidence {
    /// Of a turn's calls since its tier last changed.
    init(of calls: some Sequence<ToolCallRecord>) {
        self.init()
        var inARow: [String: Int] = [:]
        for call in calls {
            switch call.state {
            case .failed:
                inARow[call.tool, default: 0] += 1
                repeatedFailures = max(repeatedFailures, inARow[call.tool] ?? 0)
            case .denied where Self.isMalformed(call): malformedCalls += 1
            case .done: inARow[call.tool] = 0
            default: break
            }
        }
    }

    /// The gate's own words: a call that no tool could have taken.
    private static func isMalformed(_ call: ToolCallRecord) -> Bool {
        ["The arguments do not fit", "There is no tool named"].contains { call.result?.hasPrefix($0) == true }
    }
}
