import MCP
import Testing

@testable import ModelGateway

@Suite struct OfflineServingTests {
    @Test func answersWhole() async throws {
        try await OpenGateway.with { open in
            let reply = try await open.ask(question("say hello there"))
            #expect(reply.status == 200)
            #expect(reply.json["content"]?[0]?["text"]?.stringValue == "hello there")
            #expect(reply.json["stop_reason"]?.stringValue == "end_turn")
            #expect(open.journal.records.count == 1)
            #expect(open.journal.records.first?.microdollars == 0)
            #expect(open.journal.text == "hello there")
        }
    }

    @Test func streamsInTheOrderOfTheRealOne() async throws {
        try await OpenGateway.with { open in
            let tools: JSONValue = [
                ["name": "bash", "input_schema": ["type": "object", "properties": ["command": [:]]]]
            ]
            let reply = try await open.ask(question("run ls -la", stream: true, with: ["tools": tools]))
            let names = reply.events.map(\.name)
            #expect(names.first == "message_start")
            #expect(names.last == "message_stop")
            #expect(names[1] == "ping")
            #expect(names.filter { $0 == "content_block_start" }.count == 2)
            #expect(names.filter { $0 == "content_block_stop" }.count == 2)
            let input = reply.events.compactMap { $0.data["delta"]?["partial_json"]?.stringValue }.joined()
            #expect(try JSONValue(parsing: input) == ["command": "ls -la"])
            #expect(open.journal.records.first?.stopReason == "tool_use")
            #expect(open.journal.outcomes == [.completed(stopReason: "tool_use")])
        }
    }
}
