internal import Logging
internal import Model

/// One call over the targets it may go to: the first that can answer does. Once something of an answer has reached the
/// agent nobody else is asked, for it may have been acted on.
struct Failover: Provider {
    /// In the order they are asked in; each with its provider. Not empty.
    let targets: [(target: ModelTarget, provider: any Provider)]
    let board: TargetBoard
    let session: SessionID
    let clock: GatewayClock
    let logger: Logger

    func answer(_ request: ProviderRequest, into sink: any AnswerSink) async throws {
        var last: APIError?
        var isOutage = true
        for (target, provider) in targets {
            guard board.admit(target.id, now: clock.uptime()) else { continue }
            var request = request
            request.model = target.model
            request.outputTokens = target.outputTokens
            await sink.asks(target)
            do {
                try await provider.answer(request, into: sink)
                return board.succeeded(target.id, session: session, now: clock.uptime())
            } catch {
                let verdict = Verdict(error, isCancelled: Task.isCancelled)
                let hasBegun = await sink.hasPassedAnything
                note(verdict, of: target, hasBegun: hasBegun)
                if hasBegun { throw error }
                switch verdict {
                case .none, .request: throw error
                case .target(let failure):
                    tell(failure, of: target)
                    last = failure
                    isOutage = isOutage && failure.isTemporary
                }
            }
        }
        throw outcome(last, isOutage: isOutage)
    }

    /// Whose fault a failure is.
    private enum Verdict {
        /// Nobody's: the call is over.
        case none
        /// The request's: every target would refuse it.
        case request
        case target(APIError)

        init(_ error: any Error, isCancelled: Bool) {
            if isCancelled || error is CancellationError {
                self = .none
            } else if let error = error as? APIError {
                self = [400, 413].contains(error.status) ? .request : .target(error)
            } else {
                // A key that cannot be read, and the like.
                self = .target(APIError(500, .api, "The call failed in the gateway: \(error).", shouldRetry: false))
            }
        }
    }

    /// The operator: people hear only of what nobody answered.
    private func tell(_ failure: APIError, of target: ModelTarget) {
        logger.warning(
            "a model did not answer",
            metadata: [
                "provider": .string(target.provider), "model": .string(target.model),
                "status": .stringConvertible(failure.status), "reason": .string(String(failure.message.prefix(300))),
                "rests": .stringConvertible(board.breaker(of: target.id).wait(now: clock.uptime()) != nil),
            ])
    }

    private func note(_ verdict: Verdict, of target: ModelTarget, hasBegun: Bool) {
        switch verdict {
        case .none: board.abandoned(target.id, now: clock.uptime())
        case .request: board.answered(target.id)
        // One that takes its time for ever is as good as not there: the next call should not wait for it too.
        case .target(let error) where error.isTemporary || (error.status == 504 && !hasBegun):
            board.failed(target.id, now: clock.uptime(), rest: error.retryAfter.map { .seconds($0) })
        case .target: board.answered(target.id)
        }
    }

    /// `isOutage`: whoever was asked failed in a way that passes, and the others rest from such failures.
    private func outcome(_ last: APIError?, isOutage: Bool) -> APIError {
        guard var error = last else {
            let waits = targets.compactMap { board.breaker(of: $0.target.id).wait(now: clock.uptime()) }
            let seconds = Int(max(1, (waits.min() ?? .zero).components.seconds + 1))
            var error = APIError(
                503, .overloaded,
                "The model cannot be reached at the moment; it is tried again within \(seconds) seconds.",
                retryAfter: seconds, shouldRetry: false)
            error.outage = .certain
            return error
        }
        let now = clock.uptime()
        let rests = targets.allSatisfy { board.breaker(of: $0.target.id).wait(now: now) != nil }
        error.outage = isOutage ? (rests ? .certain : .suspected) : nil
        return error
    }
}
