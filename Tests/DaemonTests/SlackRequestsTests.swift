import Foundation
import MCP
import TestSupport
import Testing

extension SystemTests {
    /// Slack by HTTP: the same as by Socket Mode, at a listener of the daemon's own.
    @Suite struct SlackRequestsTests {
        /// In a sentence, with the status of a wrong configuration; not by a crash.
        @Test(arguments: [
            ("short", 600, "slack.signing_secret_file", "is no signing secret"),
            ("0123456789abcdef0123456789abcdef", 640, "slack.signing_secret_file", "Others can read"),
            ("", 600, "slack.signing_secret_file", "There is no signing secret in"),
            ("0123456789abcdef0123456789abcdef", 600, "slack.bot_token_file", "Others can read"),
        ]) func withoutASecretThatIsOneItDoesNotStart(
            secret: String, mode: Int, setting: String, reason: String
        ) async throws {
            let settings = """
                slack:
                  bot_token_file: slack-bot.token
                  signing_secret_file: slack-signing.secret
                  events:
                    listen: 127.0.0.1:1
                """
            try await withInstallation(settings: settings, isStarted: false) { bulkhead in
                for (name, text, mode) in [
                    ("slack-bot.token", "xoxb-1-2-abcdefghijkl", setting.contains("bot") ? 644 : 600),
                    ("slack-signing.secret", secret, mode),
                ] {
                    let file = bulkhead.home + "/" + name
                    try (text + "\n").write(toFile: file, atomically: true, encoding: .utf8)
                    try await Command.shell("chown \(Installation.serviceUser): \(file); chmod \(mode) \(file)")
                }
                do {
                    try await bulkhead.start()
                    Issue.record("it started")
                } catch {
                    #expect("\(error)".contains("\(setting): ") && "\(error)".contains(reason), "\(error)")
                }
            }
        }

        @Test func whatSlackSendsIsTakenAnsweredAndListed() async throws {
            let slack = try await SimulatedSlack.started()
            let app = try await slack.app()
            let port = 20_000 + Int.random(in: 0..<20_000)
            let settings = """
                slack:
                  api_url: \(slack.url)/api/
                  bot_token_file: slack-bot.token
                  signing_secret_file: slack-signing.secret
                  events:
                    listen: 127.0.0.1:\(port)
                """
            try await withInstallation(settings: settings, isStarted: false) { bulkhead in
                for (name, member) in [("slack-bot.token", "bot_token"), ("slack-signing.secret", "signing_secret")] {
                    let file = bulkhead.home + "/" + name
                    try (try #require(app[member]?.stringValue) + "\n").write(
                        toFile: file, atomically: true, encoding: .utf8)
                    try await Command.shell("chown \(Installation.serviceUser): \(file); chmod 600 \(file)")
                }
                try await bulkhead.start()
                try await eventually("it listens") {
                    try await bulkhead.bulkhead(["doctor"]).output.contains("listening")
                }
                let address = "http://127.0.0.1:\(port)/slack/events"
                try await slack.control(
                    "POST", "apps/helper", ["socket_mode": false, "request_url": .string(address)])
                #expect(try await slack.wait("verification", ["verified": true])["status"] == 200)

                try await slack.act(
                    "ada", "post", ["channel": "general", "text": "@helper run echo $((6 * 7)) for ada"])
                let answers = try await slack.answers(in: "general", atLeast: 1)
                #expect(answers.count == 1 && answers[0].text.contains("42 for ada"), "\(answers)")
                // The footer's button, by HTTP too.
                let good = try await slack.button("good", in: "general")
                try await slack.act(
                    "ada", "click",
                    [
                        "channel": "general", "ts": .string(good.ts), "action": .string(good.action),
                        "value": .string(good.value),
                    ])
                try await eventually("what ada thinks of it is kept") {
                    try await bulkhead.bulkhead(["feedback", "--json"]).output.contains(#""value":"good""#)
                }
                let surface = try JSONValue(
                    parsing: Array(try await bulkhead.bulkhead(["surface", "--json"]).output.utf8))
                let listed = Set(surface["sockets"]?.objectValue?.keys.filter { $0.hasPrefix("tcp ") } ?? [])
                #expect(listed.contains("tcp 127.0.0.1:\(port)"))
                // By the kernel: the daemon listens there and at what else is listed, and nowhere else.
                let pid = try #require(bulkhead.daemon?.pid)
                let there = try await Command.shell("ss -ltnpH | grep 'pid=\(pid),' | awk '{print $4}'")
                #expect(Set(there.split(separator: "\n").map { "tcp \($0)" }) == listed)
                // Not signed: nothing, and no word of what is there.
                let stranger = try await Command.run(
                    "/usr/bin/curl",
                    [
                        "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/json", "-d",
                        "{}", address,
                    ])
                #expect(stranger.output == "401")
            }
        }
    }
}
