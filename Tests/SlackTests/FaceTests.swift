import Audit
import Conversations
import MCP
import Model
import Slack
import SlackAPI
import SlackText
import Store
import Testing

/// Names and pictures by channel, and what a borrowed name has to say first.
@Suite struct FaceTests {
    private static let face = SlackFaces.Face(
        shown: SlackFace(name: "Ada", icon: .emoji(":owl:")), isPersona: true)

    @Test func aChannelHasItsFaceByNameOrByIdAndOthersNone() async throws {
        let stage = try await OutboundStage()
        try await stage.database.saveSlackChannel(
            "C0SALES", name: "sales", kind: .public, isMember: true, isArchived: false, seen: "1.000000")
        for key in ["sales", "C0SALES"] {
            let faces = SlackFaces(channels: [key: Self.face])
            #expect(await faces.face(in: "C0SALES", stage.database) == Self.face)
            #expect(await faces.face(in: "C0OTHER", stage.database) == nil)
        }
        stage.end()
    }

    @Test func anAnswerIsPostedUnderItsFaceAndUnderTheAppsWhereSlackDoesNotLetIt() async throws {
        let stage = try await OutboundStage()
        let face: DeliveryTools.Face = { $0.channel == "C0SALES" ? Self.face.shown : nil }
        _ = try await stage.answer(try await stage.ask())
        try await stage.deliver(face: face)
        #expect(await stage.slack.faces == ["Ada"])

        await stage.slack.refuseFaces()
        let second = try await stage.ask(
            at: SlackAddress(channel: "C0SALES", thread: SlackTimestamp("1700000300.000200")))
        await stage.slack.put(root: "1700000300.000200", in: "C0SALES")
        let answer = try await stage.answer(second)
        try await stage.deliver(face: face)
        #expect(await stage.slack.faces == ["Ada", nil])
        #expect(try await stage.database.posts(.message, of: answer.id.rawValue).map(\.state) == [.up])
        stage.end()
    }

    @Test func aBorrowedNameIsDisclaimedOverTheFirstAnswerAndNoOther() async throws {
        let stage = try await OutboundStage()
        let book = StoredAnswers(database: stage.database, audit: try await AuditLog.open(stage.database))
        func blocks(_ message: MessageRecord) async throws -> String {
            let entry = try #require(try await stage.database.entry(message.id))
            let isFirst = try await stage.database.isFirstAnswer(message.id)
            let rendered = try await RenderedEntry(entry, footer: .short, from: book)
                .disclaimed(isFirst ? Self.face.disclaimer : nil)
            return JSONValue.array(rendered.parts.first?.blocks ?? []).text
        }
        let question = try await stage.ask()
        let first = try await stage.answer(question, "one")
        let second = try await stage.answer(try await stage.ask("more", in: question.conversation), "two")
        #expect(try await blocks(first).contains("It is not that person."))
        #expect(try await !blocks(second).contains("It is not that person."))
        #expect(SlackFaces.Face(shown: Self.face.shown, isPersona: false).disclaimer == nil)
        stage.end()
    }
}
