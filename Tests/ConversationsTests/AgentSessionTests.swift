import Conversations
import MCP
import Model
import Testing

@Suite(.timeLimit(.minutes(5))) struct AgentSessionTests {
    private let ada = PersonID(trusted: "ada")
    private let first = MessageID(trusted: "m1")

    private func session() -> AgentSession {
        AgentSession(
            SessionDescription(
                session: SessionID(trusted: "s1"), conversation: ConversationID(trusted: "c1"),
                channel: ChannelID(trusted: "ch1"), requester: ada),
            opening: ["context": "first"])
    }

    private func message(_ id: String) -> JSONValue { ["id": .string(id), "kind": "message", "text": "hi"] }

    private func ids(_ answer: JSONObject) -> [String] {
        answer["messages"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
    }

    @Test func aTurnIsReceivedOnceAndRepliedOnce() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        let answer = try await session.receive(wait: true) { _ in [] }
        #expect(ids(answer) == ["m1"])
        #expect(answer["context"] == "first")
        let given = try await session.reply { turn in #expect(turn == first) }
        #expect(given)
        #expect(try await !session.reply { _ in })
        guard case .replied = await outcome else {
            Issue.record("expected a reply")
            return
        }
    }

    @Test func aFollowUpSteersTheRunningTurn() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        _ = try await session.receive(wait: true) { _ in [] }
        #expect(ids(try await session.receive(wait: false) { _ in [] }) == [])
        let poll = try await session.receive(wait: false) { turn in
            #expect(turn == first)
            return [message("m2")]
        }
        #expect(ids(poll) == ["m2"])
        #expect(poll["context"] == nil)
        _ = try await session.reply { _ in }
        _ = await outcome
    }

    @Test func noReplyBeforeTheQuestionWasRead() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        while await session.openTurn == nil { await Task.yield() }
        let given = try await session.reply { _ in Issue.record("stored an answer to an unread question") }
        #expect(!given)
        await session.end(reason: "over")
        _ = await outcome
    }

    @Test func aFailedCommitLeavesTheTurnOpen() async throws {
        struct Failure: Error {}
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        _ = try await session.receive(wait: true) { _ in [] }
        await #expect(throws: Failure.self) { _ = try await session.reply { _ in throw Failure() } }
        #expect(try await session.reply { _ in })
        _ = await outcome
    }

    @Test func cancellingEndsTheTurnItsCallsAndTellsTheAgent() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        _ = try await session.receive(wait: true) { _ in [] }
        let call = Task {
            await session.run(CallID(trusted: "k1")) { _ in
                try? await Task.sleep(for: .seconds(600))
                return .text(Task.isCancelled ? "cancelled" : "ran on")
            }
        }
        await Task.yield()
        await session.cancelTurn(by: ada)
        guard case .cancelled(by: ada) = await outcome else {
            Issue.record("expected a cancellation")
            return
        }
        _ = await call.value
        let poll = try await session.receive(wait: false) { _ in [] }
        #expect(poll["messages"]?[0]?["kind"] == "cancel")
        #expect(try await !session.reply { _ in })
    }

    @Test func anAgentThatWaitsWithoutAnsweringFailsItsTurn() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        _ = try await session.receive(wait: true) { _ in [] }
        let waiting = Task { try await session.receive(wait: true) { _ in [] } }
        guard case .failed(_, wasSeen: true) = await outcome else {
            Issue.record("expected a failure")
            return
        }
        waiting.cancel()
        await #expect(throws: (any Error).self) { _ = try await waiting.value }
    }

    @Test func aGoneAgentFailsTheTurnAndTheNextOne() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        while await session.openTurn == nil { await Task.yield() }
        await session.end(reason: "It ran out of memory.")
        guard case .failed(let reason, wasSeen: false) = await outcome else {
            Issue.record("expected a failure")
            return
        }
        #expect(reason == "It ran out of memory.")
        guard case .failed = await session.perform(first, messages: [message("m2")]) else {
            Issue.record("expected a failure")
            return
        }
        await #expect(throws: (any Error).self) { _ = try await session.receive(wait: true) { _ in [] } }
    }

    @Test func aCallOutsideATurnDoesNotRun() async {
        let session = session()
        let result = await session.run(CallID(trusted: "k1")) { _ in
            Issue.record("ran outside a turn")
            return .text("ran")
        }
        #expect(result.isError)
    }

    @Test func noToolRunsBeforeTheQuestionWasRead() async {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        while await session.openTurn == nil { await Task.yield() }
        let result = await session.run(CallID(trusted: "k1")) { _ in
            Issue.record("ran for a question nobody had read")
            return .text("ran")
        }
        #expect(result.isError)
        await session.end(reason: "over")
        _ = await outcome
    }

    @Test func whoKnowsTheQuestionNeedNotReceiveIt() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")], isHandedOver: true)
        while await session.openTurn == nil { await Task.yield() }
        let result = await session.run(CallID(trusted: "k1")) { _ in .text("ran") }
        #expect(!result.isError)
        await session.end(reason: "left")
        guard case .failed(_, wasSeen: true) = await outcome else {
            Issue.record("a question in work was taken for an unseen one")
            return
        }
    }

    @Test func whoWaitsForATurnGoesOnWithItOrWithTheEnd() async throws {
        let session = session()
        async let waited: Void = session.untilTurnOpens()
        async let outcome = session.perform(first, messages: [message("m1")], isHandedOver: true)
        await waited
        #expect(await session.openTurn == first)
        await session.end(reason: "left")
        _ = await outcome
        // Nothing will open one now.
        await session.untilTurnOpens()
    }

    @Test func theReplyEndsTheOtherCallsOfItsTurn() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        _ = try await session.receive(wait: true) { _ in [] }
        let other = Task {
            await session.run(CallID(trusted: "k1")) { _ in
                // So long it has to be ended, before it is taken to have run on.
                try? await Task.sleep(for: .seconds(5))
                return .text(Task.isCancelled ? "cancelled" : "ran on")
            }
        }
        while await session.callsUnderWay == 0 { await Task.yield() }
        #expect(try await session.reply { _ in })
        _ = await outcome
        #expect(await other.value.text == "cancelled")
    }

    /// The agent goes away while its answer is being stored, and storing fails: somebody has to end the turn.
    @Test func anAnswerThatFailsAfterTheEndEndsTheTurn() async throws {
        struct Failure: Error {}
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        _ = try await session.receive(wait: true) { _ in [] }
        await #expect(throws: Failure.self) {
            _ = try await session.reply { _ in
                await session.end(reason: "gone")
                throw Failure()
            }
        }
        guard case .failed(let reason, wasSeen: true) = await outcome else {
            Issue.record("expected a failure")
            return
        }
        #expect(reason == "gone")
    }

    @Test func oneQuestionTakesNoEndlessNumberOfCalls() async throws {
        let session = session()
        async let outcome = session.perform(first, messages: [message("m1")])
        _ = try await session.receive(wait: true) { _ in [] }
        var refused = 0
        for index in 0..<1010 {
            let result = await session.run(CallID(trusted: "k\(index)")) { _ in .text("ran") }
            if result.isError { refused += 1 }
        }
        #expect(refused == 10)
        _ = try await session.reply { _ in }
        _ = await outcome
    }
}
