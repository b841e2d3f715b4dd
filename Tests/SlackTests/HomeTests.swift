import Budgets
import Conversations
import Logging
import MCP
import Model
import Slack
import SlackText
import Store
import Synchronization
import Testing

/// The Home tab, the shortcut on messages, and Slack's view for assistants.
@Suite struct HomeTests {
    private struct Home {
        let home: SlackHome
        let slack = RememberingSlack()
        let shown = Mutexed<[(user: String, view: String)]>([])

        init(_ scene: Scene) async throws {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            home = SlackHome(
                database: scene.database, chat: scene.service,
                clicks: ClickAnswers(slack: slack, logger: logger) { try await scene.people.known($0) }, logger: logger
            ) { [shown] view, user in shown.change { $0.append((user, JSONValue.object(view).text)) } }
        }
    }

    private static func opened(by user: String, tab: String = "home") -> JSONValue {
        ["event": ["type": "app_home_opened", "user": .string(user), "tab": .string(tab)]]
    }

    @Test func everybodySeesTheirOwn() async throws {
        try await Scene().run { scene in
            try await scene.says("UANNA", "<@UBOT> run wait here")
            try await scene.settled()
            let anna = try #require(try await scene.people.known("UANNA"))
            let ben = try await scene.people.person(
                of: SlackAccount(id: "UBEN", name: "Ben", team: "T1"))
            // A turn of anna's that runs.
            let question = try await scene.database.acceptInbound(
                InboundDraft(
                    channel: try await scene.database.dmChannel(of: anna).id, author: anna, text: "the long one",
                    surface: "web", eventID: "w1")
            ).message
            let session = try await scene.database.startSession(conversation: question.conversation, requester: anna)
            try await scene.database.beginTurn([question.id], session: session.id)
            var call = ModelCallEntry(
                BudgetSubject(
                    person: anna, channel: session.channel, conversation: question.conversation, session: session.id),
                turn: question.id, tier: "balanced", provider: "offline", model: "m",
                started: scene.database.clock.now())
            (call.inputTokens, call.outputTokens, call.microdollars) = (70, 7, 1_230_000)
            try await scene.database.recordModelCall(call)

            let home = try await Home(scene)
            await home.home.take(Self.opened(by: "UANNA"))
            await home.home.take(Self.opened(by: "UBEN"))
            await home.home.take(Self.opened(by: "UNOBODY"))
            await home.home.take(Self.opened(by: "UANNA", tab: "messages"))
            let shown = home.shown.value
            #expect(shown.map(\.user) == ["UANNA", "UBEN", "UNOBODY"])
            #expect(shown[0].view.contains("the long one") && shown[0].view.contains("turn.stop"))
            #expect(shown[0].view.contains("77 tokens, $1.23"))
            #expect(!shown[1].view.contains("the long one") && shown[1].view.contains("0 model calls"))
            #expect(shown[2].view.contains("I do not know who you are") && !shown[2].view.contains("header"))
            _ = ben
            try await scene.database.returnToInbox(turn: question.id)
            try await scene.database.endSession(session.id, reason: "test")
            _ = try await scene.database.cancelPending(question.id)
        }
    }

    @Test func aViewKeepsWithinWhatSlackTakes() {
        var view = HomeView()
        view.approvals = (0..<40).map { number in
            ApprovalCard(
                id: "a\(number)", tool: "bash", effect: "external", isDangerous: true,
                arguments: ["script": .string(String(repeating: "x\n", count: 4_000))], reason: "r", requester: "Ada",
                approvers: "an admin", rule: "r", details: "d", labels: ["private data"], expires: 1,
                scopes: [.conversation, .channel, .company])
        }
        view.running = (0..<40).map { HomeView.Running(id: "c\($0)", title: "<!here> title") }
        view.grants = (0..<40).map { HomeView.Grant(id: "g\($0)", words: "send <@U1>") }
        (view.usage, view.help) = ("much", "help")
        #expect(view.json["blocks"]?.arrayValue?.count ?? 0 <= 100)
        #expect(view.json.text.contains("and 35 more") && view.json.text.contains("and 32 more"))
        #expect(HomeView().json.text.contains("Nothing is under way."))
    }

