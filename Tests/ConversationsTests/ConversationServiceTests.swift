import Audit
import Conversations
import Harness
import MCP
import Model
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConversationServiceTests {
    private static let echo: ScriptedAgent.Script = { agent in
        while true {
            guard let messages = try await agent.receive() else { continue }
            try await agent.reply("You said: " + messages.joined(separator: " | "))
        }
    }

    @Test func aToolThatDoesNotExistIsRefusedOnRecord() async throws {
        let stage = try await Stage { agent in
            while true {
                guard try await agent.receive() != nil else { continue }
                do {
                    _ = try await agent.client.callTool("approve_everything", arguments: ["role": "owner"])
                    try await agent.reply("it ran")
                } catch {
                    try await agent.reply("\(error)")
                }
            }
        }
        try await stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("go", by: anna, in: try await stage.dm(of: anna))
            let answer = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(answer?.text.contains("unknown tool: approve_everything") == true)
            let audit = try await AuditLog.open(stage.database)
            var filter = AuditFilter()
            filter.tool = "approve_everything"
            let rows = try await audit.rows(matching: filter)
            #expect(rows.map(\.decision) == ["unknown"] && rows.first?.requester == anna.rawValue)
        }
    }

    @Test func aMessageIsAnsweredOnce() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            let receipt = try await stage.say("hello", by: ada, in: dm, id: "e1")
            let again = try await stage.say("hello", by: ada, in: dm, id: "e1")
            #expect(receipt.message == again.message)
            let answer = try await stage.answer(in: receipt.conversation, for: ada)
            #expect(answer?.text == "You said: hello")
            #expect(answer?.kind == .assistant)
            let next = try await stage.say("more", by: ada, in: dm, conversation: receipt.conversation)
            let second = try await stage.answer(
                in: next.conversation, for: ada, after: answer?.sequence ?? 0)
            #expect(second?.text == "You said: more")
            #expect(stage.agents.taken.current == 1)
            let all = try await stage.service.conversation(receipt.conversation, for: ada).entries
            #expect(all.map(\.kind) == [.user, .assistant, .user, .assistant])
        }
    }

    @Test func twoPeopleInAThreadHaveSessionsOfTheirOwn() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let ada = try await stage.person("Ada")
            let ben = try await stage.person("Ben")
            let room = try await stage.service.createChannel(named: "team", by: ada).id
            try await stage.database.addMember(ben, to: room)
            let first = try await stage.say("from Ada", by: ada, in: room)
            let answer = try await stage.answer(in: first.conversation, for: ada)
            _ = try await stage.say("from Ben", by: ben, in: room, conversation: first.conversation)
            let second = try await stage.answer(
                in: first.conversation, for: ben, after: answer?.sequence ?? 0)
            #expect(second?.text == "You said: from Ben")
            #expect(stage.agents.taken.current == 2)
        }
    }

    @Test func aStrangerSeesNothing() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let ada = try await stage.person("Ada")
            let eve = try await stage.person("Eve")
            let dm = try await stage.dm(of: ada)
            let receipt = try await stage.say("secret", by: ada, in: dm)
            await #expect(throws: ChatError.self) {
                _ = try await stage.service.conversation(receipt.conversation, for: eve)
            }
            await #expect(throws: ChatError.self) {
                _ = try await stage.service.events(of: receipt.conversation, after: 0, for: eve)
            }
            await #expect(throws: ChatError.self) {
                _ = try await stage.say("hi", by: eve, in: dm, conversation: receipt.conversation)
            }
            await #expect(throws: ChatError.self) { try await stage.service.cancel(receipt.conversation, by: eve) }
        }
    }

    @Test func aConversationOfAnotherChannelIsNotToBeHadThroughOnesOwn() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let ada = try await stage.person("Ada")
            let eve = try await stage.person("Eve")
            let receipt = try await stage.say("secret", by: ada, in: try await stage.dm(of: ada))
            let eves = try await stage.dm(of: eve)
            await #expect(throws: ChatError.self) {
                _ = try await stage.say("hi", by: eve, in: eves, conversation: receipt.conversation)
            }
        }
    }

    @Test func cancellingGivesAClearWordOnceAndTheNextMessageWorks() async throws {
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard let messages = try await agent.receive() else { continue }
                if messages == ["hang"] {
                    while try await agent.receive(wait: false) != nil { await Task.yield() }
                    continue
                }
                try await agent.reply("ok")
            }
        }
        try await Stage(agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            let receipt = try await stage.say("hang", by: ada, in: dm)
            while stage.hub.live(in: receipt.conversation) == nil { await Task.yield() }
            var notice: Entry?
            while notice == nil {
                try await stage.service.cancel(receipt.conversation, by: ada)
                notice = try await stage.service.conversation(receipt.conversation, for: ada).entries
                    .first { $0.kind == .notice }
            }
            #expect(notice?.text == "Stopped by Ada.")
            _ = try await stage.say("again", by: ada, in: dm, conversation: receipt.conversation)
            let answer = try await stage.answer(in: receipt.conversation, for: ada, after: notice?.sequence ?? 0)
            #expect(answer?.text == "ok")
        }
    }

    @Test func anAgentThatDiesInMidTurnGivesASentenceAndTheNextMessageStartsAfresh() async throws {
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard let messages = try await agent.receive() else { continue }
                if messages == ["die"] { return }
                try await agent.reply("alive")
            }
        }
        try await Stage(agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            let receipt = try await stage.say("die", by: ada, in: dm)
            let notice = try await stage.answer(in: receipt.conversation, for: ada)
            #expect(notice?.kind == .notice)
            #expect(notice?.text == "The assistant's process ended.")
            _ = try await stage.say("again", by: ada, in: dm, conversation: receipt.conversation)
            let answer = try await stage.answer(in: receipt.conversation, for: ada, after: notice?.sequence ?? 0)
            #expect(answer?.text == "alive")
            #expect(stage.agents.taken.current == 2)
        }
    }

    @Test func badMessagesAreRefusedInWords() async throws {
        var limits = ConversationLimits()
        limits.messageBytes = 1024
        try await Stage(limits: limits, agent: Self.echo).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            for text in ["", " \n\t ", String(repeating: "x", count: 2000)] {
                await #expect(throws: ChatError.self) { _ = try await stage.say(text, by: ada, in: dm) }
            }
            #expect(try await stage.database.conversations(in: dm).isEmpty)
        }
    }

    @Test func whatWasAcceptedBeforeACrashIsAnsweredAfterIt() async throws {
        // The first process accepts and never works; the second one finds the message.
        let first = try await Stage(agent: Self.echo)
        let ada = try await first.person("Ada")
        let receipt = try await first.say("early", by: ada, in: try await first.dm(of: ada))
        first.database.close()
        try await Stage(directory: first.directory, agent: Self.echo).run { stage in
            let answer = try await stage.answer(in: receipt.conversation, for: ada)
            #expect(answer?.text == "You said: early")
        }
    }

    /// Whoever was let in after it is no earlier process's leftover.
    @Test func recoveryComesFirstAndOnce() async throws {
        let stage = try await Stage(agent: Self.echo)
        try await stage.service.recover()
        let ada = try await stage.person("Ada")
        let dm = try await stage.dm(of: ada)
        let early = try await stage.say("early", by: ada, in: dm)
        _ = try await stage.database.cancelPending(in: early.conversation, author: ada)
        let session = try await stage.database.startSession(conversation: early.conversation, requester: ada)
        try await stage.run { stage in
            let receipt = try await stage.say("hello", by: ada, in: dm)
            #expect(try await stage.answer(in: receipt.conversation, for: ada)?.text == "You said: hello")
            #expect(try await stage.database.session(session.id)?.state == .live)
        }
    }

    @Test func aModeIsOnlyTightened() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let ada = try await stage.person("Ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            try await stage.service.tighten(receipt.conversation, to: .readOnly, by: ada)
            for mode in [Mode.acceptEdits, .auto, .bypassPermissions] {
                await #expect(throws: ChatError.self) {
                    try await stage.service.tighten(receipt.conversation, to: mode, by: ada)
                }
            }
        }
    }
}
