import Audit
import Conversations
import Foundation
import Harness
import MCP
import Model
import Store
import Synchronization
import Testing
import ToolServers

/// A tool whose results are for the requester alone, and one whose are from outside.
private struct Secrets: ToolServer {
    let tools = [
        RegisteredTool(
            tool: Tool(name: "peek", inputSchema: ["type": "object"]), effect: .read, server: "secrets",
            labels: .private),
        RegisteredTool(
            tool: Tool(name: "fetch", inputSchema: ["type": "object"]), effect: .read, server: "web",
            labels: .untrusted),
        RegisteredTool(
            tool: Tool(name: "post", inputSchema: ["type": "object"]), effect: .external, server: "mail"),
    ]

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        .text(name == "peek" ? "the salary is 100" : "hello from \(name)")
    }
}

/// All that `viewer` was told of a conversation, as text.
private final class Listener: Sendable {
    private let heard = Mutex("")
    var text: String { heard.withLock { $0 } }

    func follow(_ events: AsyncStream<ConversationEvent>, until isLast: @Sendable (ConversationEvent) -> Bool) async {
        for await event in events {
            heard.withLock { $0 += "\(event)\n" }
            if isLast(event) { return }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct PrivateSessionTests {
    /// Does what the message says: names of tools, then says the last result.
    private static let script: ScriptedAgent.Script = { agent in
        while true {
            guard let messages = try await agent.receive() else { continue }
            var said = ""
            for word in messages.joined(separator: " ").split(separator: " ") {
                guard ["peek", "fetch", "post", "open_personal_folder"].contains(word) else {
                    said += "\(word) "
                    continue
                }
                let arguments: JSONObject = word == "open_personal_folder" ? [:] : ["word": "args of \(word)"]
                said += try await agent.client.callTool(String(word), arguments: arguments).text + " "
            }
            try await agent.reply(said)
        }
    }

    private func room(_ stage: Stage) async throws -> (anna: PersonID, ben: PersonID, room: ChannelID) {
        let (anna, ben) = (try await stage.person("Anna"), try await stage.person("Ben"))
        let room = try await stage.service.createChannel(named: "team", by: anna).id
        try await stage.database.addMember(ben, to: room)
        return (anna, ben, room)
    }

    @Test func nobodyElseInTheRoomSeesAPrivateTurn() async throws {
        try await Stage(servers: [Secrets()], agent: Self.script).run { stage in
            let (anna, ben, room) = try await self.room(stage)
            let first = try await stage.say("hi", by: anna, in: room)
            let before = try #require(try await stage.answer(in: first.conversation, for: anna))
            let (bens, annas) = (Listener(), Listener())
            let streams = [
                try await stage.service.events(of: first.conversation, after: 0, for: ben),
                try await stage.service.events(of: first.conversation, after: 0, for: anna),
            ]
            async let one: Void = bens.follow(streams[0]) { $0.isAnswer(after: before.sequence) }
            async let two: Void = annas.follow(streams[1]) { $0.isAnswer(after: before.sequence) }
            _ = try await stage.say("peek", by: anna, in: room, conversation: first.conversation)
            _ = await (one, two)
            #expect(annas.text.contains("salary") && annas.text.contains("I answered Anna privately."))
            #expect(bens.text.contains("I answered Anna privately."))
            for secret in ["salary", "args of peek"] { #expect(!bens.text.contains(secret), "\(secret): \(bens.text)") }

            let view = try await stage.service.conversation(first.conversation, for: ben)
            #expect(!"\(view)".contains("salary") && !"\(view)".contains("args of peek"))
            #expect(try await "\(stage.service.conversation(first.conversation, for: anna))".contains("salary"))
            // The answer is anna's alone.
            let answer = try #require(try await stage.service.privateAnswers(for: anna).first)
            #expect(answer.text.contains("salary") && answer.channelName == "team" && !answer.isPosted)
            #expect(try await stage.service.privateAnswers(for: ben).isEmpty)
            await #expect(throws: ChatError.self) {
                try await stage.service.conversation(answer.conversation, for: ben)
            }
            let place = try await stage.database.conversation(answer.conversation)?.channel
            #expect(place == (try await stage.dm(of: anna)))
        }
    }

    /// Where the policy says so, every session in a channel has the requester's files, and by that is private from its
    /// first word on.
    @Test func whereThePolicyAlwaysOpensTheFolderEverythingIsPrivate() async throws {
        try await Stage(policy: "version: 1\npersonalFolder: always", agent: Self.script).run { stage in
            let (anna, ben, room) = try await self.room(stage)
            let first = try await stage.say("nothing secret", by: anna, in: room)
            let answer = try #require(try await stage.answer(in: first.conversation, for: anna))
            #expect(answer.text == "I answered Anna privately.")
            #expect(try await stage.service.privateAnswers(for: anna).map(\.text) == ["nothing secret "])
            #expect(try await stage.service.privateAnswers(for: ben).isEmpty)
            #expect(
                !"\(try await stage.service.conversation(first.conversation, for: ben))".contains("nothing secret "))
            let started = try await stage.database.auditRows(AuditSelection()).filter {
                $0.row.event == "session.started"
            }
            #expect(started.allSatisfy { String(decoding: $0.payload ?? [], as: UTF8.self).contains("\"open\"") })
        }
    }

    /// Drafts, tool rows and questions of the turn, for one who comes in the middle.
    @Test func whatIsUnderWayIsTheRequestersAlone() async throws {
        let hub = EventHub()
        let (room, anna, ben) = (ConversationID(trusted: "c"), PersonID(trusted: "a"), PersonID(trusted: "b"))
        hub.turnStarted(in: room)
        hub.publish(.draft(text: "open", reset: false), in: room)
        hub.restrict(room, to: anna)
        hub.publish(.draft(text: " secret", reset: false), in: room)
        hub.publish(
            .tool(ToolActivity(call: CallID(trusted: "t"), tool: "bash", arguments: .null, state: .running)), in: room)
        let approval = ApprovalView(
            id: ApprovalID(trusted: "q"), tool: "post", effect: .external, arguments: "secret", reason: "",
            requester: "", expires: Timestamp(milliseconds: 0), rule: "", approvers: "")
        hub.publish(.approval(approval), in: room)
        #expect(hub.live(in: room, for: anna)?.draft == "open secret")
        #expect(hub.live(in: room, for: anna)?.approvals.count == 1 && hub.live(in: room, for: anna)?.tools.count == 1)
        for viewer in [ben, nil] {
            let live = try #require(hub.live(in: room, for: viewer))
            #expect(live.draft == "" && live.tools.isEmpty && live.approvals.isEmpty)
            #expect(hub.subscribe(to: room, as: viewer).live?.draft == "")
        }
        hub.publish(.done, in: room)
        // What comes late reaches nobody else in the next turn, whoever's it is.
        hub.turnStarted(in: room)
        let late = ToolActivity(
            call: CallID(trusted: "t"), tool: "bash", arguments: .null, state: .done, result: "secret")
        hub.publish(.tool(late), in: room, to: .only(anna))
        #expect(hub.live(in: room, for: ben)?.tools.isEmpty == true)
    }

    @Test func aPrivateSessionStaysSoAndAnotherPersonsKnowsNothingOfIt() async throws {
        let contexts = Mutex<[String]>([])
        try await Stage(servers: [Secrets()]) { agent in
            while true {
                let result = try await agent.client.callTool("receive", arguments: ["wait": true])
                contexts.withLock { $0.append(result.text) }
                let messages = (result.structuredContent?["messages"]?.arrayValue ?? []).compactMap {
                    $0["text"]?.stringValue
                }
                var said = "fine"
                if messages.contains("peek") { said = try await agent.client.callTool("peek", arguments: [:]).text }
                try await agent.reply(said)
            }
        }.run { stage in
            let (anna, ben, room) = try await self.room(stage)
            let first = try await stage.say("peek", by: anna, in: room)
            let one = try #require(try await stage.answer(in: first.conversation, for: anna))
            _ = try await stage.say("more", by: anna, in: room, conversation: first.conversation)
            let two = try #require(try await stage.answer(in: first.conversation, for: anna, after: one.sequence))
            #expect(two.kind == .notice && two.privateAnswer?.text == "fine")
            #expect(Set(try await stage.service.privateAnswers(for: anna).map(\.conversation)).count == 1)
            _ = try await stage.say("and I?", by: ben, in: room, conversation: first.conversation)
            let three = try #require(try await stage.answer(in: first.conversation, for: ben, after: two.sequence))
            #expect(three.kind == .assistant && three.text == "fine")
            let bens = try #require(contexts.withLock { $0.last })
            #expect(bens.contains("and I?") && bens.contains("I answered Anna privately.") && !bens.contains("salary"))
            let sessions = try await stage.database.sessions(for: ben)
            #expect(sessions.first?.labels == [])
        }
    }

    /// A later turn of the session is its requester's from its first moment, whatever is published.
    @Test func aLaterTurnOfAPrivateSessionIsSecretFromTheStart() async throws {
        let isHeld = Reloadable(true)
        try await Stage(servers: [Secrets()]) { agent in
            while true {
                guard let messages = try await agent.receive() else { continue }
                if messages.contains("peek") { _ = try await agent.client.callTool("peek", arguments: [:]) }
                while messages.contains("hold"), isHeld.current { await Task.yield() }
                try await agent.reply("done")
            }
        }.run { stage in
            let (anna, ben, room) = try await self.room(stage)
            let first = try await stage.say("peek", by: anna, in: room)
            let one = try #require(try await stage.answer(in: first.conversation, for: anna))
            _ = try await stage.say("hold", by: anna, in: room, conversation: first.conversation)
            var events = try await stage.service.events(of: first.conversation, after: one.sequence, for: ben)
                .makeAsyncIterator()
            // "Thinking" comes after everything that prepares the turn.
            while let event = await events.next() { if case .state("Thinking") = event { break } }
            stage.hub.publish(.draft(text: "secret", reset: false), in: first.conversation)
            #expect(stage.hub.live(in: first.conversation, for: anna)?.draft == "secret")
            #expect(stage.hub.live(in: first.conversation, for: ben)?.draft == "")
            isHeld.replace(with: false)
            _ = try await stage.answer(in: first.conversation, for: anna, after: one.sequence)
        }
    }

    @Test func postHerePutsExactlyThatTextInTheThreadOnRecord() async throws {
        try await Stage(servers: [Secrets()], agent: Self.script).run { stage in
            let (anna, ben, room) = try await self.room(stage)
            let first = try await stage.say("peek", by: anna, in: room)
            let notice = try #require(try await stage.answer(in: first.conversation, for: anna))
            let answer = try #require(notice.privateAnswer)
            for person in [ben] {
                let error = await #expect(throws: ChatError.self) {
                    try await stage.service.post(answer.message, by: person)
                }
                #expect(error?.code == .notFound)
            }
            // By the line that stands for it, or another message, nothing is posted.
            await #expect(throws: ChatError.self) { try await stage.service.post(notice.id, by: anna) }
            await #expect(throws: ChatError.self) { try await stage.service.post(first.message, by: anna) }
            let receipt = try await stage.service.post(answer.message, by: anna)
            #expect(receipt.conversation == first.conversation)
            let last = try await stage.service.conversation(first.conversation, for: ben).entries.last
            #expect(last?.text == answer.text && last?.kind == .assistant && last?.tools.isEmpty == true)
            let again = await #expect(throws: ChatError.self) {
                try await stage.service.post(answer.message, by: anna)
            }
            #expect(again?.code == .conflict)
            #expect(try await stage.service.privateAnswers(for: anna).first?.isPosted == true)
            let rows = try await AuditLog.open(stage.database).rows(matching: AuditFilter())
            let posted = rows.filter { $0.event == "answer.posted" }
            #expect(posted.count == 1 && posted.first?.requester == anna.rawValue)
            #expect(posted.first?.details?["text"]?.stringValue == answer.text)
        }
    }