    @Test func aQuestionAboutAMessageIsATurnInItsThread() async throws {
        try await Scene().run { scene in
            scene.workspace.add(user: "UGUEST", "Guest", ["is_restricted": true])
            let root = try await scene.says("UGUEST", "the invoice is wrong", in: "C1")
            try await scene.settled()
            let question = try #require(Self.question("why is it wrong?", about: root, by: "UANNA"))
            try await scene.inbound.ask(question)
            try await scene.inbound.ask(question)
            try await scene.settled()
            #expect(scene.received.count == 1)
            let text = try #require(scene.texts.first)
            #expect(text.contains("why is it wrong?") && !text.contains("invoice"))
            // What an outsider said is context, and labelled as such.
            let context = JSONValue.array(scene.received[0]["context"]?.arrayValue ?? []).text
            let lines = try await scene.transcript(of: root)
            #expect(lines.first?.message.text == "the invoice is wrong" && lines.first?.message.labels == .untrusted)
            #expect(context.contains("invoice") || lines.count >= 2)
            // The question is shown in the thread it is about, and so is the answer.
            let answers = try await scene.answers()
            #expect(answers.count == 2 && answers.allSatisfy { $0.hasPrefix("C1/\(root): ") })
        }
    }

    @Test func whereItIsNotOrMayNotBeNothingIsAsked() async throws {
        var options = SlackInboundOptions()
        options.joining = .allowlist
        try await Scene(options: options).run { scene in
            let root = try await scene.says("UBEN", "hm", in: "C1")
            for (channel, ts) in [("C1", root), ("CNONE", root), ("D1", root)] {
                let question = try #require(Self.question("why?", about: ts, in: channel, by: "UANNA"))
                await #expect(throws: ChatError.self, "\(channel)") { try await scene.inbound.ask(question) }
            }
            try await scene.settled()
            #expect(scene.received.isEmpty)
        }
    }

    private static func question(
        _ text: String, about ts: String, in channel: String = "C1", by user: String
    ) -> SlackQuestion? {
        let chosen = SlackShortcut(
            [
                "type": "message_action", "callback_id": "ask", "user": ["id": .string(user)], "trigger_id": "t",
                "channel": ["id": .string(channel)], "message": ["ts": .string(ts), "text": "made up"],
            ], named: "ask", received: Timestamp(milliseconds: 0))
        guard let form = chosen?.form else { return nil }
        let payload: JSONValue = [
            "type": "view_submission", "user": ["id": .string(user)],
            "view": [
                "id": "V1", "callback_id": form["callback_id"] ?? .null,
                "private_metadata": form["private_metadata"] ?? .null,
                "state": ["values": ["reason": ["reason": ["value": .string(text)]]]],
            ],
        ]
        return SlackForm(payload).flatMap { SlackQuestion($0) }
    }

    @Test func otherShortcutsAndFormsAreNotThisOne() {
        let other: JSONValue = ["type": "message_action", "callback_id": "other"]
        #expect(SlackShortcut(other, named: "ask", received: Timestamp(milliseconds: 0)) == nil)
        #expect(SlackForm(["type": "view_submission", "user": ["id": "U1"]]) == nil)
        #expect(Self.question(" ", about: "1.000001", by: "U1") == nil)
        #expect(Self.question("x", about: "1.000001", in: "c1", by: "U1") == nil)
    }

    @Test func aThreadForTheAssistantGetsPromptsAndATitle() async throws {
        try await Scene().run { scene in
            let said = Mutexed<[String]>([])
            let assistant = SlackAssistant(
                database: scene.database,
                calls: SlackAssistant.Calls(
                    prompts: { channel, thread, prompts in
                        said.change { $0.append("\(channel) \(thread) \(prompts.count)") }
                    },
                    title: { channel, thread, title in said.change { $0.append("\(channel) \(thread) \(title)") } }),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await assistant.take([
                "event": [
                    "type": "assistant_thread_started",
                    "assistant_thread": ["channel_id": "D1", "thread_ts": "5.000001"],
                ]
            ])
            await assistant.take(["event": ["type": "message", "assistant_thread": ["channel_id": "D1"]]])
            try await scene.says("UANNA", "plan the week", in: "D1", thread: "5.000001")
            try await scene.settled()
            let thread = try #require(try await scene.database.slackThread("5.000001", in: "D1"))
            let first = try #require(try await scene.database.entries(of: thread.conversation).first?.message)
            let ts = try #require(SlackTimestamp("6.000001"))
            for message in [first.id, MessageID(trusted: "another")] {
                await assistant.taken(
                    SlackTakenMessage(
                        channel: "D1", ts: ts, user: "UANNA", team: "T1", message: message,
                        conversation: thread.conversation))
            }
            #expect(said.value == ["D1 5.000001 3", "D1 5.000001 plan the week"])
        }
    }
}
