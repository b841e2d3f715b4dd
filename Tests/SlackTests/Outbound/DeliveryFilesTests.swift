import Model
import Slack
import SlackAPI
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct DeliveryFilesTests {
    private func answerWithFile(_ stage: OutboundStage) async throws {
        let question = try await stage.ask()
        let file = try await stage.database.addAttachment(
            name: "plan.txt", mime: "text/plain", bytes: Array("plan".utf8), owner: stage.anna.id,
            conversation: question.conversation)
        try await stage.answer(question, attachments: [file.id])
    }

    @Test(arguments: [true, false])
    func aFileIsShownOnceWhateverIsLostOnTheWay(wasDone: Bool) async throws {
        let stage = try await OutboundStage()
        try await answerWithFile(stage)
        await stage.slack.fail(
            "files.completeUploadExternal", wasDone ? .after(.lost) : .before(.lost))
        try await stage.deliver()
        let files = await stage.slack.files
        #expect(files.values.filter { $0.shares == ["C0SALES"] }.map(\.name) == ["plan.txt"])
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        #expect(await stage.slack.calls(of: "files.upload") == (wasDone ? 1 : 2))
        stage.end()
    }

    @Test func aFileSlackWillNotHaveKeepsNoWordsBack() async throws {
        let stage = try await OutboundStage()
        try await answerWithFile(stage)
        await stage.slack.fail(
            "files.upload",
            .before(SlackError(.auth, "missing_scope", method: "files.getUploadURLExternal", "files:write")))
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        #expect(await stage.slack.files.isEmpty)
        stage.end()
    }

    @Test func aVeryLongAnswerComesAsAFileToo() async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        try await stage.deliver(render: { entry in
            RenderedEntry(
                parts: [.init(text: "The beginning")], whole: ("answer.md", Array(entry.message.text.utf8)))
        })
        #expect(await stage.slack.files.values.map(\.name) == ["answer.md"])
        stage.end()
    }
}
