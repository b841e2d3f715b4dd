internal import Logging
package import Model
internal import Store

/// How the way out stands, for the operator.
package struct DeliveryStatus: Sendable, Hashable {
    /// Why nothing is delivered at all; `nil` where nothing stands in the way.
    package var refusal: String?
    package var underWay: Int
    package var lastError: String?
}

/// Carries what waits in the outbox to Slack: in order at each place, at several places at a time, until it is there or two
/// days have gone by. What Slack refuses for good is told to whoever asked, and the operator.
package actor Deliverer {
    private let tools: DeliveryTools
    private let patience: DeliveryPatience
    private let most: Int
    /// Shows people a line that is stored.
    private let show: @Sendable ([MessageID]) async -> Void
    private let wake = WakeSignal()
    private var status = DeliveryStatus(underWay: 0)
    private var probes = 0
    private var nextProbe = Timestamp(milliseconds: 0)
    private var nextLookForStale = Timestamp(milliseconds: 0)

    private var database: Database { tools.database }
    private var logger: Logger { tools.logger }

    /// `most`: deliveries at a time.
    package init(
        _ tools: DeliveryTools, patience: DeliveryPatience = DeliveryPatience(), most: Int = 16,
        show: @escaping @Sendable ([MessageID]) async -> Void = { _ in }
    ) {
        self.tools = tools
        self.patience = patience
        self.most = most
        self.show = show
    }

    package func currentStatus() -> DeliveryStatus { status }

    /// Until cancelled. What an earlier process had under way is found first.
    package func run() async {
        await persistently { try await self.database.releaseOutbox(surface: HomeRecord.slack) }
        await withDiscardingTaskGroup { group in
            group.addTask { [database, wake] in
                for await _ in database.outboxChanges() { wake.set() }
            }
            while !Task.isCancelled {
                if status.refusal != nil, tools.time.now() >= nextProbe { await askForToken() }
                if status.refusal == nil {
                    await giveUpStale()
                    for record in await claim() {
                        status.underWay += 1
                        group.addTask { await self.deliver(record) }
                    }
                }
                await wake.wait(atMost: await idleTime(), tools.time)
            }
            group.cancelAll()
        }
    }

    private func claim() async -> [OutboxRecord] {
        guard status.underWay < most else { return [] }
        do {
            return try await database.claimOutbox(surface: HomeRecord.slack, limit: most - status.underWay)
        } catch {
            note(error)
            return []
        }
    }

    /// Until the next delivery is due or the token is to be tried; whatever changes wakes earlier.
    private func idleTime() async -> Duration? {
        if status.refusal != nil { return remaining(until: nextProbe) }
        do {
            guard let due = try await database.nextDelivery(surface: HomeRecord.slack) else { return nil }
            // At the limit the next end of a delivery wakes.
            guard status.underWay < most else { return nil }
            return remaining(until: due)
        } catch {
            note(error)
            return .seconds(1)
        }
    }

    private func remaining(until time: Timestamp) -> Duration {
        max(time.duration(since: tools.time.now()), .milliseconds(10))
    }

    private func deliver(_ record: OutboxRecord) async {
        let outcome = await Delivery(record: record, tools: tools).attempt()
        await settle(record, outcome)
        status.underWay -= 1
        wake.set()
    }

    private func settle(_ record: OutboxRecord, _ outcome: DeliveryOutcome) async {
        switch outcome {
        case .delivered(let reference):
            status.lastError = nil
            await persistently { try await self.database.markDelivered(record.id, reference: reference) }
        case .later(let error, let atLeast):
            status.lastError = error
            let wait = patience.wait(after: record.attempts + 1, atLeast: atLeast, jitter: tools.time.jitter())
            let next = tools.time.now().advanced(by: wait)
            if patience.isOver(at: next, of: record.created) {
                return await giveUp(record, error: error, because: "Slack could not be reached for two days")
            }
            logger.warning(
                "a delivery to Slack is tried again",
                metadata: ["message": "\(record.message)", "in": "\(wait)", "error": "\(error)"])
            await persistently { try await self.database.markFailed(record.id, error: error, retryAt: next) }
        case .never(let error, let sentence):
            status.lastError = error
            await giveUp(record, error: error, because: sentence)
        case .refused(let sentence):
            if status.refusal == nil {
                status.refusal = sentence
                probes = 0
                planProbe()
                logger.error("nothing is delivered to Slack; everything is kept", metadata: ["reason": "\(sentence)"])
            }
            await persistently { try await self.database.giveBack(record.id) }
        case .brokenOff:
            break
        }
    }

    private func giveUp(_ record: OutboxRecord, error: String, because reason: String) async {
        logger.error(
            "a message could not be delivered to Slack",
            metadata: ["message": "\(record.message)", "address": "\(record.address)", "error": "\(error)"])
        await persistently {
            let notice = try await self.database.giveUp(record.id, error: error) { text in
                let head = "I could not post this in Slack: \(reason)."
                return text.map { "\(head) It was:\n\n\($0)" } ?? head
            }
            if let notice { await self.show([notice.id]) }
        }
    }

    /// What has waited longer than anybody wants an answer is told of, once, instead of being posted.
    private func giveUpStale() async {
        let now = tools.time.now()
        guard now >= nextLookForStale else { return }
        nextLookForStale = now.advanced(by: .seconds(60))
        do {
            let limit = now.advanced(by: .zero - patience.total)
            let notices = try await database.giveUpOutbox(surface: HomeRecord.slack, before: limit) { count in
                let what = count == 1 ? "One message" : "\(count) messages"
                return "\(what) could not be posted in Slack within two days. You find them in the web chat."
            }
            guard !notices.isEmpty else { return }
            logger.error("messages waited too long for Slack", metadata: ["people": "\(notices.count)"])
            await show(notices.map(\.id))
        } catch {
            note(error)
        }
    }

    private func askForToken() async {
        do {
            try await tools.checkToken()
            logger.notice("Slack takes messages again")
            status.refusal = nil
            status.lastError = nil
        } catch {
            probes += 1
            planProbe()
            status.lastError = "\(error)"
        }
    }

    /// From half a minute up to ten: nobody is helped by asking faster.
    private func planProbe() {
        var wait = Duration.seconds(30)
        for _ in 0..<min(probes, 5) { wait = min(wait * 2, .seconds(600)) }
        nextProbe = tools.time.now().advanced(by: wait)
    }

    /// What has happened must be written down, whatever it takes: a full disk is waited for. What the store says no to for
    /// good stays as it is, and is found again at the next start.
    private func persistently(_ body: @Sendable () async throws -> Void) async {
        repeat {
            do {
                return try await body()
            } catch {
                note(error)
                guard let error = error as? StoreError, error.mayPass else { return }
                do { try await tools.time.sleep(.seconds(1)) } catch { return }
            }
        } while !Task.isCancelled
    }

    private func note(_ error: any Error) {
        status.lastError = "\(error)"
        logger.error("the outbox could not be read or written", metadata: ["error": "\(error)"])
    }
}
