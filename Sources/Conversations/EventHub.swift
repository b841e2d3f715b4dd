package import Model
internal import Synchronization

/// Who is looking at which conversation, and what is under way there. In memory only: everything that must not be lost is
/// an entry in the store, and a reader that falls behind reads it from there.
///
/// A class around a mutex rather than an actor, because the model gateway's observer must neither wait nor suspend.
package final class EventHub: Sendable {
    package typealias Continuation = AsyncStream<ConversationEvent>.Continuation

    /// Events a reader may be behind before it is ended.
    private static let capacity = 2048
    /// Characters of an unfinished answer that are kept for readers who come later.
    private static let draftLimit = 200_000

    private struct Room {
        var readers: [Int: Continuation] = [:]
        var live = LiveTurn(draft: "", tools: [], approvals: [])
        var isRunning = false
    }

    private struct State {
        var rooms: [ConversationID: Room] = [:]
        var nextReader = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// What is under way (`nil` when no turn runs), and everything published from this very moment on.
    package func subscribe(to conversation: ConversationID) -> (live: LiveTurn?, events: AsyncStream<ConversationEvent>)
    {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConversationEvent.self, bufferingPolicy: .bufferingOldest(Self.capacity))
        let (reader, live) = state.withLock { state in
            let reader = state.nextReader
            state.nextReader += 1
            state.rooms[conversation, default: Room()].readers[reader] = continuation
            let room = state.rooms[conversation]
            return (reader, room?.isRunning == true ? room?.live : nil)
        }
        continuation.onTermination = { [weak self] _ in self?.leave(conversation, reader) }
        return (live, stream)
    }

    /// What is under way, or `nil` when no turn runs.
    package func live(in conversation: ConversationID) -> LiveTurn? {
        state.withLock { state in
            guard let room = state.rooms[conversation], room.isRunning else { return nil }
            return room.live
        }
    }

    package func publish(_ event: ConversationEvent, in conversation: ConversationID) {
        let slow = state.withLock { state -> [Continuation] in
            var room = state.rooms[conversation] ?? Room()
            Self.note(event, in: &room)
            var slow: [Continuation] = []
            for (reader, continuation) in room.readers {
                if case .dropped = continuation.yield(event) {
                    slow.append(continuation)
                    room.readers[reader] = nil
                }
            }
            state.rooms[conversation] = room.readers.isEmpty && !room.isRunning ? nil : room
            return slow
        }
        // Outside the lock: ending a stream calls `leave`.
        for continuation in slow { continuation.finish() }
    }

    package func turnStarted(in conversation: ConversationID) {
        state.withLock { state in
            var room = state.rooms[conversation] ?? Room()
            room.isRunning = true
            room.live = LiveTurn(draft: "", tools: [], approvals: [])
            state.rooms[conversation] = room
        }
    }

    private func leave(_ conversation: ConversationID, _ reader: Int) {
        state.withLock { state in
            guard var room = state.rooms[conversation] else { return }
            room.readers[reader] = nil
            state.rooms[conversation] = room.readers.isEmpty && !room.isRunning ? nil : room
        }
    }

    private static func note(_ event: ConversationEvent, in room: inout Room) {
        switch event {
        case .draft(let text, let reset):
            if reset { room.live.draft = "" }
            if room.live.draft.utf8.count < draftLimit { room.live.draft += text }
        case .tool(let activity):
            if let index = room.live.tools.lastIndex(where: { $0.call == activity.call }) {
                room.live.tools[index] = activity
            } else {
                room.live.tools.append(activity)
            }
        case .approval(let approval):
            room.live.approvals.append(approval)
        case .approvalClosed(let id, _):
            room.live.approvals.removeAll { $0.id == id }
        case .done:
            room.isRunning = false
            room.live = LiveTurn(draft: "", tools: [], approvals: [])
        case .entry, .state:
            break
        }
    }
}
