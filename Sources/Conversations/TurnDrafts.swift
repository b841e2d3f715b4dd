package import LeakScan
package import Model
internal import Synchronization

/// Which sessions may show people an answer that is being written: those with an open turn, in that turn's room. What an
/// agent has a model write at any other time reaches nobody.
///
/// A class around a mutex, as `EventHub`: the model gateway's observer must not suspend.
package final class TurnDrafts: Sendable {
    private let hub: EventHub
    private let leaks: LeakGuard

    private struct Draft {
        let turn: MessageID
        let room: ConversationID
        let subject: LeakSubject
        /// Of the call that writes now.
        var text: LeakStream
    }

    private let open = Mutex<[SessionID: Draft]>([:])

    package init(hub: EventHub, leaks: LeakGuard = LeakGuard()) {
        self.hub = hub
        self.leaks = leaks
    }

    package func open(_ turn: MessageID, of session: SessionDescription) {
        let subject = LeakSubject(
            session: session.session, requester: session.requester, channel: session.channel,
            conversation: session.conversation)
        let draft = Draft(
            turn: turn, room: session.conversation, subject: subject, text: LeakStream(leaks, subject: subject))
        open.withLock { $0[session.session] = draft }
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
            guard var draft = open[session], draft.turn == turn else { return }
            if reset { draft.text = LeakStream(leaks, subject: draft.subject) }
            let shown = draft.text.append(text)
            open[session] = draft
            guard reset || !shown.isEmpty else { return }
            hub.publish(.draft(text: shown, reset: reset), in: draft.room)
        }
    }

    /// The call that wrote is over: what was held back, because more of it could have made a secret, is shown.
    package func end(for turn: MessageID, of session: SessionID) {
        open.withLock { open in
            guard var draft = open[session], draft.turn == turn else { return }
            let rest = draft.text.end()
            open[session] = draft
            if !rest.isEmpty { hub.publish(.draft(text: rest, reset: false), in: draft.room) }
        }
    }
}