    @Test func inADirectConversationTheAnswerIsJustTheAnswer() async throws {
        try await Stage(servers: [Secrets()], agent: Self.script).run { stage in
            let anna = try await stage.person("Anna")
            let receipt = try await stage.say("peek", by: anna, in: try await stage.dm(of: anna))
            let answer = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(answer?.kind == .assistant && answer?.text.contains("salary") == true)
            #expect(answer?.tools.map(\.tool) == ["peek"])
        }
    }

    /// The folder cannot be opened here, for want of a sandbox; private the session is all the same.
    @Test func askingForThePersonalFolderMakesTheSessionPrivate() async throws {
        try await Stage(servers: [Secrets()], agent: Self.script).run { stage in
            let (anna, _, room) = try await self.room(stage)
            let receipt = try await stage.say("open_personal_folder", by: anna, in: room)
            let answer = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            #expect(answer.text == "I answered Anna privately.")
            #expect(try await stage.database.sessions(for: anna).first?.labels == .private)
        }
    }

    @Test func theFolderIsForbiddenWhereThePolicySaysSo() async throws {
        let policy = """
            version: 1
            deny:
              - {name: no folders, tool: open_personal_folder}
            rules:
              - {name: answers, tool: reply, decision: allow}
            """
        try await Stage(policy: policy, servers: [Secrets()], agent: Self.script).run { stage in
            let (anna, _, room) = try await self.room(stage)
            let receipt = try await stage.say("open_personal_folder", by: anna, in: room)
            let answer = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            #expect(answer.kind == .assistant && answer.text.contains("was denied"))
            #expect(try await stage.database.sessions(for: anna).first?.labels == [])
        }
    }

