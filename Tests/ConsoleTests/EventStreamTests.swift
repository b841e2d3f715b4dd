import AsyncHTTPClient
import Console
import Conversations
import MCP
import Model
import NIOCore
import NIOHTTP1
import Testing

@Suite struct EventStreamTests {
    private func start(_ text: String, _ browser: Browser) async throws -> String {
        let answer = try await browser.post(
            "/api/messages", .object(["channel": "c-home", "text": .string(text), "client_id": .string(text)]))
        return try #require(try answer.json["conversation"]?.stringValue)
    }

    /// Reads the stream until `isEnough` of what came so far, then leaves.
    private func read(
        _ id: String, _ browser: Browser, query: String = "", headers: [(String, String)] = [],
        until isEnough: (String) -> Bool
    ) async throws -> String {
        var request = HTTPClientRequest(url: browser.console.base + "/api/conversations/\(id)/events\(query)")
        for (name, value) in headers + [("Cookie", browser.cookie ?? "")] {
            request.headers.add(name: name, value: value)
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        #expect(response.headers.first(name: "Content-Type") == "text/event-stream; charset=utf-8")
        var text = ""
        for try await buffer in response.body {
            text += String(buffer: buffer)
            if isEnough(text) { break }
        }
        return text
    }

    @Test func aTurnIsSeenAsItHappens() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let id = try await start("approve it", browser)
            let seen = try await read(id, browser) { $0.contains("event: approval\n") || $0.contains("event: draft\n") }
            #expect(seen.hasPrefix(": connected\nretry: 1000\n\n"))
            #expect(seen.contains("id: 1\nevent: entry\ndata: {\"seq\":1,"))
        }
    }

    @Test func readingGoesOnAfterTheLastEntry() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let id = try await start("say one", browser)
            let all = try await read(id, browser) { $0.contains("\"kind\":\"assistant\"") && $0.hasSuffix("\n\n") }
            #expect(all.contains("id: 1\n") && all.contains("id: 2\n"))
            for (query, headers) in [
                ("?after=1", []), ("", [("Last-Event-ID", "1")]), ("?after=0", [("Last-Event-ID", "1")]),
            ] {
                let rest = try await read(id, browser, query: query, headers: headers) {
                    $0.contains("\"kind\":\"assistant\"")
                }
                #expect(!rest.contains("id: 1\n") && rest.contains("id: 2\n"))
            }
        }
    }

    @Test func aQuietStreamBeats() async throws {
        var limits = ConsoleLimits()
        limits.heartbeat = .milliseconds(5)
        try await TestConsole.run(limits: limits) { console in
            let browser = try await Browser.signedIn(to: console)
            let id = try await start("say one", browser)
            let text = try await read(id, browser) { $0.contains(": still here\n\n: still here\n\n") }
            #expect(text.contains(": still here"))
        }
    }

    @Test func theServiceLearnsThatAReaderLeft() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let id = try await start("wait", browser)
            let reading = Task { try await read(id, browser) { _ in false } }
            await console.chat.untilWatchers(are: 1)
            reading.cancel()
            await console.chat.untilWatchers(are: 0)
            _ = await reading.result
        }
    }

    @Test func aReaderThatDoesNotReadIsLetGo() async throws {
        var limits = ConsoleLimits()
        limits.eventBacklog = 8
        try await TestConsole.run(limits: limits) { console in
            let browser = try await Browser.signedIn(to: console)
            let id = try await start("wait", browser)
            var request = HTTPClientRequest(url: console.base + "/api/conversations/\(id)/events")
            request.headers.add(name: "Cookie", value: browser.cookie ?? "")
            let response = try await client.execute(request, timeout: .seconds(60))
            await console.chat.untilWatchers(are: 1)
            let flood = String(repeating: "x", count: 1 << 20)
            while await console.chat.watcherCount == 1 {
                await console.chat.publish(
                    .draft(text: flood, reset: false), in: ConversationID(trusted: id))
            }
            _ = response
        }
    }

    @Test func aStrangersConversationIsNotStreamed() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            #expect(try await browser.send("GET", "/api/conversations/t-404/events").status == 404)
            #expect(try await Browser(console: console).send("GET", "/api/conversations/t-1/events").status == 401)
            let id = try await start("say one", browser)
            #expect(try await browser.send("GET", "/api/conversations/\(id)/events?after=x").status == 400)
        }
    }
}
