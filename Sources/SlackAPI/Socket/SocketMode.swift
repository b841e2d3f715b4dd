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
    /// answer goes to Slack with the acknowledgement where Slack takes one.
    package func run(handle: @escaping @Sendable (SlackEnvelope) async throws -> JSONValue?) async {
        change(to: .connecting)
        await withDiscardingTaskGroup { lanes in
            for _ in 0..<min(max(options.connections, 1), 10) {
                lanes.addTask { await self.lane(handle) }
            }
        }
        change(to: .stopped)
    }

    // MARK: One lane: one connection after the other

    private func lane(_ handle: @escaping @Sendable (SlackEnvelope) async throws -> JSONValue?) async {
        await withDiscardingTaskGroup { connections in
            var failures = 0
            while !Task.isCancelled {
                let began = clock.now()
                let (words, voice) = AsyncStream<SocketConnection.Word>.makeStream()
                connections.addTask { await self.connect(voice, handle) }
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
        _ voice: AsyncStream<SocketConnection.Word>.Continuation,
        _ handle: @escaping @Sendable (SlackEnvelope) async throws -> JSONValue?
    ) async {
        defer { voice.finish() }
        do {
            let socket = try await dial()
            let connection = SocketConnection(
                options: options, clock: clock, logger: logger,
                say: { [self] word in
                    count(word)
                    voice.yield(word)
                },
                handle: { [self] in await acknowledge($0, handle) })
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

    private func count(_ word: SocketConnection.Word) {
        switch word {
        case .hello:
            state.withLock { $0.status.connections += 1 }
            change(to: .connected)
        case .leaving, .over(_, wasGreeted: false): break
        case .over(_, wasGreeted: true):
            let (left, isRefused) = state.withLock { state in
                state.status.connections -= 1
                return (state.status.connections, state.status.lastError?.kind == .auth)
            }
            if left == 0 { change(to: isRefused ? .refused : .connecting) }
        }
    }

    private func note(_ error: SlackError?) {
        let isNews = state.withLock { state in
            defer { state.status.lastError = error ?? state.status.lastError }
            return error != nil && state.status.lastError?.code != error?.code
        }
        guard let error else { return }
        if error.kind == .auth, status.connections == 0 { change(to: .refused) }
        guard isNews else { return }
        if error.kind == .auth {
            logger.error("slack refuses the connection", metadata: ["reason": .string(error.message)])
        } else {
            logger.warning("a connection to slack ended", metadata: ["reason": .string(error.message)])
        }
    }

    private func change(to new: SocketStatus.State) {
        let isNews = state.withLock { state in
            if new == .connected { state.status.lastError = nil }
            guard state.status.state != new else { return false }
            state.status.state = new
            state.status.since = clock.now()
            return true
        }
        if isNews { logger.notice("slack", metadata: ["state": .string(new.rawValue)]) }
    }
}
