import AsyncHTTPClient
import Console
import Logging
import MCP
import Model
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@Suite struct StoppingTests {
    /// With a connection that waits for its next request, and a stream in mid-turn: what a daemon usually has.
    @Test func anOrdinaryStopIsQuickAndSaysNothing() async throws {
        let journal = Journal()
        var stopped = ContinuousClock.now
        try await TestConsole.run(logger: Logger(label: "console") { _ in JournalHandler(journal: journal) }) {
            console in
            let browser = try await Browser.signedIn(to: console)
            let answer = try await browser.post(
                "/api/messages", .object(["channel": "c-home", "text": "wait", "client_id": "1"]))
            let id = try #require(try answer.json["conversation"]?.stringValue)
            var request = HTTPClientRequest(url: console.base + "/api/conversations/\(id)/events")
            request.headers.add(name: "Cookie", value: browser.cookie ?? "")
            _ = try await client.execute(request, timeout: .seconds(60))
            await console.chat.untilWatchers(are: 1)
            #expect(
                try await client.execute(HTTPClientRequest(url: socketURL(console, "/api/me")), timeout: .seconds(9))
                    .status == .ok)
            stopped = .now
        }
        #expect(ContinuousClock.now - stopped < .seconds(4))
        #expect(journal.lines.isEmpty, "\(journal.lines)")
    }

    /// The control: what goes wrong is still said.
    @Test func aFailureInsideIsStillLogged() async throws {
        let journal = Journal()
        try await TestConsole.run(logger: Logger(label: "console") { _ in JournalHandler(journal: journal) }) {
            console in
            let browser = try await Browser.signedIn(to: console)
            console.recorder.fail()
            #expect(try await browser.post("/api/login-links", .object(["person": "ben"])).status == 500)
        }
        #expect(journal.lines.contains { $0.contains("A console request failed") })
    }
}

/// Warnings and worse.
final class Journal: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    func keep(_ line: String) { kept.withLock { $0.append(line) } }
}

struct JournalHandler: LogHandler {
    let journal: Journal
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        journal.keep("\(event.level): \(event.message) \(event.metadata ?? [:])")
    }
}
