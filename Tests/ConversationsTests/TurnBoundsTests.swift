import Conversations
import Foundation
import Harness
import MCP
import Model
import Routing
import Store
import Synchronization
import Testing
import ToolServers

/// What a turn may take, and that it ends with the turn.
@Suite(.timeLimit(.minutes(5))) struct TurnBoundsTests {
    /// Writes down what is granted and taken away, and what else happens in between.
    private final class Ledger: ModelDoors {
        private let lines = Mutex<[String]>([])
        let atRevoke: Mutex<@Sendable (SessionID) async -> Void> = Mutex { _ in }

        var all: [String] { lines.withLock { $0 } }
        func note(_ line: String) { lines.withLock { $0.append(line) } }

        func assign(_ compartment: CompartmentID, to session: SessionDescription) async {}
        func close(_ compartment: CompartmentID, of session: SessionID) async {}

        func grant(_ leave: TurnLeave, for turn: MessageID, of session: SessionDescription) async {
            note("grant \(leave.calls) \(leave.outputTokens)")
        }

        func move(_ turn: MessageID, of session: SessionID, to tier: RouteTier) async {}

        func revoke(_ turn: MessageID, of session: SessionID) async {
            await atRevoke.withLock { $0 }(session)
            note("revoke")
        }
    }

    private static func untilStopped(_ agent: ScriptedAgent) async throws {
        while try await agent.receive(wait: false) != nil { await Task.yield() }
    }

    /// By whatever way a turn ends: with an answer, cancelled, by the agent's death, by its deadline.
    @Test func theModelIsGrantedForATurnAndForNothingElse() async throws {
        let ledger = Ledger()
        var limits = ConversationLimits()
        (limits.modelCallsPerTurn, limits.outputTokens, limits.turn) = (7, 99, .seconds(2))
        let script: ScriptedAgent.Script = { agent in
            ledger.note("agent")
            while true {
                guard let messages = try await agent.receive() else { continue }
                ledger.note("got \(messages[0])")
                switch messages[0] {
                case "die": return
                case "cancel", "hang": try await Self.untilStopped(agent)
                default: try await agent.reply("ok")
                }
            }
        }
        try await Stage(limits: limits, doors: ledger, agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            var conversation: ConversationID?
            var last: Int64 = 0
            for text in ["answer", "cancel", "die", "hang", "again"] {
                let receipt = try await stage.say(text, by: ada, in: dm, conversation: conversation)
                conversation = receipt.conversation
                while text == "cancel", ledger.all.last != "got cancel" { await Task.yield() }
                if text == "cancel" { try await stage.service.cancel(receipt.conversation, by: ada) }
                last = try await stage.answer(in: receipt.conversation, for: ada, after: last)?.sequence ?? 0
            }
            // The answer is seen a moment before its turn is over.
            while ledger.all.last != "revoke" { await Task.yield() }
            let turns = ledger.all.filter { $0 != "agent" }
            #expect(
                turns
                    == ["answer", "cancel", "die", "hang", "again"].flatMap { ["grant 7 99", "got \($0)", "revoke"] })
        }
    }

    /// The limits travel with each turn: an operator's change reaches a session that is live.
    @Test func theAgentIsToldWhatItsTurnMayTake() async throws {
        let told = Reloadable<[JSONValue]>([])
        let script: ScriptedAgent.Script = { agent in
            while true {
                let result = try await agent.client.callTool("receive", arguments: ["wait": true])
                told.replace(with: told.current + [result.structuredContent?["limits"] ?? .null])
                try await agent.reply("ok")
            }
        }
        try await Stage(agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            let first = try await stage.say("one", by: ada, in: dm)
            let answer = try await stage.answer(in: first.conversation, for: ada)
            _ = try await stage.say("two", by: ada, in: dm, conversation: first.conversation)
            _ = try await stage.answer(in: first.conversation, for: ada, after: answer?.sequence ?? 0)
            #expect(told.current.count == 2)
            #expect(told.current.allSatisfy { $0["maximumTurns"] == 60 && $0["maximumOutputTokens"] == 8192 })
        }
    }

    /// What makes the next session at once, on seeing the turn end, must find the earlier one ended in the store.
    @Test func theStoreKnowsOfASessionsEndBeforeItsTurnEnds() async throws {
        let ledger = Ledger()
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard let messages = try await agent.receive() else { continue }
                if messages == ["die"] { return }
            }
        }
        let states = Reloadable<[SessionRecord.State?]>([])
        try await Stage(doors: ledger, agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            let elsewhere = try await stage.database.acceptInbound(
                InboundDraft(channel: dm, author: ada, text: "elsewhere", surface: "test", eventID: "e0")
            ).message.conversation
            _ = try await stage.database.cancelPending(in: elsewhere, author: ada)
            // The writer has much to do: a session's end takes its time to be written.
            ledger.atRevoke.withLock { hook in
                hook = { session in
                    let state = try? await stage.database.session(session)?.state
                    states.replace(with: states.current + [state])
                }
            }
            let busy = Task {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<20_000 {
                        group.addTask {
                            _ = try? await stage.database.addNotice(conversation: elsewhere, text: "x")
                        }
                    }
                }
            }
            let receipt = try await stage.say("die", by: ada, in: dm)
            let notice = try await stage.answer(in: receipt.conversation, for: ada)
            #expect(notice?.text == "The assistant's process ended.")
            busy.cancel()
            await busy.value
            #expect(states.current.first == .ended)
        }
    }

    /// Each message's turn, by the texts that shared one.
    @Test func wordsTypedByAnotherHandAreATurnOfTheirOwn() async throws {
        let seen = Reloadable<[[String]]>([])
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard var messages = try await agent.receive() else { continue }
                if messages == ["first"] {
                    // Until all four are waiting; then the follow-ups are fetched.
                    while messages.count < 2 { messages += try await agent.receive(wait: false) ?? [] }
                }
                seen.replace(with: seen.current + [messages])
                try await agent.reply("ok")
            }
        }
        try await Stage(agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let admin = try await stage.person("Root")
            let dm = try await stage.dm(of: ada)
            let first = try await stage.say("first", by: ada, in: dm)
            let conversation = first.conversation
            _ = try await stage.say("spoken for 1", by: ada, onBehalfBy: admin, in: dm, conversation: conversation)
            _ = try await stage.say("spoken for 2", by: ada, onBehalfBy: admin, in: dm, conversation: conversation)
            _ = try await stage.say("own", by: ada, in: dm, conversation: conversation)
            while seen.current.count < 2 { await Task.yield() }
            #expect(seen.current == [["first", "own"], ["spoken for 1", "spoken for 2"]])
        }
    }

    @Test func whatWaitsInARowIsOneQuestionOfOneHand() async throws {
        let seen = Reloadable<[[String]]>([])
        let mayEnd = Reloadable(false)
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard let messages = try await agent.receive() else { continue }
                while !mayEnd.current { await Task.yield() }
                seen.replace(with: seen.current + [messages])
                try await agent.reply("ok")
            }
        }
        try await Stage(agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let admin = try await stage.person("Root")
            let dm = try await stage.dm(of: ada)
            let conversation = try await stage.say("first", by: ada, in: dm).conversation
            while stage.agents.taken.current == 0 { await Task.yield() }
            for (text, hand) in [("a", nil), ("b", nil), ("c", admin), ("d", admin), ("e", nil)] {
                _ = try await stage.say(text, by: ada, onBehalfBy: hand, in: dm, conversation: conversation)
            }
            mayEnd.replace(with: true)
            while seen.current.count < 4 { await Task.yield() }
            #expect(seen.current == [["first"], ["a", "b"], ["c", "d"], ["e"]])
        }
    }

    /// More conversations than are worked on at a time: none is forgotten.
    @Test func noMoreConversationsAreWorkedOnThanMayBe() async throws {
        var limits = ConversationLimits()
        limits.conversations = 2
        let begun = Reloadable(Set<String>())
        let mayEnd = Reloadable(false)
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard let messages = try await agent.receive() else { continue }
                begun.replace(with: begun.current.union(messages))
                while !mayEnd.current { await Task.yield() }
                try await agent.reply("ok")
            }
        }
        try await Stage(limits: limits, agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            var receipts: [Receipt] = []
            for number in 0..<12 { receipts.append(try await stage.say("\(number)", by: ada, in: dm)) }
            while begun.current.count < 2 { await Task.yield() }
            // A third would begin at once, if it were to.
            let moment = ContinuousClock.now + .milliseconds(300)
            while begun.current.count == 2, ContinuousClock.now < moment { await Task.yield() }
            #expect(begun.current == ["0", "1"])
            mayEnd.replace(with: true)
            for receipt in receipts {
                #expect(try await stage.answer(in: receipt.conversation, for: ada)?.text == "ok")
            }
        }
    }
}
