import Foundation
import MCP
import TestSupport
import Testing

extension SystemTests {
    /// The whole way in, from a Slack that its own SDKs cannot tell from Slack to an agent in its container.
    @Suite struct SlackSystemTests {
        @Test func aMentionInAChannelBecomesATurnOfItsAuthor() async throws {
            let slack = try await SimulatedSlack.started()
            let app = try await slack.app()
            try await withInstallation(settings: Self.settings(slack), isStarted: false) { bulkhead in
                try await Self.giveTokens(app, to: bulkhead)
                try await bulkhead.start()
                try await slack.wait("connected")
                try await slack.act("ben", "post", ["channel": "general", "text": "the build is red"])
                try await slack.act(
                    "ada", "post", ["channel": "general", "text": "@helper run echo $((6 * 7)) for ada"])
                let said = try await messages(in: bulkhead, until: { $0.contains { $0.kind == "assistant" } })
                #expect(said.map(\.kind) == ["user", "assistant"], "\(said)")
                #expect(
                    said.first?.author == "ada (Slack)" && said.first?.text == "run echo $((6 * 7)) for ada", "\(said)")
                #expect(said.last?.text.contains("42 for ada") == true, "\(said)")
                let doctor = try await bulkhead.bulkhead(["doctor"])
                #expect(doctor.output.contains("slack") && doctor.output.contains("connected"), "\(doctor.output)")
                // The simulated app was granted more than is used, and lacks nothing.
                let security = try await bulkhead.bulkhead(["doctor", "--security"])
                #expect(security.output.contains("slack scopes"), "\(security.output)")
                // In the thread of her question, once, and with nothing left that says it is still being worked on.
                let thread = try await slack.answers(in: "general", atLeast: 1)
                #expect(thread.count == 1 && thread[0].text.contains("42 for ada"), "\(thread)")
                #expect(thread[0].thread == thread[0].question, "\(thread)")
                try await eventually("the sign that it was taken is gone") {
                    try await slack.reactions(in: "general") == 0
                }

                // Down while something is said, and back: it is found and answered.
                await bulkhead.killDaemon()
                try await slack.act(
                    "cleo", "post", ["channel": "general", "text": "@helper run echo late but in time"])
                try await bulkhead.startDaemon()
                let all = try await messages(in: bulkhead, until: { $0.filter { $0.kind == "assistant" }.count == 2 })
                #expect(all.last?.text.contains("late but in time") == true, "\(all)")
                let later = try await slack.answers(in: "general", atLeast: 2)
                #expect(later.count == 2 && later[1].text.contains("late but in time"), "\(later)")
            }
        }

        @Test func aQuestionIsAnsweredByItsButton() async throws {
            let slack = try await SimulatedSlack.started()
            let app = try await slack.app()
            let policy = """
                version: 1
                rules:
                  - name: commands ask here
                    tool: bash
                    decision: ask
                    approvers: requester
                """
            try await withInstallation(settings: Self.settings(slack), policy: policy, isStarted: false) { bulkhead in
                try await Self.giveTokens(app, to: bulkhead)
                try await bulkhead.start()
                try await slack.wait("connected")
                try await slack.act(
                    "ada", "post", ["channel": "general", "text": "@helper run echo $((6 * 7)) for ada"])
                let card = try await slack.button("allow", in: "general")
                // Not hers to answer who did not ask.
                try await slack.act(
                    "ben", "click",
                    [
                        "channel": "general", "ts": .string(card.ts), "action": .string(card.action),
                        "value": .string(card.value),
                    ])
                try await slack.act(
                    "ada", "click",
                    [
                        "channel": "general", "ts": .string(card.ts), "action": .string(card.action),
                        "value": .string(card.value),
                    ])
                let said = try await messages(in: bulkhead, until: { $0.contains { $0.kind == "assistant" } })
                #expect(said.last?.text.contains("42 for ada") == true, "\(said)")
                try await eventually("the answer in Slack") {
                    try await slack.answers(in: "general", atLeast: 1).contains { $0.text.contains("42 for ada") }
                }
                #expect(try await Self.deciders(in: bulkhead) == ["ada (Slack)"])
            }
        }

