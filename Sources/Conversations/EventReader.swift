internal import Model

/// One reader's events: what is stored, then what is under way, then what happens, each entry once.
actor EventReader {
    private var backlog: [ConversationEvent]
    private var fresh: AsyncStream<ConversationEvent>.Iterator
    private var newest: Int64

    init(stored: [Entry], live: LiveTurn?, fresh: AsyncStream<ConversationEvent>, after: Int64) {
        var events = stored.map(ConversationEvent.entry)
        if let live {
            events.append(.draft(text: live.draft, reset: true))
            events += live.tools.map(ConversationEvent.tool)
            events += live.approvals.map(ConversationEvent.approval)
        } else {
            // Somebody who comes back after a restart waits for the end of a turn that ended meanwhile.
            events.append(.done)
        }
        backlog = events.reversed()
        newest = stored.last?.sequence ?? after
        self.fresh = fresh.makeAsyncIterator()
    }

    func next() async -> ConversationEvent? {
        if let event = backlog.popLast() { return event }
        var iterator = fresh
        while let event = await iterator.next(isolation: self) {
            if case .entry(let entry) = event {
                guard entry.sequence > newest else { continue }
                newest = entry.sequence
            }
            return event
        }
        return nil
    }
}
