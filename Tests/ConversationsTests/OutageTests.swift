import Conversations
import Harness
import MCP
import Model
import Routing
import Store
import Synchronization
import Testing

/// While no model can be reached: nothing is lost, people are told, and it goes on by itself.
@Suite(.timeLimit(.minutes(5))) struct OutageTests {
    /// A gateway in whose place the test says what is to be had.
    private final class Doors: ModelDoors {
        private let state = Mutex((outage: TurnOutage?.none, readiness: ModelReadiness.ready))

        init(_ outage: TurnOutage?, _ readiness: ModelReadiness = .ready) {
            set(outage, readiness)
        }

        func set(_ outage: TurnOutage?, _ readiness: ModelReadiness) {
            state.withLock { $0 = (outage, readiness) }
        }

        /// As a gateway does: one call finds out, and while it does, and after it failed, there is nothing to try.
        func tried() {
            state.withLock { if $0.readiness == .worthATry { $0.readiness = .down } }
        }

        var isDown: Bool { state.withLock { $0.outage != nil } }

        func assign(_ compartment: CompartmentID, to session: SessionDescription) async {}
        func grant(_ leave: TurnLeave, for turn: MessageID, of session: SessionDescription) async {}
        func move(_ turn: MessageID, of session: SessionID, to tier: RouteTier) async {}
        func revoke(_ turn: MessageID, of session: SessionID) async {}
        func close(_ compartment: CompartmentID, of session: SessionID) async {}
        func outage(of turn: MessageID, session: SessionID) async -> TurnOutage? { state.withLock { $0.outage } }
        func readiness(of tier: RouteTier?, in channel: ChannelID) async -> ModelReadiness {
            state.withLock { $0.readiness }
        }
    }

    /// Answers where there is a model; else says that it failed, as an agent does.
    private static func agent(_ doors: Doors, acting: Bool = false, tries: Reloadable<Int>) -> ScriptedAgent.Script {
        { agent in
            while true {
                guard let texts = try await agent.receive() else { continue }
                tries.replace(with: tries.current + 1)
                doors.tried()
                if acting {
                    _ = try await agent.client.callTool("write_file", arguments: ["path": "a", "content": "b"])
                }
                if doors.isDown {
                    let failure: JSONObject = ["text": "I could not get an answer from the model.", "failure": true]
                    _ = try await agent.client.callTool("reply", arguments: failure)
                } else {
                    try await agent.reply("answer to \(texts.joined(separator: "+"))")
                }
            }
        }
    }

    /// The lines of the thread that are nobody's message.
    private func said(_ stage: Stage, in conversation: ConversationID, until count: Int, for person: PersonID)
        async throws -> [String]
    {
        var lines: [String] = []
        for await event in try await stage.service.events(of: conversation, after: 0, for: person) {
            if case .entry(let entry) = event, entry.kind != .user { lines.append(entry.text) }
            if lines.count == count { break }
        }
        return lines
    }

    @Test func aMessageIsKeptItsPersonToldOnceAndItIsAnsweredByItself() async throws {
        let doors = Doors(.certain)
        let tries = Reloadable(0)
        try await Stage(doors: doors, agent: Self.agent(doors, tries: tries)).run { stage in
            let anna = try await stage.person("anna")
            let channel = try await stage.dm(of: anna)
            let receipt = try await stage.say("one", by: anna, in: channel)
            // Often enough to use up what tries an agent has that dies of its question.
            while tries.current < 6 { try await Task.sleep(for: .milliseconds(20)) }
            doors.set(.certain, .down)
            var lines = try await said(stage, in: receipt.conversation, until: 1, for: anna)
            #expect(lines.first?.contains("cannot be reached at the moment. Your message is kept") == true)
            while try await stage.database.pending(in: receipt.conversation).isEmpty {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await stage.database.pending(in: receipt.conversation).map(\.attempts) == [0])
            // What is said meanwhile is kept as well.
            _ = try await stage.say("two", by: anna, in: channel, conversation: receipt.conversation)
            doors.set(nil, .ready)
            lines = try await said(stage, in: receipt.conversation, until: 2, for: anna)
            #expect(lines.last == "answer to one+two")
        }
    }

    /// It may be what was asked: then it fails in the end, and nobody waits for ever.
    @Test func aQuestionThatAloneFailsIsToldInTheEnd() async throws {
        let doors = Doors(.suspected)
        let tries = Reloadable(0)
        try await Stage(doors: doors, agent: Self.agent(doors, tries: tries)).run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("one", by: anna, in: try await stage.dm(of: anna))
            let answer = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(answer?.text == "I could not get an answer from the model.")
            #expect(answer?.kind == .notice)
            #expect(tries.current == 4)
        }
    }

    @Test func whatHasActedIsNotDoneTwice() async throws {
        let doors = Doors(.certain)
        let tries = Reloadable(0)
        try await Stage(doors: doors, agent: Self.agent(doors, acting: true, tries: tries)).run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("one", by: anna, in: try await stage.dm(of: anna))
            let answer = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(answer?.text == "I could not get an answer from the model.")
            #expect(tries.current == 1)
        }
    }

    @Test func otherFailuresAreToldAsTheyAre() async throws {
        let doors = Doors(nil)
        let tries = Reloadable(0)
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard try await agent.receive() != nil else { continue }
                tries.replace(with: tries.current + 1)
                _ = try await agent.client.callTool("reply", arguments: ["text": "The key is wrong.", "failure": true])
            }
        }
        try await Stage(doors: doors, agent: script).run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("one", by: anna, in: try await stage.dm(of: anna))
            #expect(try await stage.answer(in: receipt.conversation, for: anna)?.text == "The key is wrong.")
            #expect(tries.current == 1)
        }
    }

    /// Of many who wait one finds out; the others are not started for nothing.
    @Test func oneOfManyTriesAndAllAreAnswered() async throws {
        let doors = Doors(.certain, .down)
        let tries = Reloadable(0)
        try await Stage(doors: doors, agent: Self.agent(doors, tries: tries)).run { stage in
            var asked: [(PersonID, ConversationID)] = []
            for name in ["anna", "ben", "carl", "dora", "emil"] {
                let person = try await stage.person(name)
                let receipt = try await stage.say("from \(name)", by: person, in: try await stage.dm(of: person))
                _ = try await said(stage, in: receipt.conversation, until: 1, for: person)
                asked.append((person, receipt.conversation))
            }
            #expect(tries.current == 0)
            // Whoever tries finds nobody, and waits on.
            doors.set(.certain, .worthATry)
            while tries.current == 0 { try await Task.sleep(for: .milliseconds(20)) }
            try await Task.sleep(for: .seconds(3))
            #expect(tries.current == 1)
            doors.set(nil, .ready)
            for (person, conversation) in asked {
                let lines = try await said(stage, in: conversation, until: 2, for: person)
                #expect(lines.last?.hasPrefix("answer to from ") == true)
            }
        }
    }
}
