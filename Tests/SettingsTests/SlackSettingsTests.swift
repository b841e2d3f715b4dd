import Settings
import Testing

@Suite struct SlackSettingsTests {
    @Test func channelsBotsAndNamesAreRead() throws {
        let slack = try Settings.parse(
            """
            slack:
              people: linked
              names: [Bulkhead, the wall]
              bots: {U012ABC: ada}
              channels:
                support: [follow_ups=always, keyword=invoice, keyword=my order]
                C0123: [follow_ups=never]
              catch_up: 30m
            """, file: "/f"
        ).slack
        #expect(slack.people == .linked && slack.names == ["Bulkhead", "the wall"] && slack.bots == ["U012ABC": "ada"])
        #expect(slack.channels["support"]?.followUps == .always)
        #expect(slack.channels["support"]?.keywords == ["invoice", "my order"])
        #expect(slack.channels["C0123"]?.followUps == .never && slack.catchUp == .seconds(1800))
        #expect(Settings().slack.people == .members && Settings().slack.followUps == .alone)
    }

    @Test(arguments: [
        "people: everybody", "names: Bulkhead", "names: [\"\"]", "names: [\"!\"]", "bots: {u1: ada}", "bots: [U1]",
        "bots: {U1: [ada]}", "channels: {x: always}", "channels: {x: [always]}",
        "channels: {x: [follow_ups=sometimes]}",
        "channels: {x: [keyword=]}", "channels: [x]", "bot_turns: 0", "api_url: http://slack.example/api/",
        "api_url: https://user@slack.com/api/", "catch_up: 2d",
    ])
    func whatIsNoneIsRefused(text: String) {
        #expect(throws: SettingsError.self) { try Settings.parse("slack:\n  \(text)", file: "/f") }
    }
}
