package import Model
internal import Synchronization

/// Who is looking at which conversation, and what is under way there. In memory only: everything that must not be lost is
/// an entry in the store, and a reader that falls behind reads it from there.
///
/// A class around a mutex rather than an actor, because the model gateway's observer must neither wait nor suspend.
package final class EventHub: Sendable {
    package typealias Continuation = AsyncStream<ConversationEvent>.Continuation

    /// Whom an event reaches of those who look on.
    package enum Reach: Hashable, Sendable {
        case room
        case only(PersonID)
        case allBut(PersonID)

        /// `nil`: everybody.
        package init(soleReader: PersonID?) {
            self = soleReader.map { .only($0) } ?? .room
        }

        fileprivate func includes(_ viewer: PersonID?) -> Bool {
            switch self {
            case .room: true
            case .only(let person): viewer == person
            case .allBut(let person): viewer != person
            }
        }
    }

    /// Events a reader may be behind before it is ended.
    private static let capacity = 2048
    /// Characters of an unfinished answer that are kept for readers who come later.
    private static let draftLimit = 200_000

    private struct Room {
        var readers: [Int: (viewer: PersonID?, events: Continuation)] = [:]
        /// What everybody sees, and what the one person sees whom the turn is restricted to.
        var live = LiveTurn(draft: "", tools: [], approvals: [])
        var secret: (reader: PersonID, live: LiveTurn)?
        var isRunning = false

        func live(for viewer: PersonID?) -> LiveTurn? {
            guard isRunning else { return nil }
            if let secret, secret.reader == viewer { return secret.live }
            return live
        }
    }

    private struct State {
        var rooms: [ConversationID: Room] = [:]
        var nextReader = 0
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var onlookers: [Int: AsyncStream<ConversationID>.Continuation] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// What is under way (`nil` when no turn runs), and everything published from this very moment on, as far as `viewer`
    /// may see it.
    package func subscribe(
        to conversation: ConversationID, as viewer: PersonID? = nil
    ) -> (live: LiveTurn?, events: AsyncStream<ConversationEvent>) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConversationEvent.self, bufferingPolicy: .bufferingOldest(Self.capacity))
        let (reader, live) = state.withLock { state in
            let reader = state.nextReader
            state.nextReader += 1
            state.rooms[conversation, default: Room()].readers[reader] = (viewer, continuation)
            return (reader, state.rooms[conversation]?.live(for: viewer))
        }
        continuation.onTermination = { [weak self] _ in self?.leave(conversation, reader) }
        return (live, stream)
    }

    /// The conversations in which a turn starts from now on, whoever asked for it. Who falls behind misses the oldest.
    package func turnStarts() -> AsyncStream<ConversationID> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConversationID.self, bufferingPolicy: .bufferingNewest(Self.capacity))
        let onlooker = state.withLock { state in
            let onlooker = state.nextReader
            state.nextReader += 1
            state.onlookers[onlooker] = continuation
            return onlooker
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.onlookers[onlooker] = nil }
        }
        return stream
    }

    /// Whether anybody would miss the start of a turn.
    package var hasOnlookers: Bool { state.withLock { !$0.onlookers.isEmpty } }

    package func hasReaders(of conversation: ConversationID) -> Bool {
        state.withLock { $0.rooms[conversation]?.readers.isEmpty == false }
    }

    /// What is under way, or `nil` when no turn runs.
    package func live(in conversation: ConversationID, for viewer: PersonID? = nil) -> LiveTurn? {
        state.withLock { $0.rooms[conversation]?.live(for: viewer) }
    }

    /// What is said of a restricted turn reaches its one reader, whatever `reach` says. `whileRunning`: only where a turn
    /// is under way, for news of one that may come when it is over.
    package func publish(
        _ event: ConversationEvent, in conversation: ConversationID, to reach: Reach = .room,
        whileRunning: Bool = false
    ) {
        let slow = state.withLock { state -> [Continuation] in
            if event.isOfQuestions { for watcher in state.watchers.values { watcher.yield() } }
            var room = state.rooms[conversation] ?? Room()
            guard room.isRunning || !whileRunning else { return [] }
            var reach = reach
            if event.showsWork, reach == .room, let secret = room.secret { reach = .only(secret.reader) }
            Self.note(event, in: &room, reach)
            var slow: [Continuation] = []
            for (reader, listener) in room.readers where reach.includes(listener.viewer) {
                if case .dropped = listener.events.yield(event) {
                    slow.append(listener.events)
                    room.readers[reader] = nil
                }
            }
            state.rooms[conversation] = room.readers.isEmpty && !room.isRunning ? nil : room
            return slow
        }
        // Outside the lock: ending a stream calls `leave`.
        for continuation in slow { continuation.finish() }
    }

    /// An element each time a question was asked or has ended, in any conversation; several may come as one.
    package func questionsChanged() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watcher = state.withLock { state in
            let watcher = state.nextReader
            state.nextReader += 1
            state.watchers[watcher] = continuation
            return watcher
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.watchers[watcher] = nil } }
        return stream
    }

    package func turnStarted(in conversation: ConversationID) {
        let onlookers = state.withLock { state in
            var room = state.rooms[conversation] ?? Room()
            room.isRunning = true
            room.secret = nil
            room.live = LiveTurn(draft: "", tools: [], approvals: [])
            state.rooms[conversation] = room
            return Array(state.onlookers.values)
        }
        for onlooker in onlookers { onlooker.yield(conversation) }
    }

    /// From now until its end only `person` sees what the turn under way does. What others saw of an answer is taken back.
    package func restrict(_ conversation: ConversationID, to person: PersonID) {
        let isNew = state.withLock { state in
            guard var room = state.rooms[conversation], room.isRunning, room.secret == nil else { return false }
            room.secret = (person, room.live)
            room.live.draft = ""
            room.live.approvals = []
            state.rooms[conversation] = room
            return true
        }
        guard isNew else { return }
        publish(.draft(text: "", reset: true), in: conversation, to: .allBut(person))
        publish(.state("Working on something private"), in: conversation, to: .allBut(person))
    }

    private func leave(_ conversation: ConversationID, _ reader: Int) {
        state.withLock { state in
            guard var room = state.rooms[conversation] else { return }
            room.readers[reader] = nil
            state.rooms[conversation] = room.readers.isEmpty && !room.isRunning ? nil : room
        }
    }

    private static func note(_ event: ConversationEvent, in room: inout Room, _ reach: Reach) {
        if case .done = event {
            room.isRunning = false
            room.secret = nil
            room.live = LiveTurn(draft: "", tools: [], approvals: [])
            return
        }
        if let secret = room.secret, reach.includes(secret.reader) {
            var live = secret.live
            note(event, in: &live)
            room.secret = (secret.reader, live)
        }
        // What reaches one person alone is no news of a turn that everybody sees: it is late, and of an earlier one.
        if case .only = reach { return }
        note(event, in: &room.live)
    }

    private static func note(_ event: ConversationEvent, in live: inout LiveTurn) {
        switch event {
        case .draft(let text, let reset):
            if reset { live.draft = "" }
            if live.draft.utf8.count < draftLimit { live.draft += text }
        case .tool(let activity):
            if let index = live.tools.lastIndex(where: { $0.call == activity.call }) {
                live.tools[index] = activity
            } else {
                live.tools.append(activity)
            }
        case .approval(let approval):
            live.approvals.append(approval)
        case .approvalClosed(let id, _):
            live.approvals.removeAll { $0.id == id }
        case .entry, .state, .done:
            break
        }
    }
}

extension ConversationEvent {
    fileprivate var isOfQuestions: Bool {
        switch self {
        case .approval, .approvalClosed: true
        case .entry, .draft, .tool, .state, .done: false
        }
    }

    /// Whether it tells of what a turn reads and makes, and not only how it stands.
    fileprivate var showsWork: Bool {
        switch self {
        case .draft, .tool, .approval: true
        case .entry, .approvalClosed, .state, .done: false
        }
    }
}
