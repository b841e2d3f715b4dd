package import Model
internal import Synchronization

/// Which sessions may show people an answer that is being written: those with an open turn, in that turn's room. What an
/// agent has a model write at any other time reaches nobody.
///
/// A class around a mutex, as `EventHub`: the model gateway's observer must not suspend.
package final class TurnDrafts: Sendable {
    private let hub: EventHub
    private let open = Mutex<[SessionID: (turn: MessageID, room: ConversationID)]>([:])

    package init(hub: EventHub) {
        self.hub = hub
    }

    package func open(_ turn: MessageID, of session: SessionDescription) {
        open.withLock { $0[session.session] = (turn, session.conversation) }
    }

    /// When this returns nothing more of the turn (of any, where it is `nil`) reaches people.
    package func close(_ turn: MessageID? = nil, of session: SessionID) {
        open.withLock { open in
            if turn == nil || open[session]?.turn == turn { open[session] = nil }
        }
    }

    /// Text that a call granted for `turn` brought. A call of an earlier turn may still be on its way out: it is not heard.
    package func write(_ text: String, reset: Bool, for turn: MessageID, of session: SessionID) {
        // Published within the lock, so that closing waits for it.
        open.withLock { open in
            guard let place = open[session], place.turn == turn else { return }
            hub.publish(.draft(text: text, reset: reset), in: place.room)
        }
    }
}
