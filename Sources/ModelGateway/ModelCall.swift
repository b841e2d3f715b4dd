internal import MCP
internal import Model
internal import NIOCore

/// One call from its admission to its record: passes the provider's answer to the client as it comes, meters it, and ends
/// exactly once, whatever ends first: the answer, the client's departure, a cancellation, a deadline.
actor ModelCall: AnswerSink {
    struct Services: Sendable {
        var recorder: any ModelCallRecorder
        var observer: any ModelStreamObserver
        var clock: GatewayClock
        var price: @Sendable (ModelTarget) -> ModelPrice
        var deadline: Duration
    }

    private let exchange: Exchange
    private let request: ProviderRequest
    private let session: ModelSession
    /// What it is made under; `nil` for one that costs nothing, of which nobody hears.
    private let grant: ModelGrant?
    private let reservation: ReservationID?
    /// Who is asked, or was last.
    private var target: ModelTarget
    private let services: Services
    private let started: Timestamp
    private let startedUptime: Duration

    private var attempts = 0
    private var providerRequestID: String?
    private var splitter = EventSplitter(maximumBytes: ModelCall.longestEvent)
    private var meter = StreamMeter()
    private var earlier: [(usage: TokenUsage, microdollars: Int64)] = []
    private(set) var hasPassedAnything = false
    private var wholeBody: [UInt8]?
    private var isFinished = false
    private var isRecorded = false

    /// One event of a stream: a tool's whole input can be in one.
    private static let longestEvent = 16 << 20

    init(
        exchange: Exchange, request: ProviderRequest, session: ModelSession, grant: ModelGrant?,
        reservation: ReservationID?, target: ModelTarget, services: Services
    ) {
        self.exchange = exchange
        self.request = request
        self.session = session
        self.grant = grant
        self.reservation = reservation
        self.target = target
        self.services = services
        started = services.clock.now()
        startedUptime = services.clock.uptime()
    }

    private var turn: MessageID? { grant?.turn }

    private enum End: Sendable {
        case answered
        case failed(any Error)
        case interrupted(Exchange.Interruption)
        case deadline
    }

    func run(_ provider: any Provider) async {
        if let turn { services.observer.modelCallStarted(session.session, turn: turn) }
        let (exchange, request, services) = (exchange, request, services)
        let end = await withTaskGroup(of: End?.self) { group in
            group.addTask {
                do {
                    try await provider.answer(request, into: self)
                    return .answered
                } catch {
                    return .failed(error)
                }
            }
            group.addTask { await exchange.interrupted().map(End.interrupted) }
            group.addTask {
                do {
                    try await services.clock.sleep(services.deadline)
                    return .deadline
                } catch {
                    return nil
                }
            }
            var first: End?
            while let end = await group.next() {
                guard first == nil, let end else { continue }
                first = end
                group.cancelAll()
            }
            return first
        }
        await finish(end)
    }

    // MARK: What the provider tells

    func asks(_ target: ModelTarget) {
        bank()
        self.target = target
    }

    func attempt() {
        bank()
        attempts += 1
    }

    /// What an attempt took that broke off and is made again is billed too.
    private func bank() {
        guard meter.hasStarted, !isFinished else { return }
        earlier.append((meter.usage, services.price(target).microdollars(for: meter.usage)))
        meter = StreamMeter()
    }

    private var billed: (usage: TokenUsage, microdollars: Int64) {
        earlier.reduce((meter.usage, services.price(target).microdollars(for: meter.usage))) { sum, attempt in
            (sum.0 + attempt.usage, sum.1 + attempt.microdollars)
        }
    }

    func named(providerRequest id: String?) {
        providerRequestID = id ?? providerRequestID
    }

    func whole(_ body: [UInt8], content: JSONValue) {
        meter.readWhole(content)
        wholeBody = body
    }

    func beginStream() {
        splitter = EventSplitter(maximumBytes: Self.longestEvent)
        meter = StreamMeter()
    }

    var isComplete: Bool { meter.isComplete }

    @discardableResult
    func stream(_ bytes: ByteBuffer) async throws -> Bool {
        // Nothing comes after the end of a message.
        guard !meter.isComplete else { return true }
        let events: [ArraySlice<UInt8>]
        do {
            events = try splitter.append(bytes.readableBytesView)
        } catch {
            throw ProviderFailure.unreadable(status: 200)
        }
        var passing = ByteBuffer()
        var text = ""
        var failure: APIError?
        for event in events {
            if meter.read(StreamEvent(event)) != nil {
                failure = ProviderFailure.unreadable(status: 200)
            } else {
                failure = meter.failure
            }
            if failure != nil { break }
            passing.writeBytes(event)
            text += meter.text ?? ""
            if meter.isComplete { break }
        }
        // Whoever listens hears of the text, and the books of the cost, before the client can act on them.
        if !text.isEmpty, let turn { services.observer.modelText(session.session, turn: turn, delta: text) }
        let isWhole = meter.isComplete && failure == nil && !isFinished
        if isWhole {
            isFinished = true
            await record(error: nil)
            ended(.completed(stopReason: meter.stopReason))
        }
        if passing.readableBytes > 0 { try await pass(passing) }
        if let failure { throw failure }
        // The exchange ends here, while the provider's connection is still read to its end.
        if isWhole { try? await exchange.writeEnd() }
        return !events.isEmpty
    }

    private struct Departed: Error {}

    private func pass(_ bytes: ByteBuffer) async throws {
        do {
            if !hasPassedAnything {
                hasPassedAnything = true
                try await exchange.writeHead(
                    status: 200,
                    headers: [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache")]
                        + requestIDHeader)
            }
            try await exchange.writeBody(bytes)
        } catch {
            throw Departed()
        }
    }

    private var requestIDHeader: [(String, String)] {
        providerRequestID.map { [("request-id", $0)] } ?? []
    }

    // MARK: The end

    private func finish(_ end: End?) async {
        guard !isFinished else { return }
        isFinished = true
        switch end {
        case .answered:
            guard let wholeBody else { return await fail(ProviderFailure.brokenStream) }
            await record(error: nil)
            if let text = meter.text, let turn { services.observer.modelText(session.session, turn: turn, delta: text) }
            ended(.completed(stopReason: meter.stopReason))
            try? await exchange.answer(
                status: 200, headers: [("content-type", "application/json")] + requestIDHeader, body: wholeBody)
        case .failed(let error as APIError): await fail(error)
        case .failed(is Departed), .interrupted(.departed): await cancel("The client closed the connection.")
        case .failed(is CancellationError), .interrupted(.shutdown), nil:
            await cancel("The gateway was stopped.", APIError(503, .api, "The assistant is being restarted."))
        case .interrupted(.cancelled):
            await cancel("The call was cancelled.", APIError(409, .api, "The call was cancelled.", shouldRetry: false))
        case .deadline:
            let seconds = services.deadline.components.seconds
            await fail(
                APIError(504, .timeout, "The model took longer than \(seconds) seconds.", shouldRetry: false))
        case .failed(let error):
            await fail(APIError(500, .api, "The call failed in the gateway: \(error).", shouldRetry: false))
        }
    }

    private func fail(_ error: APIError) async {
        await record(error: error.message)
        ended(error.outage.map { .unavailable($0, message: error.message) } ?? .failed(message: error.message))
        await tell(error)
    }

    private func cancel(_ reason: String, _ error: APIError? = nil) async {
        await record(error: reason)
        ended(.cancelled)
        if let error { await tell(error) } else { exchange.abort() }
    }

    /// In a stream that has begun as an event, after which the connection closes: without `message_stop` no client takes
    /// the message for whole.
    private func tell(_ error: APIError) async {
        guard exchange.hasBegun else {
            try? await exchange.answer(error)
            return
        }
        try? await exchange.writeBody(ByteBuffer(bytes: error.event))
        try? await exchange.writeEnd()
        exchange.abort()
    }

    private func ended(_ outcome: ModelCallOutcome) {
        if let turn { services.observer.modelCallEnded(session.session, turn: turn, outcome: outcome) }
    }

    private func record(error: String?) async {
        guard let grant, !isRecorded else { return }
        isRecorded = true
        let billed = billed
        let record = ModelCallRecord(
            session: session, turn: grant.turn, work: grant.work, tier: grant.tier, provider: target.provider,
            model: target.model, usage: billed.usage, microdollars: billed.microdollars, reservation: reservation,
            started: started,
            duration: services.clock.uptime() - startedUptime, streamed: request.request.isStreamed, attempts: attempts,
            stopReason: meter.stopReason, error: error, providerRequestID: providerRequestID)
        let recorder = services.recorder
        // A task of its own, awaited here: what was spent is recorded although this call may just be being cancelled.
        await Task { await recorder.record(record) }.value
    }
}
