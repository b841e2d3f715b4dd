import Foundation
import MCP
import Testing

@testable import ModelGateway

/// Against the simulator of the chat completions API: what agents see, what is billed, what the server was asked.
@Suite(.timeLimit(.minutes(5))) struct OpenAIProviderTests {
    private static let tools: JSONObject = [
        "tools": [["name": "bash", "input_schema": ["type": "object", "properties": ["command": [:]]]]]
    ]

    @Test(arguments: [true, false])
    func anAnswerIsTranslatedAndBilled(stream: Bool) async throws {
        try await OpenGateway.with(openAI: "cached") { open, simulator, instance in
            let reply = try await open.ask(question("hi", stream: stream))
            #expect(reply.status == 200)
            #expect(reply.said.text == "From the cache.")
            #expect(reply.said.stop == "end_turn")
            #expect(open.journal.text == "From the cache.")
            let record = try #require(open.journal.records.first)
            #expect(record.usage == TokenUsage(input: 100, output: 200, cacheRead: 900))
            #expect(record.provider == "local")
            #expect(record.model == "qwen")
            #expect(record.error == nil)
            let request = try #require(try await simulator.requests(instance).first)
            #expect(request["headers"]?["authorization"] == "Bearer sk-test")
            #expect(request["headers"]?["accept-encoding"] == "identity")
            #expect(request["body"]?["model"] == "qwen")
            #expect(request["body"]?["max_tokens"] == 1000)
        }
    }

    @Test func withoutAKeyNoneIsSent() async throws {
        try await OpenGateway.with(openAI: "happy", key: nil) { open, simulator, instance in
            let reply = try await open.ask(question("hi"))
            #expect(reply.said.text == "You said: hi")
            #expect(try await simulator.requests(instance).first?["headers"]?["authorization"] == nil)
        }
    }

    @Test(arguments: [true, false])
    func toolsAreAskedForAndTheirResultsGoBack(stream: Bool) async throws {
        try await OpenGateway.with(openAI: "parallel:3") { open, simulator, instance in
            let first = try await open.ask(question("hi", stream: stream, with: Self.tools)).said
            #expect(first.stop == "tool_use")
            #expect(first.calls.map(\.input) == Array(repeating: ["command": "echo 'grüße'"], count: 3))
            #expect(Set(first.calls.map(\.id)).count == 3)
            // Given back in another order than they were asked for.
            let uses = first.calls.map { call -> JSONValue in
                ["type": "tool_use", "id": .string(call.id), "name": "bash", "input": .object(call.input)]
            }
            let results = first.calls.reversed().map { call -> JSONValue in
                ["type": "tool_result", "tool_use_id": .string(call.id), "content": .string("of \(call.id)")]
            }
            let messages: JSONValue = [
                ["role": "user", "content": "hi"], ["role": "assistant", "content": .array(uses)],
                ["role": "user", "content": .array(results + [["type": "text", "text": "Go on."]])],
            ]
            let next = Self.tools.adding("messages", messages)
            let second = try await open.ask(question(stream: stream, with: next)).said
            #expect(second.text == "You said: Go on.")
            let sent = try #require(try await simulator.requests(instance).last?["body"]?["messages"]?.arrayValue)
            #expect(sent.map { $0["role"]?.stringValue } == ["user", "assistant", "tool", "tool", "tool", "user"])
            #expect(sent[2...4].map { $0["tool_call_id"]?.stringValue } == first.calls.map(\.id))
            #expect(sent[2]["content"] == .string("of \(first.calls[0].id)"))
        }
    }

    /// What servers do that no specification says, whole where it can be said whole.
    @Test(arguments: [
        ("interleaved", "", ["first", "second"], "tool_use"), ("same_index", "", ["first", "second"], "tool_use"),
        ("text_after_call", "And now?", ["first"], "tool_use"), ("stop_with_calls", "", ["ls"], "tool_use"),
        ("empty_arguments", "", [""], "tool_use"), ("odd_ids", "", ["", ""], "tool_use"),
        ("comments", "Hello", [], "end_turn"), ("no_done", "Nothing more.", [], "end_turn"),
        ("reasoning", "Done thinking.", [], "end_turn"), ("refusal", "I can't help with that.", [], "refusal"),
        ("filtered", "I", [], "refusal"), ("length", "And so it", [], "max_tokens"),
    ])
    func oddAnswersAreUnderstood(scenario: String, text: String, commands: [String], stop: String) async throws {
        try await OpenGateway.with(openAI: scenario) { open, _, _ in
            let said = try await open.ask(question(stream: true, with: Self.tools)).said
            #expect(said.text == text)
            #expect(said.calls.map { $0.input["command"]?.stringValue ?? "" } == commands)
            #expect(Set(said.calls.map(\.id)).count == commands.count)
            #expect(
                said.calls.allSatisfy { $0.id.utf8.allSatisfy { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: ":") } })
            #expect(said.stop == stop)
            #expect(said.isWellFormed)
            // No text block of blanks, which other providers would refuse in the next request.
            #expect(said.texts.allSatisfy { !$0.allSatisfy(\.isWhitespace) })
        }
    }

    @Test(arguments: [true, false])
    func theSequenceThatStoppedItIsTold(stream: Bool) async throws {
        try await OpenGateway.with(openAI: "stop_matched") { open, _, _ in
            let said = try await open.ask(question(stream: stream, with: ["stop_sequences": ["END"]])).said
            #expect(said.stop == "stop_sequence")
            #expect(said.sequence == "END")
        }
    }

    @Test(arguments: [true, false])
    func whereNoFiguresComeTheyAreEstimatedAndMarked(stream: Bool) async throws {
        try await OpenGateway.with(openAI: "no_usage") { open, _, _ in
            _ = try await open.ask(question(String(repeating: "word ", count: 400), stream: stream))
            let usage = try #require(open.journal.records.first?.usage)
            #expect(usage.isEstimated)
            #expect((500...700).contains(usage.input))
            #expect((4...40).contains(usage.output))
        }
    }

    @Test func figuresThatAreMissingAtTheEndAreNotWaitedForForEver() async throws {
        try await OpenGateway.with(
            openAI: "late_end", change: { $0.limits.streamIdle = .milliseconds(300) }, realTime: true
        ) {
            open, simulator, instance in
            let reply = try await open.ask(question(stream: true))
            #expect(reply.said.text == "All said.")
            #expect(reply.said.isWellFormed)
            #expect(open.journal.records.first?.error == nil)
            #expect(open.journal.records.first?.usage.isEstimated == true)
            #expect(try await simulator.wait(for: "disconnect", instance))
        }
    }

    @Test func tokensAreEstimatedAndNobodyIsAsked() async throws {
        try await OpenGateway.with(openAI: "happy") { open, simulator, instance in
            let reply = try await open.ask(
                question(String(repeating: "word ", count: 400)), path: "/v1/messages/count_tokens")
            #expect((500...700).contains(reply.json["input_tokens"]?.intValue ?? 0))
            #expect(try await simulator.requests(instance).isEmpty)
            #expect(open.journal.records.isEmpty)
        }
    }

    // MARK: Trouble

    @Test(arguments: [
        ("unauthorized", 401, "authentication_error", 1, "model.openai.key_file"),
        ("no_model", 404, "not_found_error", 1, "try pulling it"), ("quota", 402, "billing_error", 1, "cannot pay"),
        ("too_long", 400, "invalid_request_error", 1, "prompt is too long"),
        ("too_long_llama", 400, "invalid_request_error", 1, "prompt is too long"),
        ("rate_limited", 429, "rate_limit_error", 5, "no more requests"),
        ("overloaded", 503, "overloaded_error", 5, "overloaded"),
        ("error_text", 500, "api_error", 5, "llama runner process"),
        ("error_detail", 400, "invalid_request_error", 1, "messages"),
        ("error_object", 400, "invalid_request_error", 1, "no chat template"),
        ("garbage:200", 502, "api_error", 1, "not an answer of its API"),
        ("garbage:503", 503, "api_error", 5, "no explanation"),
        ("binary_stream", 502, "api_error", 5, "not an answer of its API"),
        ("foreign_stream", 502, "api_error", 5, "not an answer of its API"),
    ])
    func troubleIsASentence(scenario: String, status: Int, type: String, attempts: Int, words: String) async throws {
        try await OpenGateway.with(openAI: scenario) { open, simulator, instance in
            let reply = try await open.ask(question("hi", stream: true))
            #expect(reply.status == status)
            #expect(reply.errorType == type)
            #expect(reply.errorMessage.contains(words), "\(reply.errorMessage)")
            #expect(reply.headers["x-should-retry"] == "false")
            #expect(try await simulator.requests(instance).count == attempts)
            #expect(open.journal.records.map(\.attempts) == [attempts])
            #expect(open.journal.records.first?.error == reply.errorMessage)
        }
    }

    /// Nothing was passed on, so it is asked again.
    @Test(arguments: [("overloaded:2", 3), ("broken_first:2", 3)])
    func retriesUntilItIsFine(scenario: String, attempts: Int) async throws {
        try await OpenGateway.with(openAI: scenario) { open, _, _ in
            let reply = try await open.ask(question("hi", stream: true))
            #expect(reply.said.text == "You said: hi")
            #expect(open.journal.records.map(\.attempts) == [attempts])
        }
    }

    @Test(arguments: [
        ("broken_stream", "broke off"), ("no_finish", "broke off"), ("no_finish_done", "broke off"),
        ("error_chunk", "overloaded"), ("revoked", "does not accept the company's key"), ("finish_error", "broke off"),
        ("garbage_stream", "not an answer of its API"), ("bad_arguments", "arguments that are no JSON object"),
        ("list_arguments", "arguments that are no JSON object"), ("nameless_call", "without saying which"),
    ])
    func anAnswerThatGoesWrongIsNotTakenForWhole(scenario: String, words: String) async throws {
        try await OpenGateway.with(openAI: scenario) { open, simulator, instance in
            let reply = try await open.ask(question("hi", stream: true, with: Self.tools))
            #expect(!reply.events.contains { $0.name == "message_stop" })
            let told = reply.events.last?.data["error"]?["message"]?.stringValue ?? reply.errorMessage
            #expect(told.contains(words), "\(told)")
            #expect(open.journal.records.count == 1)
            #expect(open.journal.records.first?.error == told)
            if reply.status == 200 {
                #expect(try await simulator.requests(instance).count == 1)
                #expect(open.journal.records.first?.usage.isEstimated == true)
                #expect((open.journal.records.first?.usage.output ?? 0) > 0)
            }
        }
    }

    @Test(arguments: ["bad_arguments", "list_arguments", "nameless_call"])
    func aWholeAnswerWithBadCallsIsAnError(scenario: String) async throws {
        try await OpenGateway.with(openAI: scenario) { open, simulator, instance in
            let reply = try await open.ask(question("hi", with: Self.tools))
            #expect(reply.status == 502)
            #expect(reply.errorMessage.contains("run"))
            #expect(try await simulator.requests(instance).count == 1)
        }
    }

    /// Silence, and bytes that never become anything, are the same to who waits.
    @Test(arguments: [("hang", true), ("hang", false), ("hang_midway", true), ("drip", true), ("drip", false)])
    func silenceEndsTheCall(scenario: String, stream: Bool) async throws {
        try await OpenGateway.with(
            openAI: scenario,
            change: {
                $0.limits.streamIdle = .milliseconds(400)
                $0.limits.wholeAnswer = .milliseconds(400)
            }, realTime: true
        ) { open, simulator, instance in
            let reply = try await open.ask(question(stream: stream))
            #expect(reply.failureType == "timeout_error")
            #expect(try await simulator.wait(for: "disconnect", instance))
            #expect(open.journal.records.count == 1)
        }
    }

    @Test func aLineWithoutEndIsGivenUp() async throws {
        try await OpenGateway.with(openAI: "endless_line", change: { $0.limits.maximumRetries = 0 }) {
            open, simulator, instance in
            let reply = try await open.ask(question(stream: true))
            #expect(reply.failureType == "api_error")
            #expect(try await simulator.wait(for: "disconnect", instance))
        }
    }

    @Test func aClientsDepartureEndsTheServersWork() async throws {
        try await OpenGateway.with(openAI: "never_ends") { open, simulator, instance in
            let socket = try open.connect()
            try await socket.send(OpenGateway.request(question(stream: true)))
            _ = try await socket.receive()
            socket.hangUp()
            #expect(try await simulator.wait(for: "disconnect", instance))
            #expect(await open.journal.endings() == [.cancelled])
            #expect(open.journal.records.first?.usage.isEstimated == true)
        }
    }

    // MARK: The official SDK as the judge

    @Test func theSimulatorSpeaksAsTheOfficialClientExpects() async throws {
        let simulator = try await Simulator.startOpenAI()
        let said = try await Peer.run("openai_peer.py", ["simulator", "http://127.0.0.1:\(simulator.port)"])
        #expect(said == "ok\n")
    }

    @Test func whatIsSentIsWhatTheOfficialClientCouldHaveSent() async throws {
        var random = SplitMix(state: 41)
        var bodies: [JSONValue] = []
        for _ in 0..<200 {
            var request = RandomConversation.request(&random)
            if random.below(2) == 0 { request["stream"] = true }
            bodies.append(.object(try ChatRequest.body(of: request, model: "m")))
        }
        let said = try await Peer.run("openai_peer.py", ["requests"], input: JSONValue.array(bodies).serialized())
        #expect(said == "ok\n")
    }
}

extension JSONObject {
    func adding(_ name: String, _ value: JSONValue) -> JSONObject {
        var copy = self
        copy[name] = value
        return copy
    }
}
