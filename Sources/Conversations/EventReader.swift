internal import Model

/// One reader's events: what is stored, page by page, then what is under way, then what happens; each entry once, in
/// order, and none left out.
///
/// Entries are told apart and put in order by their sequence, which has no gaps: an entry that is heard of before its
/// predecessor (two writers publish in whatever order they come to it) sends the reader to the store for both. It holds
/// one page at a time, and listens only once it has caught up, so that reading a long history loses nothing of the present.
actor EventReader {
    typealias Page = @Sendable (_ after: Int64) async throws -> [Entry]
    typealias Subscribe = @Sendable () -> (live: LiveTurn?, events: AsyncStream<ConversationEvent>)

    private let page: Page
    private let subscribe: Subscribe
    private var newest: Int64
    private var backlog: ArraySlice<ConversationEvent> = []
    /// What was under way when it began to listen; told after what was stored by then.
    private var underWay: ArraySlice<ConversationEvent>?
    private var fresh: AsyncStream<ConversationEvent>.Iterator?
    private var isBehind = true

    init(after sequence: Int64, subscribe: @escaping Subscribe, page: @escaping Page) {
        newest = sequence
        self.subscribe = subscribe
        self.page = page
    }

    /// `nil` where the reader is to come back from its last entry: it was too slow, or the store could not be read.
    func next() async -> ConversationEvent? {
        while true {
            if let event = backlog.popFirst() { return event }
            if isBehind {
                guard let entries = try? await page(newest) else { return nil }
                guard entries.isEmpty else {
                    take(entries)
                    continue
                }
                // Listened to before the last look at the store: nothing falls between the two.
                guard fresh == nil else {
                    isBehind = false
                    continue
                }
                let (live, events) = subscribe()
                fresh = events.makeAsyncIterator()
                underWay = Self.events(of: live)[...]
                continue
            }
            if let events = underWay {
                underWay = nil
                backlog = events
                continue
            }
            guard var iterator = fresh, let event = await iterator.next(isolation: self) else { return nil }
            if case .done = event {
                // Whoever waits for the answer is told of it before: it is stored, even where telling of it failed.
                isBehind = true
                underWay = [event]
                continue
            }
            guard case .entry(let entry) = event else { return event }
            guard entry.sequence > newest else { continue }
            guard entry.sequence == newest + 1 else {
                isBehind = true
                continue
            }
            newest = entry.sequence
            return event
        }
    }

    private func take(_ entries: [Entry]) {
        newest = entries.last?.sequence ?? newest
        backlog = entries.map(ConversationEvent.entry)[...]
    }

    private static func events(of live: LiveTurn?) -> [ConversationEvent] {
        // Somebody who comes back after a restart waits for the end of a turn that ended meanwhile.
        guard let live else { return [.done] }
        return [.draft(text: live.draft, reset: true)] + live.tools.map(ConversationEvent.tool)
            + live.approvals.map(ConversationEvent.approval)
    }
}
