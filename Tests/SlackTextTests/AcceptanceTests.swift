import Foundation
import MCP
import SlackText
import TestSupport
import Testing

/// What this module makes, put before the simulated Slack by Slack's own SDK: it takes everything, and nobody is called.
@Suite struct AcceptanceTests {
    private struct Entry {
        let json: JSONValue
        let source: String
        /// Slack's word, where it is to refuse: proof that it looks.
        var error: String?
        var pings: [String] = []
    }

    private static func posted(_ message: BlockMessage, _ source: String) -> [Entry] {
        let whole: JSONValue = ["text": .string(message.text), "blocks": .array(message.blocks)]
        // Slack takes the text for nothing but notifications where there are blocks; alone it would call, too.
        let bare: JSONValue = ["text": .string(message.text), "blocks": []]
        return [Entry(json: whole, source: source), Entry(json: bare, source: "the text of " + source)]
    }

    private static func corpus() -> [Entry] {
        var random = SeededGenerator(seed: 59)
        var entries: [Entry] = []
        var sources = NothingPingsTests.calls + [String(repeating: "word ", count: 8_000)]
        sources += (0..<120).map { NothingPingsTests.adversarial(&random, words: $0 * 3 + 1).0 }
        sources += (0..<60).map { _ in random.hostileText(length: 300) }
        sources.append("| a | b |\n|---|---|\n" + String(repeating: "| `x` | <!here> |\n", count: 150))
        for source in sources {
            for message in MarkdownToSlack().render(source).messages {
                entries += posted(message, String(source.prefix(300)))
            }
        }
        for card in [
            CardTests.card(), CardTests.card(arguments: ["x": .string(String(repeating: "y\n", count: 9_000))]),
        ] {
            entries += posted(card.message, "a card")
            entries += posted(card.message(.allowed(by: "Ada <!here>", reach: "this once"), at: 1), "an outcome")
            entries.append(Entry(json: ["view": SlackModals.details(of: card)], source: "details"))
        }
        entries += posted(ApprovalCard.placeholder(waitingFor: "<!channel>"), "a placeholder")
        entries += posted(AnswerCards.progress("Thinking @here", steps: ["<!here>"], stops: "cnv_1"), "progress")
        entries += posted(AnswerCards.notice("<!everyone>"), "a notice")
        let under =
            AnswerCards.footer(message: "m", sources: ["<!here>"])
            + AnswerCards.privateAnswer(message: "m", place: "#g")
        entries += posted(BlockMessage(text: "x", blocks: under), "a footer")
        entries.append(Entry(json: ["view": SlackModals.denial(of: "apr_1", tool: "<!here>")], source: "a denial"))
        let long = SlackModals.details(title: "All", String(repeating: "line of it\n", count: 50_000))
        entries.append(Entry(json: ["view": long], source: "long details"))
        return entries + controls
    }

    /// What has to be refused or to call somebody: a Slack that takes everything proves nothing.
    private static let controls = [
        Entry(
            json: ["text": "x", "blocks": [["type": "header", "text": ["type": "plain_text", "text": ""]]]],
            source: "an empty header", error: "invalid_blocks"),
        Entry(
            json: ["text": "x", "blocks": [["type": "section", "text": ["type": "mrkdwn", "text": "<!here>"]]]],
            source: "a call", pings: ["here"]),
        Entry(json: ["text": "hello @here", "blocks": []], source: "a call by its name", pings: ["here"]),
        Entry(
            json: ["view": ["type": "modal", "title": ["type": "plain_text", "text": "x"]]],
            source: "a modal of nothing",
            error: "invalid_arguments"),
    ]

    @Test(.timeLimit(.minutes(5)))
    func slackTakesItAllAndCallsNobody() async throws {
        let entries = Self.corpus()
        let answers = try await Self.answers(to: entries.map(\.json))
        #expect(answers.count == entries.count && entries.count > 400)
        for (entry, answer) in zip(entries, answers) {
            let complaint: Comment = "\(entry.source.debugDescription): \(answer)"
            #expect(answer["error"]?.stringValue == entry.error, complaint)
            #expect((answer["pings"]?.arrayValue ?? []).compactMap(\.stringValue) == entry.pings, complaint)
        }
    }

    private static func answers(to lines: [JSONValue]) async throws -> [JSONValue] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"]
        let python = named ?? root.appending(path: ".build/peers/bin/python").path
        try #require(
            FileManager.default.isExecutableFile(atPath: python),
            "\(python) is missing: run scripts/python-peers.sh, which installs Slack's SDKs there")
        // Files, not pipes: nobody has to read while the other writes.
        let folder = FileManager.default.temporaryDirectory.appending(path: "slack-text-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try Data((lines.map(\.text).joined(separator: "\n") + "\n").utf8).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [root.appending(path: "Tests/SlackSimulator/accept.py").path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        let status = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
        } onCancel: {
            process.terminate()
        }
        #expect(status == 0)
        return try String(contentsOf: output, encoding: .utf8).split(separator: "\n").map {
            try JSONValue(parsing: String($0))
        }
    }
}
