import Conversations
import Model
import Testing

@Suite struct EventHubTests {
    private let room = ConversationID(trusted: "c1")

    @Test func aLateReaderSeesWhatIsUnderWay() async {
        let hub = EventHub()
        hub.turnStarted(in: room)
        hub.publish(.draft(text: "Hel", reset: false), in: room)
        hub.publish(.draft(text: "lo", reset: false), in: room)
        #expect(hub.subscribe(to: room).live?.draft == "Hello")
        hub.publish(.draft(text: "Anew", reset: true), in: room)
        #expect(hub.live(in: room)?.draft == "Anew")
        hub.publish(.done, in: room)
        #expect(hub.live(in: room) == nil)
        // News of a turn that is over would look like the beginning of another.
        let events = hub.subscribe(to: room).events
        hub.publish(.state("late"), in: room, whileRunning: true)
        hub.publish(.state("next"), in: room)
        var iterator = events.makeAsyncIterator()
        guard case .state("next") = await iterator.next() else {
            Issue.record("late news were told")
            return
        }
    }

    @Test func aSlowReaderIsEndedAndOthersAreNot() async {
        let hub = EventHub()
        let slow = hub.subscribe(to: room).events
        for index in 0..<5000 { hub.publish(.state("\(index)"), in: room) }
        var seen = 0
        for await _ in slow { seen += 1 }
        #expect(seen > 0 && seen < 5000)
        let next = hub.subscribe(to: room).events
        hub.publish(.state("still there"), in: room)
        var iterator = next.makeAsyncIterator()
        guard case .state("still there") = await iterator.next() else {
            Issue.record("the hub stopped publishing")
            return
        }
    }

    @Test func readersOfOneConversationDoNotHearAnother() async {
        let hub = EventHub()
        let events = hub.subscribe(to: room).events
        hub.publish(.state("elsewhere"), in: ConversationID(trusted: "c2"))
        hub.publish(.state("here"), in: room)
        var iterator = events.makeAsyncIterator()
        guard case .state("here") = await iterator.next() else {
            Issue.record("heard another conversation")
            return
        }
    }
}
