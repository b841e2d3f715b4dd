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
        let targets = try await targets(for: received, of: session)
        guard let first = targets.first else { return }
        // Before it is searched: what the session may not ask costs no search.
        let turn = try await use(
            ProviderRequest(target: target, model: first.model, request: received), session: session.session)
        let request = try await withoutSecrets(received, session)
        let asked = ProviderRequest(target: target, model: first.model, request: request)
        let call = ModelCall(
            exchange: exchange, request: asked, session: session, turn: turn, target: first,
            services: ModelCall.Services(
                recorder: recorder, observer: observer, clock: clock, price: price,
                deadline: configuration.limits.callDeadline))
        await call.run(
            Failover(
                targets: targets.compactMap { target in providers[target.provider].map { (target, $0) } }, board: board,
                session: session.session, clock: clock, logger: logger))
    }

    private nonisolated func price(of target: ModelTarget) -> ModelPrice {
        if case .offline = configuration.providers[target.provider] { return .free }
        return target.price == "free" ? .free : configuration.prices.price(of: target.price ?? target.model)
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
