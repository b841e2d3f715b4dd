package import Logging
package import MCP
internal import Synchronization

/// Slack's Socket Mode: keeps some connections open, and hands over what comes on any of them.
///
/// An envelope is acknowledged once it was handled; one whose handling throws is not, and Slack sends it again. After a lost
/// acknowledgement it comes again too: whoever handles it has to know it by its event id. Order is not kept.
package final class SocketMode: Sendable {
    private let client: SlackClient
    private let options: SocketOptions
    private let clock: SlackClock
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var status: SocketStatus
        var inFlight = 0
    }

    private struct Listener: Sendable {
        let cameUp: @Sendable () -> Void
        let handle: @Sendable (SlackEnvelope) async throws -> JSONValue?
    }

    /// `client` has the app token (`xapp-`, scope `connections:write`).
    package init(client: SlackClient, options: SocketOptions = SocketOptions(), logger: Logger) {
        self.client = client
        self.options = options
        self.clock = client.clock
        self.logger = logger
        state = Mutex(State(status: SocketStatus(since: client.clock.now())))
    }

    package var status: SocketStatus { state.withLock { $0.status } }

    /// Connects, and connects again, until its task is cancelled; returns when what came before that is handled. `handle`'s
    /// answer goes to Slack with the acknowledgement where Slack takes one. `cameUp` is called whenever there is a connection
    /// again after there was none, the first included, before anything of what it brings is handed over: what was said
    /// meanwhile may not have come, and is to be looked for.
    package func run(
        cameUp: @escaping @Sendable () -> Void = {},
        handle: @escaping @Sendable (SlackEnvelope) async throws -> JSONValue?
    ) async {
        let listener = Listener(cameUp: cameUp, handle: handle)
        change { _ in .connecting }
        await withDiscardingTaskGroup { lanes in
            for _ in 0..<min(max(options.connections, 1), 10) {
                lanes.addTask { await self.lane(listener) }
            }
        }
        change { _ in .stopped }
    }

    // MARK: One lane: one connection after the other

    private func lane(_ listener: Listener) async {
        await withDiscardingTaskGroup { connections in
            var failures = 0
            while !Task.isCancelled {
                let began = clock.now()
                let (words, voice) = AsyncStream<SocketConnection.Word>.makeStream()
                connections.addTask { await self.connect(voice, listener) }
                let going = await firstGoing(words)
                guard !Task.isCancelled else { break }
                let error = Self.error(going)
                note(error)
                failures = clock.now() - began >= options.healthyAfter && error?.kind != .auth ? 0 : failures + 1
                // Slack asks for a change of connections while the old one still works: at once, if that is not all it does.
                guard failures > 0 else { continue }
                if case .leaving = going, error == nil, failures == 1 { continue }
                let backoff = error?.kind == .auth ? options.refusedBackoff : options.backoff
                do { try await clock.sleep(for: backoff.wait(before: failures)) } catch { break }
            }
        }
    }

    /// The word upon which a new connection is needed.
    private func firstGoing(_ words: AsyncStream<SocketConnection.Word>) async -> SocketConnection.Word {
        for await word in words {
            if case .hello = word { continue }
            return word
        }
        return .over(nil, wasGreeted: false)
    }

    private func connect(
        _ voice: AsyncStream<SocketConnection.Word>.Continuation, _ listener: Listener
    ) async {
        defer { voice.finish() }
        do {
            let socket = try await dial()
            let connection = SocketConnection(
                options: options, clock: clock, logger: logger,
                say: { [self] word in
                    if count(word) { listener.cameUp() }
                    voice.yield(word)
                },
                handle: { [self] in await acknowledge($0, listener.handle) })
            await connection.serve(socket)
        } catch let error as SlackError {
            voice.yield(.over(error, wasGreeted: false))
        } catch {
            voice.yield(.over(nil, wasGreeted: false))
        }
    }

    private func dial() async throws -> WebSocketChannel {
        let answer = try await client.call(.connectionsOpen)
        guard let url = answer["url"]?.stringValue.flatMap({ SlackURL($0, .webSocket) }) else {
            throw SlackError(
                .transient, "refused_address", method: "socket", "Slack gave no address of a WebSocket with TLS.")
        }
        let dialer = WebSocketDialer(
            largestMessage: options.largestMessage, timeout: options.connectTimeout, authority: client.authority)
        do {
            return try await dialer.dial(url)
        } catch WebSocketDialer.Failure.refused {
            throw SlackError(.transient, "refused", method: "socket", "\(url) does not take the connection.")
        } catch WebSocketDialer.Failure.broken {
            throw SlackError(.transient, "unreachable", method: "socket", "\(url) cannot be reached.")
        }
    }

    private static func error(_ word: SocketConnection.Word) -> SlackError? {
        switch word {
        case .hello: nil
        case .over(let error, _): error
        case .leaving("link_disabled"):
            SlackError(
                .auth, "link_disabled", method: "socket",
                "Socket Mode was switched off for this app. Turn it on under Socket Mode in the app's settings.")
        case .leaving("too_many_websockets"):
            SlackError(
                .transient, "too_many_websockets", method: "socket",
                "The app has ten connections already: is another Bulkhead running with the same app token?")
        case .leaving: nil
        }
    }

    // MARK: Envelopes

    private func acknowledge(
        _ envelope: SlackEnvelope, _ handle: @Sendable (SlackEnvelope) async throws -> JSONValue?
    ) async -> [UInt8]? {
        guard enter() else {
            logger.warning("too much at a time: an envelope is left for Slack to repeat")
            return nil
        }
        defer { state.withLock { $0.inFlight -= 1 } }
        do {
            return SocketFrame.acknowledgement(of: envelope, answer: try await handle(envelope))
        } catch {
            logger.warning(
                "an envelope could not be taken, and is left for Slack to repeat",
                metadata: ["type": .string(envelope.kind.rawValue), "error": "\(error)"])
            return nil
        }
    }

    private func enter() -> Bool {
        state.withLock { state in
            state.status.received += 1
            state.status.lastEnvelope = clock.now()
            guard state.inFlight < options.mostInFlight else {
                state.status.dropped += 1
                return false
            }
            state.inFlight += 1
            return true
        }
    }

    // MARK: Status

    /// True where there was no connection, and now there is one.
    private func count(_ word: SocketConnection.Word) -> Bool {
        switch word {
        case .hello:
            return change { status in
                status.connections += 1
                status.lastError = nil
                return .connected
            }
        case .leaving, .over(_, wasGreeted: false): return false
        case .over(_, wasGreeted: true):
            change { status in
                status.connections -= 1
                guard status.connections == 0 else { return status.state }
                return status.lastError?.kind == .auth ? .refused : .connecting
            }
            return false
        }
    }

    private func note(_ error: SlackError?) {
        let isNews = state.withLock { state in
            defer { state.status.lastError = error ?? state.status.lastError }
            return error != nil && state.status.lastError?.code != error?.code
        }
        guard let error else { return }
        if error.kind == .auth { change { $0.connections == 0 ? .refused : $0.state } }
        guard isNews else { return }
        if error.kind == .auth {
            logger.error("slack refuses the connection", metadata: ["reason": .string(error.message)])
        } else {
            logger.warning("a connection to slack ended", metadata: ["reason": .string(error.message)])
        }
    }

    /// Counts and decides in one step: lanes come and go at the same time. True where the state is another now.
    @discardableResult
    private func change(_ body: (inout SocketStatus) -> SocketStatus.State) -> Bool {
        let news: SocketStatus.State? = state.withLock { state in
            let new = body(&state.status)
            guard state.status.state != new else { return nil }
            state.status.state = new
            state.status.since = clock.now()
            return new
        }
        if let news { logger.notice("slack", metadata: ["state": .string(news.rawValue)]) }
        return news != nil
    }
}
