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
                C0123: [follow_ups=never, face=sales]
              faces: {sales: [name=Sally, "icon=:owl:", persona=true], web: [name=Web, "icon=https://x.example/y.png"]}
              events: {listen: "[::1]:8090"}
              joining: ask
              signing_secret_file: slack.secret
              catch_up: 30m
            """, file: "/etc/b.yaml"
        ).slack
        #expect(slack.people == .linked && slack.names == ["Bulkhead", "the wall"] && slack.bots == ["U012ABC": "ada"])
        #expect(slack.channels["support"]?.followUps == .always)
        #expect(slack.channels["support"]?.keywords == ["invoice", "my order"])
        #expect(slack.channels["C0123"]?.followUps == .never && slack.catchUp == .seconds(1800))
        #expect(slack.channels["C0123"]?.face == "sales" && slack.joining == .ask && slack.admission == .open)
        #expect(slack.faces["sales"]?.name == "Sally" && slack.faces["sales"]?.icon == ":owl:")
        #expect(slack.faces["sales"]?.isPersona == true && slack.faces["web"]?.isPersona == false)
        #expect(slack.signingSecretFile == "/etc/slack.secret")
        #expect(slack.eventsListen == "[::1]:8090" && ListenAddress(slack.eventsListen)?.host == "::1")
        #expect(Settings().slack.people == .members && Settings().slack.followUps == .alone)
    }

    @Test(arguments: [
        "people: everybody", "names: Bulkhead", "names: [\"\"]", "names: [\"!\"]", "bots: {u1: ada}", "bots: [U1]",
        "bots: {U1: [ada]}", "channels: {x: always}", "channels: {x: [always]}",
        "channels: {x: [follow_ups=sometimes]}",
        "channels: {x: [keyword=]}", "channels: {x: [face=nobody]}", "channels: [x]", "bot_turns: 0",
        "api_url: http://slack.example/api/",
        "api_url: https://user@slack.com/api/", "catch_up: 2d",
        "faces: {x: [\"icon=:owl:\"]}", "faces: {x: [name=]}", "faces: {x: [name=X, icon=http://x/y]}",
        "faces: {x: [name=X, persona=yes]}", "faces: [x]", "joining: never", "admission: closed",
        "events: {listen: \"8090\"}", "events: {listen: \"example.com:8090\"}", "events: {listen: \"127.0.0.1:0\"}",
        "events: {listen: \"127.0.0.1:99999\"}", "events: {listen: \"127.0.0.01:80\"}", "events: {listen: \"[]:80\"}",
    ])
    func whatIsNoneIsRefused(text: String) {
        #expect(throws: SettingsError.self) { try Settings.parse("slack:\n  \(text)", file: "/f") }
    }
}
