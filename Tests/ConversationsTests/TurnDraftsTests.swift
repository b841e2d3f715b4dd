import Conversations
import Model
import Testing

@Suite struct TurnDraftsTests {
    private let room = ConversationID(trusted: "c1")
    private let first = MessageID(trusted: "m1")
    private let second = MessageID(trusted: "m2")
    private let session = SessionID(trusted: "s1")

    private func open(_ turn: MessageID, on drafts: TurnDrafts) {
        drafts.open(
            turn,
            of: SessionDescription(
                session: session, conversation: room, channel: ChannelID(trusted: "ch"),
                requester: PersonID(trusted: "ada")))
    }

    @Test func aDraftIsSeenInItsTurnsRoomWhileTheTurnIsOpen() {
        let hub = EventHub()
        let drafts = TurnDrafts(hub: hub)
        hub.turnStarted(in: room)
        drafts.write("before", reset: false, for: first, of: session)
        #expect(hub.live(in: room)?.draft == "")
        open(first, on: drafts)
        drafts.write("seen.", reset: false, for: first, of: session)
        drafts.write("another's", reset: false, for: first, of: SessionID(trusted: "s2"))
        #expect(hub.live(in: room)?.draft == "seen.")
        drafts.close(first, of: session)
        drafts.write("after", reset: false, for: first, of: session)
        #expect(hub.live(in: room)?.draft == "seen.")
    }

    @Test func whatAnEarlierTurnsCallStillBringsIsNotTheNextOnes() {
        let hub = EventHub()
        let drafts = TurnDrafts(hub: hub)
        open(first, on: drafts)
        drafts.close(first, of: session)
        hub.turnStarted(in: room)
        open(second, on: drafts)
        drafts.write("forged", reset: true, for: first, of: session)
        drafts.close(first, of: session)
        drafts.write("own.", reset: false, for: second, of: session)
        #expect(hub.live(in: room)?.draft == "own.")
        drafts.close(of: session)
        drafts.write("more", reset: false, for: second, of: session)
        #expect(hub.live(in: room)?.draft == "own.")
    }
}
