internal import Logging
internal import Model

extension ModelGateway {
    /// Answers one request: who, what, may it, then the call.
    nonisolated func serve(_ exchange: Exchange, providers: [String: any Provider]) async {
        do {
            guard let session = await session(of: exchange.compartment) else {
                throw APIError(
                    403, .permission, "This sandbox is not assigned to a conversation, so it may not use the model.",
                    shouldRetry: false)
            }
            let target = try RequestTarget(exchange.request)
            if target == .hello {
                return try await exchange.answer(status: 200, headers: [("content-type", "application/json")], body: [])
            }
            try await call(target, exchange, session, providers)
        } catch let error as APIError {
            logger.notice(
                "model request refused",
                metadata: [
                    "compartment": .string(exchange.compartment.rawValue), "status": .stringConvertible(error.status),
                    "reason": .string(error.message),
                ])
            try? await exchange.answer(error)
        } catch {
            // The client is gone; nobody is left to tell.
            exchange.abort()
        }
    }

    private nonisolated func call(
        _ target: RequestTarget, _ exchange: Exchange, _ session: ModelSession, _ providers: [String: any Provider]
    ) async throws {
        let request = try MessagesRequest(
            exchange.request, target: target, grantedBetas: configuration.grantedBetas, limits: configuration.limits)
        guard let destination = configuration.tiers[session.tier], let provider = providers[destination.provider] else {
            throw APIError(
                503, .api,
                "No model is configured for the tier \(session.tier.rawValue). An administrator has to name one.",
                shouldRetry: false)
        }
        guard await enter(exchange, session: session.session) else {
            throw APIError(
                429, .rateLimit,
                "This session has \(configuration.limits.maximumCallsPerSession) calls under way, which is the limit.",
                retryAfter: 1)
        }
        let call = ModelCall(
            exchange: exchange,
            request: ProviderRequest(target: target, model: destination.model, request: request), session: session,
            providerName: destination.provider,
            services: ModelCall.Services(
                recorder: recorder, observer: observer, clock: clock,
                price: provider is OfflineProvider ? .free : configuration.prices.price(of: destination.model),
                deadline: configuration.limits.callDeadline))
        await call.run(provider)
        await leave(exchange, session: session.session)
    }
}
