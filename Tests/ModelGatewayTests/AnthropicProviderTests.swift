import MCP
import Testing

@testable import ModelGateway

/// Against the simulator: what clients see, what is billed, what the provider was asked.
@Suite struct AnthropicProviderTests {
    private static let tools: JSONObject = [
        "tools": [["name": "bash", "input_schema": ["type": "object", "properties": ["command": [:]]]]]
    ]

    @Test func passesAStreamOnAndBillsIt() async throws {
        try await OpenGateway.with(scenario: "cached") { open, simulator, instance in
            let reply = try await open.ask(question("hi", stream: true))
            #expect(reply.status == 200)
            #expect(reply.events.last?.name == "message_stop")
            #expect(reply.streamedText == "From the cache.")
            #expect(open.journal.text == "From the cache.")
            let record = try #require(open.journal.records.first)
            #expect(open.journal.records.count == 1)
            #expect(
                record.usage
                    == TokenUsage(input: 1000, output: 200, cacheRead: 30000, cacheWrite5m: 4000, cacheWrite1h: 1000))
            // claude-sonnet-4-6: 3 + 3 + 9 + 15 + 6 thousandths of a dollar.
            #expect(record.microdollars == 36_000)
            #expect(record.model == "claude-sonnet-4-6")
            #expect(record.error == nil)
            #expect(record.providerRequestID == "req_sim_0")
            let request = try #require(try await simulator.requests(instance).first)
            #expect(request["headers"]?["x-api-key"] == "sk-test")
            #expect(request["headers"]?["accept-encoding"] == "identity")
            #expect(request["body"]?["model"] == "claude-sonnet-4-6")
        }
    }

    @Test func passesAWholeAnswerOn() async throws {
        try await OpenGateway.with(scenario: "cached") { open, _, _ in
            let reply = try await open.ask(question())
            #expect(reply.json["content"]?[0]?["text"] == "From the cache.")
            #expect(open.journal.records.first?.microdollars == 36_000)
            #expect(open.journal.text == "From the cache.")
        }
    }

    @Test func sendsTheClientsBytesWithOnlyItsOwnValuesReplaced() async throws {
        try await OpenGateway.with(scenario: "happy", key: .bearer("t")) { open, simulator, instance in
            let body =
                "{ \"max_tokens\":1.0e1 , \"x_new\" : [1.50,\"\\u00e9\"], \"metadata\": {\"user_id\": \"me\"},\n"
                + "\"mod\\u0065l\" :\"any\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            // The strict parser reads 1.0e1 as ten, so the simulator is not what is tested here.
            _ = try await open.ask(raw: OpenGateway.request(Array(body.utf8), path: "/v1/messages?beta=true"))
            let request = try #require(try await simulator.requests(instance).first)
            let expected = body.replacing("\"any\"", with: "\"claude-sonnet-4-6\"")
                .replacing("{\"user_id\": \"me\"}", with: "{}")
            #expect(request["raw"]?.stringValue == expected)
            #expect(request["query"] == "beta=true")
            #expect(request["headers"]?["authorization"] == "Bearer t")
            #expect(request["headers"]?["x-api-key"] == nil)
        }
    }

    @Test func clientsKeysAndHeadersStayHere() async throws {
        try await OpenGateway.with(scenario: "happy") { open, simulator, instance in
            let headers = [
                "x-api-key": "stolen", "authorization": "Bearer stolen", "accept-encoding": "gzip", "x-other": "1",
                "anthropic-beta": "prompt-caching-2024-07-31, pdfs-2024-09-25",
            ]
            let reply = try await open.ask(question(stream: true), headers: headers)
            #expect(reply.events.last?.name == "message_stop")
            let sent = try #require(try await simulator.requests(instance).first?["headers"]?.objectValue)
            #expect(sent["x-api-key"] == "sk-test")
            #expect(sent["authorization"] == nil)
            #expect(sent["x-other"] == nil)
            #expect(sent["anthropic-beta"] == "prompt-caching-2024-07-31,pdfs-2024-09-25")
        }
    }

    // MARK: Retries

    @Test(arguments: [
        ("overloaded:3", [Duration.milliseconds(500), .seconds(1), .seconds(2)]),
        ("server_error:1", [.milliseconds(500)]),
        ("rate_limited:2,7", [.seconds(7), .seconds(7)]),
        ("retry_after_ms:1", [.milliseconds(120)]),
        ("please_retry:1", [.milliseconds(500)]),
        ("broken_first:2", [.milliseconds(500), .seconds(1)]),
        ("overloaded_event:1", [.milliseconds(500)]),
    ])
    func retriesUntilItIsFine(scenario: String, waits: [Duration]) async throws {
        try await OpenGateway.with(scenario: scenario) { open, simulator, instance in
            let reply = try await open.ask(question("hi", stream: true))
            #expect(reply.streamedText == "You said: hi")
            #expect(open.waits.all == waits)
            #expect(open.journal.records.map(\.attempts) == [waits.count + 1])
            #expect(open.journal.records.first?.error == nil)
            #expect(try await simulator.requests(instance).count == waits.count + 1)
        }
    }

    @Test(arguments: [
        ("unauthorized", 401, "authentication_error", 1), ("invalid", 400, "invalid_request_error", 1),
        ("spend_limit", 429, "rate_limit_error", 1), ("do_not_retry", 500, "api_error", 1),
        ("overloaded", 529, "overloaded_error", 5), ("rate_limited:9,3600", 429, "rate_limit_error", 1),
        ("garbage:200", 502, "api_error", 1), ("garbage:503", 503, "api_error", 5),
        ("binary_stream", 502, "api_error", 5), ("overloaded_event:9", 529, "overloaded_error", 5),
    ])
    func givesUpWithASentence(scenario: String, status: Int, type: String, attempts: Int) async throws {
        try await OpenGateway.with(scenario: scenario) { open, simulator, instance in
            let reply = try await open.ask(question("hi", stream: true))
            #expect(reply.status == status)
            #expect(reply.errorType == type)
            #expect(reply.errorMessage.contains(" "))
            #expect(try await simulator.requests(instance).count == attempts)
            #expect(open.journal.records.map(\.attempts) == [attempts])
            #expect(open.journal.records.first?.error == reply.errorMessage)
            #expect(open.journal.text.isEmpty)
        }
    }

    @Test func anUnreachableEndpointIsTold() async throws {
        let configuration = GatewayConfiguration.anthropic(
            AnthropicConfiguration(baseURL: "http://user:secret@127.0.0.1:9") { .apiKey("k") })
        try await OpenGateway.with(configuration) { open in
            let reply = try await open.ask(question())
            #expect(reply.status == 503)
            #expect(reply.errorMessage.contains("cannot be reached at 127.0.0.1:9"))
            #expect(reply.headers["x-should-retry"] == "false")
            #expect(open.waits.all == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        }
    }

    @Test func aMissingKeyIsTold() async throws {
        try await OpenGateway.with(scenario: "happy", key: nil) { open, simulator, instance in
            let reply = try await open.ask(question())
            #expect(reply.status == 401)
            #expect(reply.errorMessage.contains("administrator"))
            #expect(try await simulator.requests(instance).isEmpty)
        }
    }

    // MARK: Streams that go wrong

    @Test(arguments: ["broken_stream", "no_stop", "garbage_stream", "error_event"])
    func aStreamThatBreaksEndsWithAnError(scenario: String) async throws {
        try await OpenGateway.with(scenario: scenario) { open, simulator, instance in
            let reply = try await open.ask(question("hi", stream: true, with: Self.tools))
            #expect(reply.status == 200)
            #expect(reply.events.last?.name == "error")
            #expect(!reply.events.contains { $0.name == "message_stop" })
            // Only whole events, so none has data that is no JSON.
            #expect(reply.events.allSatisfy { !$0.data.isNull })
            #expect(try await simulator.requests(instance).count == 1)
            #expect(open.journal.records.count == 1)
            #expect(open.journal.records.first?.usage.input == 25)
            #expect(open.journal.records.first?.error != nil)
        }
    }

    @Test func dripsArriveWholeAndInOrder() async throws {
        try await OpenGateway.with(scenario: "drip:1", realTime: true) { open, _, _ in
            let reply = try await open.ask(question(stream: true))
            #expect(reply.streamedText == "Slow and steady.")
            #expect(reply.events.last?.name == "message_stop")
        }
    }

    @Test(arguments: [("hang", true), ("hang", false), ("hang_midway", true)])
    func silenceEndsTheCall(scenario: String, stream: Bool) async throws {
        try await OpenGateway.with(
            scenario: scenario,
            change: {
                $0.limits.streamIdle = .milliseconds(200)
                $0.limits.wholeAnswer = .milliseconds(200)
            }, realTime: true
        ) { open, simulator, instance in
            let reply = try await open.ask(question(stream: stream))
            #expect(reply.failureType == "timeout_error")
            #expect(try await simulator.wait(for: "disconnect", instance))
            #expect(try await simulator.requests(instance).count == 1)
        }
    }

    @Test func theWholeCallHasADeadline() async throws {
        var limits = GatewayLimits()
        limits.callDeadline = .milliseconds(300)
        try await OpenGateway.with(scenario: "never_ends", limits: limits, realTime: true) {
            open, simulator, instance in
            let reply = try await open.ask(question(stream: true))
            #expect(reply.failureType == "timeout_error")
            #expect(try await simulator.wait(for: "disconnect", instance))
            #expect(open.journal.records.first?.error?.contains("took longer") == true)
        }
    }

    // MARK: Clients that go away

    @Test(arguments: ["hang", "never_ends"])
    func aClientsDepartureEndsTheProvidersCall(scenario: String) async throws {
        try await OpenGateway.with(scenario: scenario) { open, simulator, instance in
            let socket = try open.connect()
            try await socket.send(OpenGateway.request(question(stream: true)))
            #expect(try await simulator.wait(for: "request", instance))
            socket.hangUp()
            #expect(try await simulator.wait(for: "disconnect", instance))
            let endings = await open.journal.endings()
            #expect(endings == [.cancelled])
            #expect(open.journal.records.count == 1)
        }
    }

    @Test func aSessionsCallsCanBeCancelled() async throws {
        try await OpenGateway.with(scenario: "hang") { open, simulator, instance in
            async let asked = open.ask(question(stream: true))
            let hasArrived = try await simulator.wait(for: "request", instance)
            #expect(hasArrived)
            await open.gateway.revoke(open.turn.turn, of: open.session.session)
            let reply = try await asked
            #expect(try await simulator.wait(for: "disconnect", instance))
            #expect(reply.status == 409)
            #expect(reply.headers["x-should-retry"] == "false")
            #expect(open.journal.outcomes == [.cancelled])
        }
    }

    @Test func aSessionHasSoManyCallsAtOnce() async throws {
        try await OpenGateway.with(scenario: "hang") { open, simulator, instance in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try? await open.ask(question()) } }
                for _ in 0..<1000 where try await simulator.requests(instance).count < 4 {}
                let reply = try await open.ask(question())
                #expect(reply.status == 429)
                #expect(reply.headers["retry-after"] == "1")
                await open.gateway.revoke(open.turn.turn, of: open.session.session)
            }
        }
    }

    @Test func tokensAreCountedAndNotBilled() async throws {
        try await OpenGateway.with(scenario: "happy") { open, _, _ in
            let reply = try await open.ask(question(), path: "/v1/messages/count_tokens")
            #expect((reply.json["input_tokens"]?.intValue ?? 0) > 10)
            #expect(open.journal.records.isEmpty)
            #expect(open.journal.started == 0)
        }
    }
}
