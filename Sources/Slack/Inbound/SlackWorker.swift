internal import Conversations
internal import Logging
internal import Model
internal import SlackAPI
internal import Store

/// Works off kept events: those of one thread one after the other, threads beside each other, so many at a time. What is
/// under way is known from the store alone, so that a crash at any moment loses nothing.
actor SlackWorker {
    private let parts: SlackInboundParts
    private let handler: SlackEventHandler
    private var busy: Set<String> = []
    /// When it wakes by itself.
    private var alarmTime: Timestamp?
    private let signs: AsyncStream<Void>
    private let sign: AsyncStream<Void>.Continuation

    init(_ parts: SlackInboundParts) {
        self.parts = parts
        handler = SlackEventHandler(parts)
        (signs, sign) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// There may be something to do.
    func wake() { sign.yield() }

    /// Until cancelled; what is under way then is broken off, and begun again at the next start.
    func run() async {
        wake()
        await withDiscardingTaskGroup { group in
            for await _ in signs {
                for event in await due() { group.addTask { await self.work(off: event) } }
                if let wait = await alarm() {
                    group.addTask {
                        try? await Task.sleep(for: wait)
                        await self.ring()
                    }
                }
            }
        }
    }

    private func due() async -> [SlackEventRecord] {
        let free = parts.options.current.parallel - busy.count
        guard free > 0 else { return [] }
        do {
            let events = try await parts.database.dueSlackEvents(besides: busy, limit: free)
            // Nobody else adds to `busy`: signs come one after the other.
            for event in events { busy.insert(event.lane) }
            return events
        } catch {
            parts.logger.error("kept events cannot be read", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// How long until the next try is due, where that is before it wakes anyway; a minute at most, in case the clock is
    /// changed.
    private func alarm() async -> Duration? {
        // Whoever is done first wakes it.
        guard busy.count < parts.options.current.parallel else { return nil }
        let soonest: Timestamp?
        do { soonest = try await parts.database.nextSlackEventTime(besides: busy) } catch {
            // The store does not answer: looked at again, whether anything new comes or not.
            return .seconds(5)
        }
        guard let next = soonest, alarmTime.map({ next < $0 }) ?? true else { return nil }
        alarmTime = next
        return min(max(next.duration(since: parts.clock.now()), .milliseconds(10)), .seconds(60))
    }

    private func ring() {
        alarmTime = nil
        wake()
    }

    private func work(off event: SlackEventRecord) async {
        do {
            let outcome = try await outcome(of: event)
            try await parts.database.settleSlackEvent(event.id, as: outcome)
        } catch {
            // The store takes nothing. It is begun again, and does what it did before once.
            parts.logger.error("an event's end could not be kept", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: .seconds(1))
        }
        busy.remove(event.lane)
        wake()
    }

    private func outcome(of event: SlackEventRecord) async throws -> SlackEventOutcome {
        let tries = parts.options.current.tries
        let attempt = try await parts.database.beginSlackEvent(event.id)
        guard attempt <= tries else {
            return failed(event, "Bulkhead ended each time it was worked on (\(tries) times).")
        }
        do {
            try await handler.handle(event)
            return .done
        } catch {
            let now = parts.clock.now()
            if Task.isCancelled { return .later(now, because: "Bulkhead was stopped.", counts: false) }
            let pause = Duration.seconds(1) * (1 << min(2 * (attempt - 1), 8))
            if error is SlackWaitsForGap {
                return .later(now.advanced(by: .seconds(5)), because: "What was missed is looked for.", counts: false)
            }
            if Self.mayPass(error) {
                // Slack, or the store, is down: no fault of the event's.
                parts.logger.warning("an event waits", metadata: ["error": "\(error)"])
                return .later(now.advanced(by: max(pause, .seconds(5))), because: "\(error)", counts: false)
            }
            guard attempt < tries else { return failed(event, "\(error)") }
            return .later(now.advanced(by: pause), because: "\(error)", counts: true)
        }
    }

    private func failed(_ event: SlackEventRecord, _ reason: String) -> SlackEventOutcome {
        parts.logger.error(
            "an event from slack was set aside; see `bulkhead doctor`",
            metadata: ["event": "\(event.id)", "kind": "\(event.kind)", "error": "\(reason)"])
        return .failed(reason)
    }

    /// Whether it is no fault of the event's.
    private static func mayPass(_ error: any Error) -> Bool {
        PassingFault.isOne(error) || (error as? ChatError)?.code == .unavailable
    }
}
