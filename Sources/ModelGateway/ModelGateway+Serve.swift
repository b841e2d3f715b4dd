internal import LeakScan
internal import Logging
internal import Model

extension ModelGateway {
    /// Answers one request: who, what, may it, then the call.
    nonisolated func serve(_ exchange: Exchange, providers: [String: any Provider]) async {
        do {
            let (session, target) = try await caller(exchange)
            if target == .hello {
                return try await exchange.answer(status: 200, headers: [("content-type", "application/json")], body: [])
            }
            try await call(target, exchange, session, providers)
        } catch let error as APIError {
            let isWithinRate = await isWithinRate(exchange.compartment)
            logger.log(
                level: isWithinRate ? .notice : .debug, "model request refused",
                metadata: [
                    "compartment": .string(exchange.compartment.rawValue), "status": .stringConvertible(error.status),
                    "reason": .string(error.message),
                ])
            if isWithinRate {
                let refusal = ModelRefusal(
                    compartment: exchange.compartment, session: await owner(of: exchange.compartment),
                    status: error.status, reason: error.message)
                // A task of its own, awaited here: what was tried is on record although the client may be leaving.
                await Task { [recorder] in await recorder.refused(refusal) }.value
            }
            try? await exchange.answer(error)
        } catch {
            // The client is gone; nobody is left to tell.
            exchange.abort()
        }
    }

    private nonisolated func call(
        _ target: RequestTarget, _ exchange: Exchange, _ session: ModelSession, _ providers: [String: any Provider]
    ) async throws {
        try await enter(exchange, target, session: session.session)
        do {
            try await decoded(target, exchange, session, providers)
        } catch {
            await leave(exchange, session: session.session)
            throw error
        }
        await leave(exchange, session: session.session)
    }

    /// What has its place: its body is looked at now.
    private nonisolated func decoded(
        _ target: RequestTarget, _ exchange: Exchange, _ session: ModelSession, _ providers: [String: any Provider]
    ) async throws {
        let received = try MessagesRequest(
            exchange.request, target: target, grantedBetas: configuration.grantedBetas, limits: configuration.limits)
        // Before it is searched: what the session may not ask costs no search.
        let grant = try await use(received, for: target, session: session.session)
        var tier = grant?.tier
        if tier == nil { tier = await self.tier(of: session.session) }
        guard let tier, let destination = configuration.tiers[tier], let provider = providers[destination.provider]
        else {
            throw APIError(
                503, .api,
                "No model is configured for the tier \(tier?.rawValue ?? "asked for"). An administrator has to name one.",
                shouldRetry: false)
        }
        let request = try await withoutSecrets(received, session)
        let price = provider is OfflineProvider ? .free : configuration.prices.price(of: destination.model)
        // The last thing before the call, whose record gives it back: nothing between the two can fail.
        let reservation = try await reserve(request, session, grant, destination, price)
        let call = ModelCall(
            exchange: exchange, request: ProviderRequest(target: target, model: destination.model, request: request),
            session: session, grant: grant, reservation: reservation, providerName: destination.provider,
            services: ModelCall.Services(
                recorder: recorder, observer: observer, clock: clock, price: price,
                deadline: configuration.limits.callDeadline))
        await call.run(provider)
    }

    /// The most it may cost, set aside. Where it cannot be told whether there is money, there is none.
    private nonisolated func reserve(
        _ request: MessagesRequest, _ session: ModelSession, _ grant: ModelGrant?, _ target: ModelTarget,
        _ price: ModelPrice
    ) async throws(APIError) -> ReservationID? {
        guard let grant else { return nil }
        do {
            return try await budget.reserve(
                PlannedCall(
                    session: session, turn: grant.turn, work: grant.work, tier: grant.tier, provider: target.provider,
                    model: target.model, microdollars: CallEstimate.microdollars(request, at: price)))
        } catch let refusal as BudgetRefusal {
            throw APIError(402, .billing, refusal.message, shouldRetry: false)
        } catch {
            throw APIError(
                503, .api, "What the call may cost could not be set aside, so it was not made: \(error)",
                shouldRetry: false)
        }
    }

    /// The request as it may go to a provider. One in which nothing is found stays as it is, byte for byte.
    private nonisolated func withoutSecrets(
        _ request: MessagesRequest, _ session: ModelSession
    ) async throws(APIError) -> MessagesRequest {
        let subject = LeakSubject(
            session: session.session, requester: session.requester, channel: session.channel,
            conversation: session.conversation)
        let screened = leaks.leaks.screened(request.content, in: subject)
        guard !screened.findings.isEmpty else { return request }
        do {
            try await leaks.report(screened.findings, at: .modelRequest, subject)
        } catch {
            throw APIError(
                503, .api, "The request holds a secret, which could not be put on record, so it was not sent.",
                shouldRetry: false)
        }
        return request.replaced(by: screened.value)
    }
}
