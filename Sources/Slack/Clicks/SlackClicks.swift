package import Logging
package import MCP
internal import Model
package import Store

/// What people click and send off in Slack: kept before it is acknowledged, then done. Those of one card one after the other,
/// cards beside each other. What is under way is known from the store alone: after a crash it is begun again, and told that it
/// was begun before.
package actor SlackClicks {
    package struct Options: Sendable, Hashable {
        /// At a time: in all, of one account, and of all accounts that are nobody's here.
        package var parallel = 8
        package var ofOne = 2
        package var ofOutsiders = 2
        package var limits = SlackClickLimits()
        /// What one may take.
        package var deadline: Duration = .seconds(30)
        /// Longer ago than this nobody clicked it for now any more: it is not done, and that is said.
        package var age: Duration = .seconds(600)

        package init() {}
    }

    package typealias Act = @Sendable (SlackInteraction) async throws -> Void

    private let database: Database
    private let options: Options
    private let words: ClickAnswers
    private let logger: Logger
    private let act: Act
    private var load: ClickLoad
    private let wake = WakeSignal()

    private nonisolated var time: SlackTime { words.time }

    /// `act` throws what may pass: it is tried again.
    package init(
        database: Database, options: Options = Options(), words: ClickAnswers, logger: Logger, act: @escaping Act
    ) {
        self.database = database
        self.options = options
        self.words = words
        self.logger = logger
        self.act = act
        load = ClickLoad(options)
    }

    /// Keeps what an `interactive` payload says; durable when this returns, so that it may be acknowledged then, and not
    /// before. What is none of ours is let go, and so is what somebody clicks who has too many waiting already: that one hears
    /// it.
    package nonisolated func accept(_ payload: JSONValue) async throws {
        guard let interaction = SlackInteraction(payload, received: time.now()) else { return }
        let receipt = try await database.acceptSlackClick(
            SlackClickDraft(
                key: interaction.key, account: interaction.user, lane: interaction.lane,
                body: SlackInteraction.kept(of: payload).text), limits: options.limits)
        switch receipt {
        case .kept: wake.set()
        case .known: logger.debug("a click came twice")
        case .tooMany:
            logger.warning("too many clicks of one account", metadata: ["account": .string(interaction.user)])
            await words.tell(
                "You clicked more often than I can follow, so this was not done. Please wait a moment.",
                interaction.user, at: nil)
        }
    }

    /// Works off what is kept, what an earlier process left included, until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.purge() }
            while !Task.isCancelled {
                let (begun, isMoreToCome) = await due()
                for click in begun { group.addTask { await self.work(off: click) } }
                // What is put off, or could not be read, is looked at again.
                await wake.wait(atMost: isMoreToCome ? .milliseconds(500) : nil, time)
            }
            group.cancelAll()
        }
    }

    private func due() async -> (begun: [SlackClickRecord], isMoreToCome: Bool) {
        do {
            let heads = try await database.dueSlackClicks()
            // Nobody else takes: there is one loop.
            let begun = heads.filter { load.take($0) }
            return (begun, try await database.waitingSlackClicks() > 0)
        } catch {
            logger.error("kept clicks cannot be read", metadata: ["error": "\(error)"])
            return ([], true)
        }
    }

    private func work(off click: SlackClickRecord) async {
        do {
            if let outcome = try await outcome(of: click) { try await database.settleSlackClick(click.id, as: outcome) }
        } catch {
            // The store takes nothing: it is begun again.
            logger.error("a click's end could not be kept", metadata: ["error": "\(error)"])
            try? await time.sleep(.seconds(1))
        }
        load.leave(click)
        wake.set()
    }

    /// `nil`: nothing is known of it, and it is begun again at the next start.
    private func outcome(of click: SlackClickRecord) async throws -> SlackClickOutcome? {
        let attempt = try await database.beginSlackClick(click.id)
        guard let payload = try? JSONValue(parsing: Array(click.body.utf8)),
            let interaction = SlackInteraction(payload, received: click.received, isRepeated: attempt > 1)
        else { return .failed("What is kept of it cannot be read.") }
        let isTooOld = time.now() >= click.received.advanced(by: options.age)
        guard !isTooOld else {
            return await giveUp(interaction, "What you clicked \(click.received.rfc3339) could not be done in time.")
        }
        do {
            try await Deadline.within(options.deadline, time) { [act] in try await act(interaction) }
            return .done
        } catch is Deadline.Missed {
            return await giveUp(interaction, "What you clicked takes longer than it may, and was broken off.")
        } catch {
            guard !Task.isCancelled else { return nil }
            guard PassingFault.isOne(error) else {
                logger.warning("a click failed", metadata: ["error": "\(error)"])
                return .failed("\(error)")
            }
            logger.warning("a click waits", metadata: ["error": "\(error)"])
            let pause = Duration.seconds(1 << min(attempt - 1, 5))
            return .later(time.now().advanced(by: pause), because: "\(error)")
        }
    }

    private func giveUp(_ interaction: SlackInteraction, _ sentence: String) async -> SlackClickOutcome {
        let hint = " Please look whether it still is as you want it, and click again."
        await words.tell(sentence + hint, interaction.user, at: interaction.clicks.first?.address)
        return .failed(sentence)
    }

    /// Longer than Slack sends anything again.
    private func purge() async {
        while !Task.isCancelled {
            do { try await database.purgeSlackClicks(settledBefore: time.now().advanced(by: .seconds(-86_400))) } catch
            {
                logger.warning("old clicks stay", metadata: ["error": "\(error)"])
            }
            do { try await time.sleep(.seconds(3600)) } catch { return }
        }
    }
}
