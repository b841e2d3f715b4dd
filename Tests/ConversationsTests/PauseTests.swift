import Conversations
import Harness
import MCP
import Model
import Store
import Testing
import ToolServers

@Suite(.timeLimit(.minutes(5))) struct PauseTests {
    private func admin(on stage: Stage) async throws -> PersonID {
        try await stage.database.findOrCreatePerson(name: "ben", role: .admin).id
    }

    private static let answering: ScriptedAgent.Script = { agent in
        while true {
            guard let texts = try await agent.receive() else { continue }
            try await agent.reply("answer to \(texts.joined(separator: "+"))")
        }
    }

    @Test func whatIsSaidMeanwhileIsAnsweredAfterwards() async throws {
        let stage = try await Stage(agent: Self.answering)
        try await stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await admin(on: stage))
            let channel = try await stage.dm(of: anna)
            try await stage.service.pause(.person(anna), reason: "", by: ben)
            let first = try await stage.say("one", by: anna, in: channel)
            _ = try await stage.say("two", by: anna, in: channel, conversation: first.conversation)
            // Somebody else is not meant.
            let carl = try await stage.person("carl")
            let other = try await stage.say("three", by: carl, in: try await stage.dm(of: carl))
            #expect(try await stage.answer(in: other.conversation, for: carl)?.text == "answer to three")
            #expect(try await stage.database.pending(in: first.conversation).count == 2)
            #expect(try await stage.service.resume(.person(anna), by: ben))
            let answer = try await stage.answer(in: first.conversation, for: anna)
            #expect(answer?.text == "answer to one+two")
        }
    }

    @Test func aRestartResumesNothing() async throws {
        let stage = try await Stage(agent: Self.answering)
        let asked = Reloadable<Receipt?>(nil)
        try await stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await admin(on: stage))
            try await stage.service.pause(.all, reason: "", by: ben)
            asked.replace(with: try await stage.say("one", by: anna, in: try await stage.dm(of: anna)))
        }
        stage.database.close()
        let next = try await Stage(directory: stage.directory, agent: Self.answering)
        try await next.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await admin(on: stage))
            let conversation = try #require(asked.current).conversation
            #expect(try await stage.service.pauses(for: ben).map(\.scope) == [.all])
            #expect(try await stage.database.pending(in: conversation).count == 1)
            #expect(stage.agents.taken.current == 0)
            #expect(try await stage.service.resume(.all, by: ben))
            #expect(try await stage.answer(in: conversation, for: anna)?.text == "answer to one")
        }
    }

    @Test func aRunningTurnStopsAtOnce() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let server = SleepingServer(started: { start.yield() })
        let stage = try await Stage(servers: [server]) { agent in
            while true {
                guard try await agent.receive() != nil else { continue }
                _ = try await agent.client.callTool("sleep", arguments: [:])
            }
        }
        try await stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await admin(on: stage))
            let receipt = try await stage.say("go", by: anna, in: try await stage.dm(of: anna))
            for await _ in started { break }
            let clock = ContinuousClock()
            let begin = clock.now
            try await stage.service.pause(.all, reason: "too dear", by: ben)
            let notice = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(
                notice?.text == "Stopped by ben. Bulkhead is paused by ben (too dear)."
                    && clock.now - begin < .seconds(2))
        }
    }

    @Test func aPausedToolStopsAndTheTurnGoesOn() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let server = SleepingServer(started: { start.yield() })
        let stage = try await Stage(servers: [server]) { agent in
            while true {
                guard try await agent.receive() != nil else { continue }
                let first = try await agent.client.callTool("sleep", arguments: [:])
                let second = try await agent.client.callTool("sleep", arguments: [:])
                try await agent.reply("\(first.isError) \(second.text)")
            }
        }
        try await stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await admin(on: stage))
            let receipt = try await stage.say("go", by: anna, in: try await stage.dm(of: anna))
            for await _ in started { break }
            try await stage.service.pause(.tool("sleep"), reason: "odd", by: ben)
            let answer = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(answer?.text.hasPrefix("true sleep is paused by ben (odd)") == true, "\(answer?.text ?? "")")
        }
    }

    /// Whoever pulled the brake meant now, whatever becomes of the record.
    @Test func whatCannotBeRecordedStopsAllTheSame() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let stage = try await Stage(servers: [SleepingServer(started: { start.yield() })]) { agent in
            while true {
                guard try await agent.receive() != nil else { continue }
                _ = try await agent.client.callTool("sleep", arguments: [:])
            }
        }
        try await stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await admin(on: stage))
            let receipt = try await stage.say("go", by: anna, in: try await stage.dm(of: anna))
            for await _ in started { break }
            try stage.tamper(
                """
                CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.event = 'pause.began'
                BEGIN SELECT RAISE(ABORT, 'no room'); END
                """)
            await #expect(throws: (any Error).self) { try await stage.service.pause(.all, reason: "", by: ben) }
            let notice = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(
                notice?.text.hasPrefix("Stopped by ben. Bulkhead is paused by ben") == true, "\(notice?.text ?? "")")
        }
    }

    @Test func onlyAdminsPause() async throws {
        let stage = try await Stage(agent: Self.answering)
        let anna = try await stage.person("anna")
        await #expect(throws: ChatError.self) { try await stage.service.pause(.all, reason: "", by: anna) }
        await #expect(throws: ChatError.self) { try await stage.service.resume(.all, by: anna) }
        await #expect(throws: ChatError.self) { try await stage.service.pauses(for: anna) }
    }
}

