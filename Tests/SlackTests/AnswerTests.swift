import Audit
import Budgets
import Conversations
import Foundation
import Logging
import MCP
import Model
import Slack
import SlackText
import Store
import Testing

/// What stands under an answer, and what its buttons do.
@Suite struct AnswerTests {
    /// An answer of anna's in a Slack thread, for which two files were changed, one was read and a host asked; ben reads
    /// the room, cleo does not.
    struct Scene {
        let stage: OutboundStage
        let slack = RememberingSlack()
        let chat = Undoing()
        let book: StoredAnswers
        let answers: SlackAnswers
        let ben: PersonRecord
        let answer: MessageRecord
        let audit: AuditLog

        init() async throws {
            stage = try await OutboundStage()
            let database = stage.database
            ben = try await database.findOrCreatePerson(name: "ben")
            let cleo = try await database.findOrCreatePerson(name: "cleo")
            try await database.addMember(ben.id, to: stage.room.id)
            audit = try await AuditLog.open(database)
            book = StoredAnswers(database: database, audit: audit)
            let people = ["U0ANNA": stage.anna.id, "U0BEN": ben.id, "U0CLEO": cleo.id]
            answers = SlackAnswers(
                book: book, clicks: ClickAnswers(slack: slack, logger: stage.logger) { people[$0] }
            ) { [chat] call, _ in try await chat.undo(call) }

            let question = try await stage.ask()
            let file = try await database.addAttachment(
                name: "report.pdf", mime: "application/pdf", bytes: [1], owner: stage.anna.id,
                conversation: question.conversation)
            let session = try await stage.begin(question)
            try await Self.call(
                "read_file", ["path": "/workspace/session/inbox/\(file.name)"], session, question, database)
            try await Self.call(
                "read_file", ["path": "/workspace/session/inbox/invented.pdf"], session, question, database)
            try await Self.call("http_request", ["url": "https://api.example.org/x?key=1"], session, question, database)
            try await Self.call(
                "http_request", ["url": "https://secret.example.org/"], session, question, database, labels: .private)
            for path in ["/workspace/thread/a", "/workspace/thread/b", "/workspace/thread/a"] {
                let call = try await Self.call("write_file", ["path": .string(path)], session, question, database)
                try await database.recordUndo(
                    UndoDraft(
                        call: call, conversation: question.conversation, requester: stage.anna.id, session: session.id,
                        tool: "write_file", path: path, volume: "thread/x", content: nil, after: "d"),
                    limits: UndoLimits())
            }
            // The second of another turn of that session.
            for turn in [question.id, MessageID(trusted: "another")] {
                var model = ModelCallEntry(
                    BudgetSubject(
                        person: stage.anna.id, channel: session.channel, conversation: question.conversation,
                        session: session.id), turn: turn, tier: "balanced", provider: "offline", model: "m1",
                    started: database.clock.now())
                (model.inputTokens, model.outputTokens, model.microdollars) = (100, 20, 12_345)
                try await database.recordModelCall(model)
            }
            answer = try await database.completeTurn(
                TurnCompletion(turn: question.id, kind: .assistant, text: "See https://evil.example.com"))
        }

        @discardableResult
        private static func call(
            _ tool: String, _ arguments: JSONObject, _ session: SessionRecord, _ turn: MessageRecord,
            _ database: Database,
            labels: Labels = []
        ) async throws -> CallID {
            let call = CallID(trusted: UUID().uuidString.lowercased())
            try await database.startToolCall(
                ToolCallDraft(
                    id: call, session: session.id, turn: turn.id, tool: tool, effect: .write,
                    arguments: JSONValue.object(arguments).text, labels: labels))
            try await database.finishToolCall(call, state: .done, result: "ok", duration: .zero)
            return call
        }

        func rendered(_ style: FooterStyle) async throws -> String {
            let entry = try #require(try await stage.database.entry(answer.id))
            let parts = try await RenderedEntry(entry, footer: style, from: book).parts
            return JSONValue.array(parts.last?.blocks ?? []).text
        }

        func click(_ action: SlackAction, by user: String) async throws {
            let ts = try #require(SlackTimestamp("1700000400.000100"))
            try await answers.clicked(
                SlackClick(
                    action: action, value: answer.id.rawValue, user: user, place: .message(OutboundStage.thread, ts),
                    trigger: SlackTrigger(id: "t", received: WallClock.system.now())))
        }

        func feedback() async throws -> [FeedbackRecord] {
            try await stage.database.feedback(since: Timestamp(milliseconds: 0))
        }
    }

    @Test func theFooterTellsWhatTheHarnessKnowsAndNothingAModelWrote() async throws {
        let scene = try await Scene()
        let full = try await scene.rendered(.full)
        #expect(full.contains("2 files changed"))
        #expect(full.contains("report.pdf (given just now)") && full.contains("api.example.org (asked just now)"))
        #expect(!full.contains("invented.pdf") && !full.contains("key=1"))
        // A private call's host is not for the room.
        #expect(!full.contains("secret.example.org"))
        let sources = try #require(try await scene.book.summary(of: scene.answer.id)).sources
        #expect(!sources.contains { $0.contains("evil") })
        let short = try await scene.rendered(.short)
        #expect(!short.contains("files changed") && short.contains("answer.details"))
        #expect(try await !scene.rendered(.none).contains("answer.details"))
        scene.stage.end()
    }

