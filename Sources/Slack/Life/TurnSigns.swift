internal import Conversations
internal import Logging
internal import Model
internal import SlackAPI
internal import Store

/// Shows one turn in one place of Slack while it runs: one call after the other, so that the last one made is the last one
/// seen. It ends with the turn, or where the answer is about to take over.
actor TurnSigns {
    let conversation: ConversationID
    let place: SlackAddress
    /// Who asked: Slack wants to know who watches, in channels.
    let recipient: SlackRecipient?
    let tools: LifeTools
    var display: TurnDisplay
    /// Known once something of it is shown.
    var turn: MessageID?
    /// What stands there of it.
    var posts: [SlackPostRecord.Kind: (id: Int64, posted: SlackPosted)] = [:]
    private var statusPost: Int64?
    private let wake = WakeSignal()
    private var isOver = false
    private var hasEnded = false
    private var closers: [CheckedContinuation<Void, Never>] = []

    init(conversation: ConversationID, place: SlackAddress, recipient: SlackRecipient?, tools: LifeTools) {
        self.conversation = conversation
        self.place = place
        self.recipient = recipient
        self.tools = tools
        let settings = tools.settings
        let isInThread = place.thread != nil
        let isWatched = recipient != nil || place.channel.hasPrefix("D")
        // All of these hang on a thread, but for the message that is changed in place.
        let means = TurnDisplay.Means(
            status: settings.showsStatus && isInThread && tools.has(.status),
            stream: settings.streams && isInThread && isWatched && tools.has(.stream),
            draft: settings.showsDrafts, progress: settings.progressAfter != nil && tools.has(.progress))
        display = TurnDisplay(
            start: tools.time.now(), means: means, progressAfter: settings.progressAfter ?? .zero)
    }

    /// Until the turn is over.
    func run() async {
        // As nobody: what a private session does reaches its requester alone, and this place may have other readers.
        let (live, events) = tools.hub.subscribe(to: conversation)
        if let live {
            take(live)
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await event in events {
                        if case .done = event { break }
                        await self.take(event)
                    }
                    await self.end()
                }
                while !isOver, !Task.isCancelled {
                    switch display.next(at: tools.time.now()) {
                    case .wait(let limit): await wake.wait(atMost: limit, tools.time)
                    case let step: await perform(step)
                    }
                }
                group.cancelAll()
            }
        }
        if !Task.isCancelled { await clearStatus() }
        hasEnded = true
        for closer in closers { closer.resume() }
        closers = []
    }

    /// Ends it where `turn` is what it shows; when this returns no call of it is under way.
    func close(_ turn: MessageID) async {
        guard self.turn == turn, !hasEnded else { return }
        end()
        await withCheckedContinuation { closers.append($0) }
    }

    private func end() {
        isOver = true
        wake.set()
    }

    private func take(_ event: ConversationEvent) {
        display.take(event, at: tools.time.now())
        wake.set()
    }

    private func take(_ live: LiveTurn) {
        let now = tools.time.now()
        if !live.draft.isEmpty { display.take(.draft(text: live.draft, reset: true), at: now) }
        for tool in live.tools { display.take(.tool(tool), at: now) }
    }

    private func perform(_ step: TurnDisplay.Step) async {
        do {
            guard let standing = try await tools.database.turnStanding(in: conversation) else {
                // Not begun, or answered meanwhile: its end is on the way.
                return display.postpone(until: later(.milliseconds(500)))
            }
            turn = standing.turn
            guard standing.mayShowDraft || !display.means.draft else { return display.withdraw() }
            guard !isOver else { return }
            try await show(step, of: standing.turn)
        } catch is CancellationError {
            isOver = true
        } catch {
            tools.logger.debug("a turn could not be shown", metadata: ["error": "\(error)"])
            display.postpone(until: later(.seconds(10)))
        }
    }

    func later(_ duration: Duration) -> Timestamp { tools.time.now().advanced(by: duration) }

    // MARK: Slack's line under the thread

    func showStatus(_ text: String, of turn: MessageID) async throws {
        guard let thread = place.thread?.text else { return display.means.status = false }
        if statusPost == nil {
            statusPost = try await tools.database.intendPost(
                .status, of: turn.rawValue, channel: place.channel, thread: thread
            ).id
        }
        if let statusPost { try await tools.database.changePost(statusPost, to: .up) }
        do {
            try await tools.slack.setStatus(
                channel: place.channel, thread: thread, text, loading: [], face: nil)
            display.did(.status(text), at: tools.time.now())
        } catch let error as SlackError {
            tools.note(error, of: .status)
            display.means.status = error.kind == .transient && display.means.status
            display.postpone(.status(text), until: later(.seconds(5)))
        }
    }

    /// What fails here is found by the next sweep, and Slack lets it lapse in any case.
    private func clearStatus() async {
        guard let id = statusPost, let thread = place.thread?.text else { return }
        do {
            try await tools.slack.setStatus(channel: place.channel, thread: thread, "", loading: [], face: nil)
            try await tools.database.changePost(id, to: .ended)
        } catch {
            tools.note(error, of: .status)
        }
    }
}