/// A tool that takes an hour, unless it is cancelled.
private struct SleepingServer: ToolServer {
    let started: @Sendable () -> Void
    let tools = [RegisteredTool(tool: Tool(name: "sleep", inputSchema: ["type": "object"]), effect: .read, server: "t")]

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        started()
        try await Task.sleep(for: .seconds(3600))
        return .text("slept")
    }
}

extension PauseTests {
    /// A pause that comes while the sandbox is still being started finds no turn to end, and holds all the same.
    @Test func aPauseWhileTheSandboxStartsHolds() async throws {
        let (began, begin) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let handed = Reloadable(0)
        let stage = try await Stage(compartments: { SlowSource(inner: $0, began: begin, released: released) }) {
            agent in
            while true {
                guard let texts = try await agent.receive(), !texts.isEmpty else { continue }
                handed.replace(with: handed.current + 1)
                try await agent.reply("answer to \(texts.joined(separator: "+"))")
            }
        }
        try await stage.run { stage in
            let anna = try await stage.person("anna")
            let ben = try await stage.database.findOrCreatePerson(name: "ben", role: .admin).id
            let receipt = try await stage.say("one", by: anna, in: try await stage.dm(of: anna))
            for await _ in began { break }
            try await stage.service.pause(.all, reason: "", by: ben)
            release.yield()
            // It comes back to the inbox, unseen by any agent.
            while try await stage.database.pending(in: receipt.conversation).first?.attempts ?? 0 == 0 {
                await Task.yield()
            }
            #expect(handed.current == 0)
            release.finish()
            #expect(try await stage.service.resume(.all, by: ben))
            #expect(try await stage.answer(in: receipt.conversation, for: anna)?.text == "answer to one")
            #expect(handed.current == 1)
        }
    }

    /// Nobody called for the end of their work, as after a request that noticed the removal first.
    @Test func whatRunsForTheRemovedEndsByItself() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let stage = try await Stage { agent in
            guard try await agent.receive() != nil else { return }
            start.yield()
            try await Task.sleep(for: .seconds(3600))
        }
        try await stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("go", by: anna, in: try await stage.dm(of: anna))
            for await _ in started { break }
            _ = try await stage.database.deactivate(anna)
            let notice = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(notice?.text.contains("may not use Bulkhead any more") == true)
        }
    }
}

/// Compartments that are taken as slowly as a test says.
private struct SlowSource: CompartmentSource {
    let inner: any CompartmentSource
    let began: AsyncStream<Void>.Continuation
    let released: AsyncStream<Void>

    func take(for session: SessionID) async throws -> any SessionCompartment {
        began.yield()
        for await _ in released { break }
        return try await inner.take(for: session)
    }

    func discardScratch(of session: SessionID) async throws { try await inner.discardScratch(of: session) }
    func scratches(after session: SessionID?) async throws -> [SessionID] {
        try await inner.scratches(after: session)
    }
}
