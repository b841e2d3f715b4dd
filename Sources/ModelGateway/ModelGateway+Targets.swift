internal import Logging
package import Model

/// Whether a call of some channel and tier would find a model.
package enum ModelAvailability: Hashable, Sendable {
    case available
    /// One call may find out; others had better wait for what becomes of it.
    case worthATry
    /// None before this has passed.
    case unavailable(Duration)
}

/// A model a call may go to, at what it costs now.
struct PricedTarget: Sendable {
    var target: ModelTarget
    var price: ModelPrice
}

extension ModelGateway {
    /// The targets a call may go to, first the one its session is at home at. Throws where there are none: failing over
    /// never reaches a provider that may not see what is asked.
    nonisolated func targets(
        for request: MessagesRequest, of session: ModelSession, tier: ModelTier
    ) async throws(APIError) -> [PricedTarget] {
        let all = configuration.targets[tier] ?? []
        guard !all.isEmpty else {
            throw APIError(
                503, .api,
                "No model is configured for the tier \(tier.rawValue). An administrator has to name one.",
                shouldRetry: false)
        }
        var fitting = all
        if !all.allSatisfy(\.takesEverything) {
            let labels = all.allSatisfy(\.takesEverySession) ? [] : await labels(of: session)
            let needs = CallNeeds(request, labels: labels, channel: session.channel)
            let obstacles = all.map { $0.obstacle(to: needs) }
            fitting = zip(all, obstacles).filter { $0.1 == nil }.map(\.0)
            if fitting.isEmpty { throw Self.nobody(obstacles.compactMap { $0 }, tier: tier, labels: labels) }
        }
        return try priced(board.ordered(fitting, session: session.session, now: clock.uptime()))
    }

    /// Those whose calls can be billed: what nobody knows the price of is never taken for free.
    private nonisolated func priced(_ targets: [ModelTarget]) throws(APIError) -> [PricedTarget] {
        let now = clock.now()
        let priced = targets.compactMap { target in
            configuration.price(of: target, at: now).map { PricedTarget(target: target, price: $0) }
        }
        guard priced.isEmpty, let first = targets.first else { return priced }
        throw APIError(
            503, .api,
            "The price book has no price for the model \(first.model), so it is not called. An administrator has to add "
                + "it.", shouldRetry: false)
    }

    /// Where it cannot be told what the session has seen, it is taken to have seen everything.
    private nonisolated func labels(of session: ModelSession) async -> Labels {
        do {
            return try await sessionLabels(session.session)
        } catch {
            logger.error(
                "the labels of a session cannot be read; it is taken for private", metadata: ["error": "\(error)"])
            return [.untrusted, .private]
        }
    }

    private static func nobody(_ obstacles: [TargetObstacle], tier: ModelTier, labels: Labels) -> APIError {
        // Of those that may see it at all, what kept the last of them back.
        switch obstacles.last(where: { $0 != .trust }) {
        case .length:
            return .refused(
                "prompt is too long: no model of the tier \(tier.rawValue) takes a conversation of this length.")
        case .images: return .refused("No model of the tier \(tier.rawValue) can see images.")
        case .tools: return .refused("No model of the tier \(tier.rawValue) can use tools.")
        case .trust, nil:
            let what =
                labels.names.isEmpty
                ? "what is said in this channel" : "\(labels.names.joined(separator: " and ")) data"
            return APIError(
                403, .permission,
                "The company trusts no model of the tier \(tier.rawValue) with \(what). An administrator can name one that it does.",
                shouldRetry: false)
        }
    }

    /// As far as the channel decides; what a session has seen is not known before it asks.
    package nonisolated func availability(of tier: ModelTier, in channel: ChannelID) -> ModelAvailability {
        let now = clock.uptime()
        let breakers = (configuration.targets[tier] ?? []).filter { $0.mayServe(channel) }
            .map { board.breaker(of: $0.id) }
        // Where nobody may serve it a call says so; there is nothing to wait for.
        guard !breakers.isEmpty else { return .available }
        let isClosed = breakers.contains { if case .closed = $0.state { true } else { false } }
        if isClosed { return .available }
        let waits = breakers.compactMap { $0.wait(now: now) }
        guard waits.count == breakers.count, let soonest = waits.min() else { return .worthATry }
        return .unavailable(soonest)
    }
}
