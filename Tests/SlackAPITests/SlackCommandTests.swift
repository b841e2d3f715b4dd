import Foundation
import MCP
import SlackAPI
import TestSupport
import Testing

/// `bulkhead slack`, the program as an operator uses it, against the simulated Slack.
@Suite(.timeLimit(.minutes(5))) struct SlackCommandTests {
    private struct Run {
        var status: Int32
        var output: String
        var errors: String
    }

    /// A configuration of its own.
    private final class Place: Sendable {
        let folder = "/tmp/bulkhead-slack-command-\(UInt32.random(in: 0...UInt32.max))"
        let config: String

        init(_ slack: SimulatedSlack) throws {
            config = folder + "/bulkhead.yaml"
            try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
            let files = "bot_token_file: data/slack-bot.token, app_token_file: data/slack-app.token"
            try "slack: {\(files), api_url: '\(slack.url)/api/'}\n"
                .write(toFile: config, atomically: true, encoding: .utf8)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        var stored: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: folder + "/data").sorted() }
        }
    }

    private func run(_ arguments: [String], input: String = "", in place: Place) async throws -> Run {
        let files = ["in", "out", "err"].map { URL(filePath: "\(place.folder)/\($0)") }
        for (file, text) in zip(files, [input, "", ""]) { try Data(text.utf8).write(to: file) }
        let process = Process()
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = tests.deletingLastPathComponent().appending(path: "bulkhead")
        process.arguments = ["slack"] + arguments
        process.environment = ["PATH": "/usr/bin:/bin", "BULKHEAD_CONFIG": place.config]
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return Run(
            status: status, output: try String(contentsOf: files[1], encoding: .utf8),
            errors: try String(contentsOf: files[2], encoding: .utf8))
    }

    /// The app as Slack makes it of what `bulkhead slack manifest` prints.
    private func withApp(_ body: (SimulatedSlack, Place, JSONValue) async throws -> Void) async throws {
        let slack = try SimulatedSlack()
        let place = try Place(slack)
        let printed = try await run(["manifest"], in: place)
        #expect(printed.status == 0)
        let manifest = try JSONValue(parsing: printed.output)
        try await slack.control(
            "POST", "world",
            [
                "users": [["name": "ada", "email": "ada@example.com"]], "apps": [["manifest": manifest]],
                "channels": [["name": "general", "members": ["ada"], "apps": ["Bulkhead"]]],
            ])
        try await body(slack, place, try await slack.app("Bulkhead"))
    }

    private func secret(_ app: JSONValue, _ name: String) -> String { app[name]?.stringValue ?? "" }

    @Test func tokensAreTriedKeptAndTheOwnerIsTold() async throws {
        try await withApp { slack, place, app in
            let given = [secret(app, "app_token"), "", "  " + secret(app, "bot_token")]
            let run = try await run(
                ["connect", "--owner", "Ada@example.com"], input: given.joined(separator: "\n"), in: place)
            #expect(run.status == 0, "\(run)")
            #expect(try place.stored == ["slack-app.token", "slack-bot.token"])
            for (name, token) in [("slack-bot.token", "bot_token"), ("slack-app.token", "app_token")] {
                let path = "\(place.folder)/data/\(name)"
                #expect(try SlackSecretFile(path).read() == secret(app, token))
                #expect(!run.output.contains(secret(app, token)) && !run.errors.contains(secret(app, token)))
            }
            let told = try await slack.wait("message", ["text": ["matches": "Bulkhead is connected"]])
            #expect(told["channel"]?.stringValue?.hasPrefix("D") == true)

            let check = try await self.run(["check", "--json"], in: place)
            #expect(check.status == 0, "\(check)")
            let findings = try JSONValue(parsing: check.output)["findings"]?.arrayValue ?? []
            #expect(findings.count == 3 && findings.allSatisfy { $0["state"] == "ok" }, "\(findings)")
        }
    }

    @Test(arguments: [
        ("xoxb-1234567890-nobody\nxapp-1234567890", 1, "not one of Slack's"), ("", 2, "no bot token"),
        ("xoxp-1234567890", 2, "is no token"), ("xoxb-1234567890\nxoxb-1234567891\n", 2, "two tokens"),
        ("xoxb-1234567890\n", 2, "app token"), ("xoxb-1234567890\nhello\n", 2, "is no token"),
    ])
    func whatSlackRefusesOrIsNoneIsNotKept(input: String, status: Int32, sentence: String) async throws {
        try await withApp { _, place, _ in
            let run = try await run(["connect"], input: input, in: place)
            #expect(run.status == status && run.errors.contains(sentence), "\(run)")
            #expect(try place.stored.isEmpty)
        }
    }

    @Test func aWrongAppTokenOrOwnerKeepsNothing() async throws {
        try await withApp { slack, place, app in
            let bot = secret(app, "bot_token")
            let wrong = try await run(["connect"], input: bot + "\nxapp-1234567890", in: place)
            #expect(wrong.status == 1)
            let nobody = try await run(
                ["connect", "--owner", "nobody@example.com"], input: bot + "\n" + secret(app, "app_token"), in: place)
            #expect(nobody.status == 1 && nobody.errors.contains("Nobody"), "\(nobody)")
            try await slack.control("POST", "apps/Bulkhead", ["revoke": ["chat:write"]])
            let lacking = try await run(["connect"], input: bot + "\n" + secret(app, "app_token"), in: place)
            #expect(lacking.status == 1 && lacking.errors.contains("chat:write"), "\(lacking)")
            #expect(try place.stored.isEmpty)
        }
    }

    @Test func checkSaysWhatIsMissingAndWhatIsLost() async throws {
        try await withApp { slack, place, app in
            let without = try await run(["check"], in: place)
            // However it is wrapped.
            let words = without.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(without.status == 1 && words.contains("bulkhead slack connect"), "\(without)")
            let input = secret(app, "bot_token") + "\n" + secret(app, "app_token")
            #expect(try await run(["connect"], input: input, in: place).status == 0)
            try await slack.control("POST", "apps/Bulkhead", ["revoke": ["files:read"], "grant": ["pins:write"]])
            let optional = try await run(["check"], in: place)
            #expect(optional.status == 0, "an optional scope is a warning")
            for word in ["files:read", "hand files out", "pins:write"] {
                #expect(optional.output.contains(word), "\(word): \(optional.output)")
            }
            try await slack.control("POST", "apps/Bulkhead", ["revoke": ["im:history"], "socket_mode": false])
            let required = try await run(["check"], in: place)
            #expect(required.status == 1 && required.output.contains("im:history"), "\(required)")
            #expect(required.output.contains("Socket Mode is off"), "\(required)")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644], ofItemAtPath: place.folder + "/data/slack-bot.token")
            let open = try await run(["check"], in: place)
            #expect(open.status == 1 && open.output.contains("Others can read"), "\(open)")
        }
    }

    @Test(arguments: [true, false])
    func liveTriesAllOfItAndLeavesNothing(streams: Bool) async throws {
        try await withApp { slack, place, app in
            let input = secret(app, "bot_token") + "\n" + secret(app, "app_token")
            #expect(try await run(["connect"], input: input, in: place).status == 0)
            try await slack.control("POST", "apps/Bulkhead", ["streams": .bool(streams)])
            let channel = try await slack.channel()
            let live = try await run(["check", "--live", channel, "--json"], in: place)
            #expect(live.status == 0, "\(live)")
            let findings = try JSONValue(parsing: live.output)["findings"]?.arrayValue ?? []
            let states = findings.map { "\($0["subject"]?.stringValue ?? "") \($0["state"]?.stringValue ?? "")" }
            for subject in ["posting", "changing", "reactions", "files", "deleting"] {
                #expect(states.contains("\(subject) ok"), "\(states)")
            }
            #expect(states.contains(streams ? "streaming ok" : "streaming warn"), "\(findings)")
            #expect(try await slack.messages().isEmpty, "left behind")
        }
    }
}
