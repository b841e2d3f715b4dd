import Foundation
import Testing

extension SystemTests {
    /// The whole way in, from a Slack that its own SDKs cannot tell from Slack to an agent in its container.
    @Suite struct SlackSystemTests {
        @Test func aMentionInAChannelBecomesATurnOfItsAuthor() async throws {
            let slack = try await SlackProcess()
            let app = try await slack.makeCompany()
            try await withInstallation(settings: Self.settings(slack), isStarted: false) { bulkhead in
                try await Self.giveTokens(app, to: bulkhead)
                try await bulkhead.start()
                try await slack.wait("connected")
                try await slack.act("ben", "post", ["channel": "general", "text": "the build is red"])
                try await slack.act(
                    "ada", "post", ["channel": "general", "text": "@\(app.name) run echo $((6 * 7)) for ada"])
                let said = try await messages(in: bulkhead, until: { $0.contains { $0.kind == "assistant" } })
                #expect(said.map(\.kind) == ["user", "assistant"], "\(said)")
                #expect(said.first?.author == "ada" && said.first?.text == "run echo $((6 * 7)) for ada", "\(said)")
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
                    "cleo", "post", ["channel": "general", "text": "@\(app.name) run echo late but in time"])
                try await bulkhead.startDaemon()
                let all = try await messages(in: bulkhead, until: { $0.filter { $0.kind == "assistant" }.count == 2 })
                #expect(all.last?.text.contains("late but in time") == true, "\(all)")
                let later = try await slack.answers(in: "general", atLeast: 2)
                #expect(later.count == 2 && later[1].text.contains("late but in time"), "\(later)")
            }
        }