        /// Acknowledged, and the daemon killed at once: the click is done when it is back.
        @Test func aClickOutlivesTheDaemon() async throws {
            let slack = try await SimulatedSlack.started()
            let app = try await slack.app()
            let policy = """
                version: 1
                rules:
                  - name: commands ask here
                    tool: bash
                    decision: ask
                    approvers: requester
                """
            try await withInstallation(settings: Self.settings(slack), policy: policy, isStarted: false) { bulkhead in
                try await Self.giveTokens(app, to: bulkhead)
                try await bulkhead.start()
                try await slack.wait("connected")
                try await slack.act(
                    "ada", "post", ["channel": "general", "text": "@helper run echo $((6 * 7)) for ada"])
                let card = try await slack.button("allow", in: "general")
                // Answered when the daemon has acknowledged it.
                let click = try await slack.act(
                    "ada", "click",
                    [
                        "channel": "general", "ts": .string(card.ts), "action": .string(card.action),
                        "value": .string(card.value),
                    ])
                #expect(click["acknowledged"] == true, "\(click)")
                await bulkhead.killDaemon()
                try await bulkhead.startDaemon()
                let said = try await messages(in: bulkhead, until: { $0.contains { $0.kind == "assistant" } })
                #expect(said.last?.text.contains("42 for ada") == true, "\(said)")
                #expect(try await Self.deciders(in: bulkhead) == ["ada (Slack)"])
            }
        }

        /// Who decided the questions that there were.
        private static func deciders(in bulkhead: Installation) async throws -> [String] {
            try await names(
                "SELECT p.name FROM approvals a JOIN people p ON p.id = a.decided_by ORDER BY a.id", in: bulkhead)
        }

        private static func names(_ query: String, in bulkhead: Installation) async throws -> [String] {
            let script = """
                import json, sqlite3
                db = sqlite3.connect("file:\(bulkhead.data)/bulkhead.sqlite?mode=ro", uri=True, timeout=30)
                print(json.dumps([row[0] for row in db.execute("\(query)")]))
                """
            let result = try await Command.run("/usr/bin/python3", ["-c", script])
            try #require(result.status == 0, "\(result.errors)")
            return try JSONDecoder().decode([String].self, from: Data(result.output.utf8))
        }

        private static func settings(_ slack: SimulatedSlack) -> String {
            """
            slack:
              api_url: \(slack.url)/api/
              bot_token_file: slack-bot.token
              app_token_file: slack-app.token
            """
        }

        private static func giveTokens(
            _ app: JSONValue, to bulkhead: Installation
        ) async throws {
            for name in ["bot", "app"] {
                let token = try #require(app["\(name)_token"]?.stringValue)
                let file = bulkhead.home + "/slack-\(name).token"
                try (token + "\n").write(toFile: file, atomically: true, encoding: .utf8)
                try await Command.shell("chown \(Installation.serviceUser): \(file); chmod 600 \(file)")
            }
        }

        private struct Line: Decodable {
            var kind: String
            var author: String?
            var text: String
        }

        /// What stands in the store, once it is as wanted.
        private func messages(
            in bulkhead: Installation, until isSo: ([Line]) -> Bool
        ) async throws -> [Line] {
            let script = """
                import json, sqlite3
                db = sqlite3.connect("file:\(bulkhead.data)/bulkhead.sqlite?mode=ro", uri=True)
                rows = db.execute("SELECT m.kind, p.name, m.text FROM messages m LEFT JOIN people p ON p.id = m.author ORDER BY m.id")
                print(json.dumps([{"kind": k, "author": a, "text": t} for k, a, t in rows]))
                """
            var lines: [Line] = []
            let deadline = ContinuousClock.now + .seconds(60)
            repeat {
                let result = try await Command.run("/usr/bin/python3", ["-c", script])
                try #require(result.status == 0, "\(result.errors)")
                lines = try JSONDecoder().decode([Line].self, from: Data(result.output.utf8))
                if isSo(lines) { return lines }
                try await Task.sleep(for: .milliseconds(200))
            } while ContinuousClock.now < deadline
            return lines
        }
    }
}
