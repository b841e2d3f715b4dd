import Foundation
import Logging
import MCP
import NIOCore
import NIOHTTP1
import AsyncHTTPClient
import SlackAPI
import Synchronization
import Testing

/// The listener, with Slack's own library and a plain client before it.
@Suite struct EventServerTests {
    private static func with(
        _ body: (EventServer, String) async throws -> Void
    ) async throws -> [SlackEnvelope] {
        let handled = Mutex<[SlackEnvelope]>([])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let desk = EventDesk(
            secrets: { [EventDeskTests.secret] }, now: { Int64(Date().timeIntervalSince1970) }, logger: logger
        ) { envelope in
            handled.withLock { $0.append(envelope) }
            return envelope.kind == .command ? ["text": "done"] : nil
        }
        let server = EventServer(host: "127.0.0.1", port: 0, desk: desk, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            while server.status.port == nil { await Task.yield() }
            try await body(server, "http://127.0.0.1:\(server.status.port ?? 0)\(EventServer.path)")
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
        #expect(server.status.port == nil)
        return handled.withLock { $0 }
    }

    @Test func slacksOwnLibrarySignsAndIsAnswered() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"]
        let python = named ?? root.appending(path: ".build/peers/bin/python").path
        let handled = try await Self.with { _, url in
            let (process, output) = (Process(), Pipe())
            process.executableURL = URL(filePath: python)
            process.arguments = [
                root.appending(path: "Tests/Peers/slack_events_sender.py").path, url, EventDeskTests.secret,
            ]
            process.standardOutput = output
            try process.run()
            let said = try #require(try output.fileHandleForReading.readToEnd())
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(
                String(decoding: said, as: UTF8.self).split(separator: "\n").map {
                    $0.trimmingCharacters(in: .whitespaces)
                }
                    == [
                        "event 200", "retry 200", "challenge 200 3eZbrw1aB", "click 200",
                        "click 409 This request was made before.", #"command 200 {"text":"done"}"#,
                        "stranger 401 Not signed by Slack.", "old 401 Not signed by Slack.", "elsewhere 404",
                        "reading 405", "twice 401 Not signed by Slack.",
                    ])
        }
        #expect(handled.map(\.kind) == [.event, .event, .interaction, .command])
        #expect(handled.first?.event?["text"] == "grüße")
        #expect(handled.dropFirst().first?.retry == .init(attempt: 1, reason: "http_timeout"))
    }

    @Test func whatIsTooLargeIsRefusedHoweverItIsSent() async throws {
        let handled = try await Self.with { server, url in
            for isStreamed in [false, true] {
                let bytes = ByteBuffer(repeating: 32, count: EventRequest.mostBytes + 1)
                var request = HTTPClientRequest(url: url)
                request.method = .POST
                let pieces = AsyncStream<ByteBuffer> { stream in
                    stream.yield(bytes)
                    stream.finish()
                }
                request.body = isStreamed ? .stream(pieces, length: .unknown) : .bytes(bytes)
                // Answered before all of it was sent, or cut off: taken it is not.
                let status = try? await HTTPClient.shared.execute(request, timeout: .seconds(20)).status.code
                #expect(status == nil || status == 413)
            }
            #expect(server.status.received == server.status.refused)
        }
        #expect(handled.isEmpty)
    }
}
