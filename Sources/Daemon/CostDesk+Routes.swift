internal import Conversations
internal import MCP
internal import Model
internal import Routing
internal import Store

extension CostDesk {
    func routes(since: Timestamp?, candidate: [Double]?, for person: Person) async throws -> JSONObject {
        let plan = routing.current
        let now = database.clock.now()
        let start = since ?? now.advanced(by: .zero - .seconds(7 * 86_400))
        var tried: RouteThresholds?
        if let candidate {
            guard candidate.count == 2, let given = RouteThresholds(balanced: candidate[0], best: candidate[1]) else {
                throw ChatError(.invalid, "Thresholds are two numbers from 0 to 1, the smaller first.")
            }
            tried = given
        }
        let outcomes = try await database.routeOutcomes(since: start)
        let turns = outcomes.map(RouteReplay.Turn.init)
        func replay(_ name: String, _ thresholds: RouteThresholds, highest: RouteTier = .best) -> JSONValue {
            let shares = RouteReplay.shares(of: turns, with: thresholds, highest: highest, prices: plan.prices)
            var counts: JSONObject = [:]
            for tier in RouteTier.allCases { counts[tier.rawValue] = .int(Int64(shares[tier]?.turns ?? 0)) }
            return [
                "name": .string(name),
                "thresholds": [.double(thresholds.balanced), .double(thresholds.best)],
                "turns": .object(counts),
                "microdollars": .int(shares.values.reduce(0) { $0 + $1.microdollars }),
            ]
        }
        var others = [replay("as configured", plan.policy.thresholds, highest: plan.policy.highest)]
        if let tried { others.append(replay("as asked", tried, highest: plan.policy.highest)) }
        if let shadow = plan.policy.shadow { others.append(replay("shadow", shadow, highest: plan.policy.highest)) }
        for (name, balanced, best) in [("all fast", 1.0, 1.0), ("all balanced", 0, 1), ("all best", 0, 0)] {
            if let thresholds = RouteThresholds(balanced: balanced, best: best) {
                others.append(replay(name, thresholds))
            }
        }
        let shadowed = outcomes.filter { $0.route.shadow != nil }
        return [
            "since": .string(start.rfc3339), "until": .string(now.rfc3339), "decisions": .int(Int64(outcomes.count)),
            "microdollars": .int(outcomes.reduce(0) { $0 + $1.microdollars }),
            "tiers": .array(RouteTier.allCases.map { Self.json($0, outcomes) }),
            "raised": .int(Int64(outcomes.count { $0.switches > 0 })),
            "requested": .int(Int64(outcomes.count { $0.route.requested != nil })),
            "throttled": .int(Int64(outcomes.count { $0.route.isThrottled })),
            "shadow": [
                "decisions": .int(Int64(shadowed.count)),
                "other": .int(Int64(shadowed.count { $0.route.shadow != $0.route.routed })),
            ],
            "thresholds": .array(others),
        ]
    }

    private static func json(_ tier: RouteTier, _ outcomes: [RouteOutcome]) -> JSONValue {
        let own = outcomes.filter { $0.route.tier == tier.rawValue }
        return [
            "tier": .string(tier.rawValue), "turns": .int(Int64(own.count)),
            "calls": .int(own.reduce(0) { $0 + Int64($1.calls) }),
            "microdollars": .int(own.reduce(0) { $0 + $1.microdollars }),
            "failed": .int(Int64(own.count { $0.route.outcome == "failed" })),
            "bad": .int(Int64(own.count { $0.isBad })),
        ]
    }
}

extension RouteReplay.Turn {
    init(_ outcome: RouteOutcome) {
        self.init(
            score: outcome.route.score, tier: RouteTier(rawValue: outcome.route.tier) ?? .balanced,
            isFixed: outcome.route.requested == outcome.route.tier || outcome.route.isThrottled,
            input: outcome.inputTokens, cacheRead: outcome.cacheReadTokens, cacheWrite: outcome.cacheWriteTokens,
            output: outcome.outputTokens, microdollars: outcome.microdollars)
    }
}