    @Test func aLineThatIsNoAnswerHasNoFooter() async throws {
        let scene = try await Scene()
        let notice = try await scene.stage.database.addNotice(
            conversation: scene.answer.conversation, text: "I was restarted.")
        let entry = try #require(try await scene.stage.database.entry(notice.id))
        let rendered = try await RenderedEntry(entry, footer: .full, from: scene.book)
        #expect(rendered == RenderedEntry(entry))
        scene.stage.end()
    }

    @Test func anAnswerThatFillsItsMessageGoesOutWithoutRatherThanNotAtAll() async throws {
        let stage = try await OutboundStage()
        let book = StoredAnswers(database: stage.database, audit: try await AuditLog.open(stage.database))
        var conversation: ConversationID?
        for length in stride(from: 10_000, through: 11_900, by: 100) {
            let question = try await stage.ask(in: conversation)
            conversation = question.conversation
            let answer = try await stage.answer(question, String(repeating: "w", count: length))
            let entry = try #require(try await stage.database.entry(answer.id))
            let parts = try await RenderedEntry(entry, footer: .full, from: book).parts
            for part in parts {
                let message = BlockMessage(text: part.text, blocks: part.blocks ?? [])
                #expect(message.isTaken, "\(length)")
            }
        }
        stage.end()
    }

    @Test func whoeverReadsItSaysWhatTheyThinkAndNobodyElse() async throws {
        let scene = try await Scene()
        try await scene.click(.answerGood, by: "U0BEN")
        try await scene.click(.answerGood, by: "U0CLEO")
        try await scene.click(.answerGood, by: "U0NOBODY")
        #expect(try await scene.feedback().map(\.person) == [scene.ben.id])
        #expect(await scene.slack.told.count == 3)
        // Changing one's mind is no second voice.
        try await scene.click(.answerBad, by: "U0BEN")
        #expect(try await scene.feedback().map(\.value) == [.bad])
        var filter = AuditFilter()
        filter.event = "answer.rated"
        #expect(try await scene.audit.rows(matching: filter).count == 2)
        scene.stage.end()
    }

    @Test func whatWasWrongIsStoredBeforeItIsAskedAndWithItsWordsAfter() async throws {
        let scene = try await Scene()
        try await scene.click(.answerBad, by: "U0BEN")
        #expect(try await scene.feedback().map(\.words) == [nil])
        let form = try #require(await scene.slack.views.last)
        // Not ben's changes.
        #expect(!form.text.contains("answer.undo"))
        let words: JSONValue = ["reason": ["reason": ["value": "It is out of date"]]]
        let payload: JSONValue = [
            "type": "view_submission", "user": ["id": "U0BEN"],
            "view": [
                "callback_id": form["callback_id"] ?? .null, "private_metadata": form["private_metadata"] ?? .null,
                "state": ["values": words],
            ],
        ]
        try await scene.answers.submitted(try #require(SlackForm(payload, .feedbackForm)))
        #expect(try await scene.feedback().map(\.words) == ["It is out of date"])
        // Sent off by somebody who may not read it.
        var stranger = try #require(SlackForm(payload, .feedbackForm))
        stranger.user = "U0CLEO"
        try await scene.answers.submitted(stranger)
        #expect(try await scene.feedback().count == 1)
        #expect(SlackForm(["type": "view_submission"], .feedbackForm) == nil)
        scene.stage.end()
    }

    @Test func howItWasMadeIsForWhoeverAsked() async throws {
        let scene = try await Scene()
        try await scene.click(.answerDetails, by: "U0BEN")
        #expect(await scene.slack.views.isEmpty)
        #expect(await scene.slack.told.last?.sentence.contains("Only anna") == true)
        try await scene.click(.answerDetails, by: "U0ANNA")
        let view = try #require(await scene.slack.views.last).text
        // One call of the model: the other was another turn's.
        for part in [
            "balanced: m1 (offline), 1 call", "100 in (0% from the prompt cache), 20 out", "$0.01", "read_file × 2",
            "write_file × 3",
        ] {
            #expect(view.contains(part), "\(part)")
        }
        scene.stage.end()
    }

    @Test func changesAreUndoneForWhoeverAskedTheNewestFirst() async throws {
        let scene = try await Scene()
        try await scene.click(.undo, by: "U0BEN")
        #expect(await scene.chat.undone.isEmpty)
        try await scene.click(.answerBad, by: "U0ANNA")
        #expect(await scene.slack.views.last?.text.contains("Undo 3 changes") == true)
        let expected = try await scene.book.undoable(in: scene.answer.id, for: scene.stage.anna.id)
        await scene.chat.refuse(expected.first)
        try await scene.click(.undo, by: "U0ANNA")
        #expect(await scene.chat.undone == Array(expected.dropFirst()))
        let calls = try await scene.stage.database.toolCalls(turn: try #require(scene.answer.inReplyTo))
        #expect(expected == calls.filter(\.isUndoable).reversed().map(\.id) && expected.count == 3)
        #expect(await scene.slack.told.last?.sentence == "2 changes were undone. Not undone: It was changed since.")
        scene.stage.end()
    }
}

/// Undoes everything, but for what it was told to refuse.
actor Undoing {
    private(set) var undone: [CallID] = []
    private var refused: CallID?

    func refuse(_ call: CallID?) { refused = call }

    func undo(_ call: CallID) throws {
        if call == refused { throw ChatError(.conflict, "It was changed since.") }
        undone.append(call)
    }
}
