import Conversations
import MCP
import Model
import Slack
import SlackText
import Testing

/// What the assistant does for somebody by itself, told in a thread and in the Home tab.
@Suite struct TaskWordTests {
    @Test func theHomeTabListsTasksAndSaysHowManyMore() {
        var view = HomeView()
        view.tasks = (1...12).map { "report \($0): every weekday at 09:00" }
        let text = view.json.text
        #expect(text.contains("Works for you by itself") && text.contains("report 10:") && text.contains("and 2 more"))
        #expect(!text.contains("report 11:"))
        view.tasks = []
        #expect(view.json.text.contains("every Monday"))
    }

    @Test func aNameOfATaskCallsNobody() {
        var view = HomeView()
        view.tasks = ["<!channel> <@U1>: daily"]
        // As words, which Slack shows as they stand.
        let text = view.json.text
        #expect(!text.contains("\"broadcast\"") && !text.contains("\"user\"") && !text.contains("\"mrkdwn\""))
        #expect(text.contains(#"{"type":"text","text":"<!channel> <@U1>: daily"}"#))
    }
}
