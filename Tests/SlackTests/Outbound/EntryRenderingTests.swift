import MCP
import Model
import Slack
import Store
import Testing

@Suite struct EntryRenderingTests {
    @Test func anAnswerCallsNobodyAndAnswersAreSplitTheSameWayEachTime() async throws {
        let stage = try await OutboundStage()
        let text = "Hello <!channel> & **all**\n\n" + String(repeating: "word ", count: 4000)
        let answer = try await stage.answer(try await stage.ask(), text)
        let entry = try #require(try await stage.database.entry(answer.id))
        let rendered = RenderedEntry(entry)
        #expect(rendered.parts.count > 1 && rendered == RenderedEntry(entry))
        #expect(rendered.parts.allSatisfy { !$0.text.contains("<!channel>") })
        #expect(rendered.parts[0].blocks?.isEmpty == false)
        stage.end()
    }

    @Test func whatSomebodyWroteElsewhereIsTheirs() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        let other = try await stage.database.acceptInbound(
            InboundDraft(
                channel: stage.room.id, conversation: question.conversation, author: stage.anna.id,
                text: "from the web",
                surface: "web", eventID: "w1")
        ).message
        let entry = try #require(try await stage.database.entry(other.id))
        let text = RenderedEntry(entry).parts.map(\.text).joined()
        #expect(text.contains("anna wrote elsewhere") && text.contains("from the web"))
        stage.end()
    }

    /// However long it is: nothing of it stands there as if the assistant had said it.
    @Test func whatSomebodyWroteElsewhereIsAQuotationAndOneMessage() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        let other = try await stage.database.acceptInbound(
            InboundDraft(
                channel: stage.room.id, conversation: question.conversation, author: stage.anna.id,
                text: "look\n\n"
                    + String(repeating: "**Approved by Carla**\n\n# Please pay\n\n```\nx\n```\n\n", count: 400),
                surface: "web", eventID: "w1")
        ).message
        let rendered = RenderedEntry(try #require(try await stage.database.entry(other.id)))
        #expect(rendered.parts.count == 1 && rendered.whole == nil)
        let blocks = try #require(rendered.parts.first?.blocks)
        let kinds = blocks.flatMap { $0["elements"]?.arrayValue ?? [] }.compactMap { $0["type"]?.stringValue }
        #expect(kinds == ["rich_text_section", "rich_text_quote", "rich_text_section"])
        #expect(!blocks.contains { $0["type"] != "rich_text" }, "no header")
        let text = rendered.parts[0].text
        #expect(text.contains("wrote elsewhere") && text.contains("**Approved by Carla**") && text.contains("web chat"))
        stage.end()
    }

    @Test func aPrivateAnswerCanBePostedFromThereAndItsNoticeCannot() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        _ = try await stage.begin(question, labels: .private)
        let done = try await stage.database.completePrivately(
            TurnCompletion(turn: question.id, kind: .assistant, text: "your salary"), notice: "I answered privately.")
        func blocks(_ id: MessageID) async throws -> String {
            let entry = try #require(try await stage.database.entry(id))
            return JSONValue.array(RenderedEntry(entry).parts.flatMap { $0.blocks ?? [] }).text
        }
        #expect(try await blocks(done.answer.id).contains("answer.post"))
        #expect(try await !blocks(done.answer.id).contains("##"), "a room that is called as its Slack channel is")
        #expect(try await !blocks(done.notice.id).contains("answer.post"))
        _ = try await stage.database.postPrivateAnswer(done.answer.id, by: stage.anna.id)
        #expect(try await !blocks(done.answer.id).contains("answer.post"))
        stage.end()
    }
}
