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

    /// What the limit cuts off, the loop asks the rest of: together it is the whole.
    @Test(arguments: [true, false])
    func writesNoMoreThanItMayAndGoesOnWhereItStopped(isStreamed: Bool) async throws {
        let words = (1...60).map { "wörd\($0)" }.joined(separator: " ")
        try await OpenGateway.with { open in
            var messages: [JSONValue] = [["role": "user", "content": .string("say \(words)")]]
            var said = ""
            var stop = "max_tokens"
            var calls = 0
            while stop == "max_tokens", calls < 40 {
                let reply = try await open.ask(
                    question(stream: isStreamed, with: ["max_tokens": 20, "messages": .array(messages)]))
                let part =
                    isStreamed ? reply.streamedText : reply.json["content"]?[0]?["text"]?.stringValue ?? ""
                #expect(part.utf8.count <= 20 * 4)
                said += part
                stop = open.journal.records.last?.stopReason ?? ""
                calls += 1
                messages.append(["role": "assistant", "content": .string(part)])
                messages.append([
                    "role": "user",
                    "content": "[your answer was cut off at the output limit; continue exactly where it stopped]",
                ])
            }
            #expect(stop == "end_turn")
            #expect(said == words)
            #expect(calls > 4)
        }
    }

    @Test func aCallThatDoesNotFitIsNotMadeByHalves() async throws {
        try await OpenGateway.with { open in
            let tools: JSONValue = [
                ["name": "bash", "input_schema": ["type": "object", "properties": ["command": [:]]]]
            ]
            let command = "run echo " + String(repeating: "x", count: 400)
            let reply = try await open.ask(question(command, with: ["max_tokens": 50, "tools": tools]))
            #expect(reply.json["stop_reason"] == "max_tokens")
            #expect(reply.json["content"]?.arrayValue?.contains { $0["type"] == "tool_use" } == false)
        }
    }
}
