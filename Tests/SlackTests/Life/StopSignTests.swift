import Conversations
import Model
import Slack
import SlackAPI
import Store
import Testing

@Suite struct StopSignTests {
    @Test func aMessageIsFoundByWhatStandsOnItOrUnderIt() async throws {
        let stage = try await OutboundStage()
        let database = stage.database
        let question = try await stage.ask()
        _ = try await database.intendPost(
            .reaction, of: question.id.rawValue, channel: "C0SALES", ts: "1700000305.000100", reference: "eyes")
        let row = try await database.intendPost(.progress, of: question.id.rawValue, channel: "C0SALES")
        try await database.changePost(row.id, to: .up, ts: "1700000306.000100")
        for ts in ["1700000300.000100", "1700000305.000100", "1700000306.000100"] {
            #expect(try await database.conversation(ofPostIn: "C0SALES", ts: ts) == question.conversation)
        }
        #expect(try await database.conversation(ofPostIn: "C0SALES", ts: "1700000307.000100") == nil)
        #expect(try await database.conversation(ofPostIn: "C0OTHER", ts: "1700000306.000100") == nil)
        stage.end()
    }
}
