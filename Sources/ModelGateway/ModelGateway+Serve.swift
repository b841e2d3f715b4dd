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
        let grant = try await grant(for: target, session: session.session)
        let targets = try await targets(for: received, of: session, tier: grant?.tier ?? .balanced)
        guard let first = targets.first else { return }
        // Before it is searched: what the session may not ask costs no search.
        try await use(received, under: grant, session: session.session)
        let request = try await withoutSecrets(received, session)
        // The last thing before the call, whose record gives it back: nothing between the two can fail.
        let reservation = try await reserve(request, session, grant, targets)
        let prices = Dictionary(targets.map { ($0.target.id, $0.price) }) { first, _ in first }
        let call = ModelCall(
            exchange: exchange, request: ProviderRequest(target: target, model: first.target.model, request: request),
            session: session, grant: grant, reservation: reservation, target: first.target,
            services: ModelCall.Services(
                recorder: recorder, observer: observer, clock: clock,
                price: { prices[$0.id] ?? first.price },
                deadline: configuration.limits.callDeadline))
        await call.run(
            Failover(
                targets: targets.compactMap { priced in
                    providers[priced.target.provider].map { (priced.target, $0) }
                }, board: board, session: session.session, clock: clock, logger: logger))
    }

    /// The most it may cost at whichever target answers, set aside. Where it cannot be told whether there is money, there
    /// is none.
    private nonisolated func reserve(
        _ request: MessagesRequest, _ session: ModelSession, _ grant: ModelGrant?, _ targets: [PricedTarget]
    ) async throws(APIError) -> ReservationID? {
        guard let grant, let first = targets.first else { return nil }
        let most = targets.map { CallEstimate.microdollars(request, at: $0.price) }.max() ?? 0
        do {
            return try await budget.reserve(
                PlannedCall(
                    session: session, turn: grant.turn, work: grant.work, tier: grant.tier,
                    provider: first.target.provider, model: first.target.model, microdollars: most))
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