    @Test func aQuestionOfAPrivateSessionIsShownToItsRequester() async throws {
        try await Stage(servers: [Secrets()], agent: Self.script).run { stage in
            let (anna, ben, room) = try await self.room(stage)
            let receipt = try await stage.say("peek post", by: anna, in: room)
            while try await stage.service.approvals(for: anna).isEmpty { await Task.yield() }
            #expect(try await stage.service.approvals(for: ben).isEmpty)
            let question = try #require(try await stage.service.approvals(for: anna).first)
            let error = await #expect(throws: ChatError.self) {
                try await stage.service.answer(question.view.id, allow: true, reason: nil, by: ben)
            }
            #expect(error?.code == .notFound)
            #expect(
                try await stage.service.conversation(receipt.conversation, for: ben).live?.approvals.isEmpty == true)
            #expect(try await stage.service.conversation(receipt.conversation, for: anna).live?.approvals.count == 1)
            try await stage.service.answer(question.view.id, allow: false, reason: nil, by: anna)
            _ = try await stage.answer(in: receipt.conversation, for: anna)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct OutsideContentTests {
    private static let echo: ScriptedAgent.Script = { agent in
        while true {
            guard let messages = try await agent.receive() else { continue }
            if messages.contains("fetch") { _ = try await agent.client.callTool("fetch", arguments: [:]) }
            try await agent.reply("see https://evil.com and https://ours.example/x")
        }
    }

    private func labels(_ stage: Stage, of person: PersonID) async throws -> Labels? {
        try await stage.database.sessions(for: person).first?.labels
    }

    @Test func aFilePeopleAttachLabelsTheSession() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let anna = try await stage.person("Anna")
            let file = try await stage.service.upload(name: "a.txt", bytes: [1], by: anna)
            let receipt = try await stage.service.submit(
                InboundMessage(
                    channel: try await stage.dm(of: anna), author: anna, text: "read it at ours.example",
                    attachments: [file.id], surface: "test", clientID: "1"))
            let answer = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            #expect(try await labels(stage, of: anna)?.contains(.untrusted) == true)
            #expect(answer.labels == .untrusted)
            #expect(answer.text == "see hxxps://evil[.]com and https://ours.example/x")
            let entries = try await stage.service.conversation(receipt.conversation, for: anna).entries
            #expect(entries.map(\.labels) == [.untrusted, .untrusted])
        }
    }

    @Test func thePolicyMayTrustUploads() async throws {
        let policy = """
            version: 1
            sources: {uploads: trusted}
            rules:
              - {name: answers, tool: reply, decision: allow}
            """
        try await Stage(policy: policy, agent: Self.echo).run { stage in
            let anna = try await stage.person("Anna")
            let file = try await stage.service.upload(name: "a.txt", bytes: [1], by: anna)
            let receipt = try await stage.service.submit(
                InboundMessage(
                    channel: try await stage.dm(of: anna), author: anna, text: "read it", attachments: [file.id],
                    surface: "test", clientID: "1"))
            let answer = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            #expect(answer.text.contains("https://evil.com") && answer.labels == [])
        }
    }

    @Test func whatAGuestWritesIsOutsideContent() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let guest = try await stage.database.findOrCreatePerson(name: "Gus", role: .guest).id
            let receipt = try await stage.say("hello", by: guest, in: try await stage.dm(of: guest))
            _ = try await stage.answer(in: receipt.conversation, for: guest)
            #expect(try await labels(stage, of: guest)?.contains(.untrusted) == true)
        }
    }

    /// Another person's session that reads the thread, and one after a restart.
    @Test func whoeverReadsOnInheritsIt() async throws {
        let directory = NSTemporaryDirectory() + "stage-" + UUID().uuidString
        let place = Mutex<(ConversationID, Int64)?>(nil)
        try await Stage(directory: directory, servers: [Secrets()], agent: Self.echo).run { stage in
            let (anna, ben) = (try await stage.person("Anna"), try await stage.person("Ben"))
            let room = try await stage.service.createChannel(named: "team", by: anna).id
            try await stage.database.addMember(ben, to: room)
            let receipt = try await stage.say("fetch", by: anna, in: room)
            let one = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            _ = try await stage.say("and", by: ben, in: room, conversation: receipt.conversation)
            let two = try #require(try await stage.answer(in: receipt.conversation, for: ben, after: one.sequence))
            #expect(try await labels(stage, of: ben) == .untrusted)
            place.withLock { $0 = (receipt.conversation, two.sequence) }
            // A thread of its own has none of it.
            let other = try await stage.say("hi", by: ben, in: room)
            _ = try await stage.answer(in: other.conversation, for: ben)
            #expect(try await labels(stage, of: ben) == [])
            stage.database.close()
        }
        let (conversation, sequence) = try #require(place.withLock { $0 })
        try await Stage(directory: directory, agent: Self.echo).run { stage in
            let anna = try await stage.person("Anna")
            let room = try #require(try await stage.database.conversation(conversation)).channel
            _ = try await stage.say("again", by: anna, in: room, conversation: conversation)
            _ = try await stage.answer(in: conversation, for: anna, after: sequence)
            #expect(try await labels(stage, of: anna) == .untrusted)
        }
    }
}

extension ConversationEvent {
    fileprivate func isAnswer(after sequence: Int64) -> Bool {
        if case .entry(let entry) = self { entry.kind != .user && entry.sequence > sequence } else { false }
    }
}