        @Test func aQuestionIsAnsweredByItsButton() async throws {
            let slack = try await SlackProcess()
            let app = try await slack.makeCompany()
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
                    "ada", "post", ["channel": "general", "text": "@\(app.name) run echo $((6 * 7)) for ada"])
                let card = try await slack.button("allow", in: "general")
                // Not hers to answer who did not ask.
                try await slack.act(
                    "ben", "click", ["channel": "general", "ts": card.ts, "action": card.action, "value": card.value])
                try await slack.act(
                    "ada", "click", ["channel": "general", "ts": card.ts, "action": card.action, "value": card.value])
                let said = try await messages(in: bulkhead, until: { $0.contains { $0.kind == "assistant" } })
                #expect(said.last?.text.contains("42 for ada") == true, "\(said)")
                try await eventually("the answer in Slack") {
                    try await slack.answers(in: "general", atLeast: 1).contains { $0.text.contains("42 for ada") }
                }
                let audit = try await bulkhead.bulkhead(["audit", "--json", "--event", "approval.answered"]).output
                #expect(!audit.contains("ben"), "\(audit)")
            }
        }

        private static func settings(_ slack: SlackProcess) -> String {
            """
            slack:
              api_url: \(slack.url)/api/
              bot_token_file: slack-bot.token
              app_token_file: slack-app.token
            """
        }

        private static func giveTokens(
            _ app: (name: String, bot: String, app: String), to bulkhead: Installation
        ) async throws {
            for (name, token) in [("bot", app.bot), ("app", app.app)] {
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

/// `Tests/SlackSimulator` as a process of its own.
final class SlackProcess: Sendable {
    private let process: Command
    let url: String

    init() async throws {
        let python =
            ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"]
            ?? Installation.packageRoot + "/.build/peers/bin/python"
        let process = try Command(
            python, [Installation.packageRoot + "/Tests/SlackSimulator/slack_simulator.py"], holdsInput: true)
        self.process = process
        let deadline = ContinuousClock.now + .seconds(20)
        while !process.output.contains("\n") {
            guard process.isRunning, ContinuousClock.now < deadline else {
                throw Command.Failure(message: "the simulated Slack does not start: \(process.errors)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        url = String(process.output.split(separator: "\n").first?.replacing("listening on ", with: "") ?? "")
    }

    /// Ada, ben and cleo with the app in #general; its tokens.
    func makeCompany() async throws -> (name: String, bot: String, app: String) {
        _ = try await control(
            "world",
            [
                "users": ["ada", "ben", "cleo"], "apps": [["name": "helper"]],
                "channels": [["name": "general", "members": ["ada", "ben", "cleo"], "apps": ["helper"]]],
            ])
        let world = try await control("world", nil)
        guard let app = (world["apps"] as? [String: [String: Any]])?["helper"], let bot = app["bot_token"] as? String,
            let token = app["app_token"] as? String
        else { throw Command.Failure(message: "no app in \(world)") }
        return ("helper", bot, token)
    }

    func act(_ user: String, _ verb: String, _ more: [String: String]) async throws {
        _ = try await control("act", more.merging(["user": user, "do": verb]) { _, new in new })
    }

    func wait(_ kind: String) async throws {
        let found = try await control("wait", ["kind": kind, "seconds": 40])
        guard (found["entries"] as? [Any])?.isEmpty == false else {
            throw Command.Failure(message: "Slack saw no \(kind)")
        }
    }

    struct Answer {
        var text: String
        var thread: String
        /// What it answers.
        var question: String
    }

    /// What the app said in a channel and how often people asked there, once there are so many.
    func answers(in channel: String, atLeast count: Int) async throws -> [Answer] {
        let deadline = ContinuousClock.now + .seconds(40)
        var found: [Answer] = []
        repeat {
            let messages = try await messages(in: channel)
            let questions = Set(messages.filter { $0["by"] as? String == "person" }.compactMap { $0["ts"] as? String })
            found = messages.filter { $0["by"] as? String == "app" && !Self.isCard($0) }.map { message in
                let thread = message["thread_ts"] as? String ?? ""
                return Answer(
                    text: message["text"] as? String ?? "", thread: thread,
                    question: questions.contains(thread) ? thread : "")
            }
            if found.count >= count { return found }
            try await Task.sleep(for: .milliseconds(200))
        } while ContinuousClock.now < deadline
        return found
    }

    func reactions(in channel: String) async throws -> Int {
        try await messages(in: channel).reduce(0) { $0 + (($1["reactions"] as? [String: Any])?.count ?? 0) }
    }

    /// The first button whose action has that word in it, once there is one.
    func button(_ word: String, in channel: String) async throws -> (ts: String, action: String, value: String) {
        let deadline = ContinuousClock.now + .seconds(40)
        repeat {
            for message in try await messages(in: channel) {
                for element in Self.elements(of: message) {
                    guard let action = element["action_id"] as? String, action.lowercased().contains(word),
                        let value = element["value"] as? String, let ts = message["ts"] as? String
                    else { continue }
                    return (ts, action, value)
                }
            }
            try await Task.sleep(for: .milliseconds(200))
        } while ContinuousClock.now < deadline
        throw Command.Failure(message: "no button \(word) in \(try await messages(in: channel))")
    }

    private func messages(in channel: String) async throws -> [[String: Any]] {
        try await control("messages?channel=\(channel)", nil)["messages"] as? [[String: Any]] ?? []
    }

    private static func elements(of message: [String: Any]) -> [[String: Any]] {
        ((message["blocks"] as? [[String: Any]]) ?? []).flatMap { $0["elements"] as? [[String: Any]] ?? [] }
    }

    /// A question's, which has its approval in its metadata.
    private static func isCard(_ message: [String: Any]) -> Bool {
        (message["metadata"] as? [String: Any])?["event_type"] as? String == "bulkhead_card"
    }

    private func control(_ path: String, _ body: [String: Any]?) async throws -> [String: Any] {
        var arguments = ["-sS", "--max-time", "60", "\(url)/_sim/\(path)"]
        if let body {
            let text = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
            arguments += ["-X", "POST", "-H", "content-type: application/json", "-d", text]
        }
        let result = try await Command.run("/usr/bin/curl", arguments)
        guard result.status == 0,
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        else { throw Command.Failure(message: "\(path): \(result.output)\(result.errors)") }
        return object
    }
}
