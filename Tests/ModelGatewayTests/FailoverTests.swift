import MCP
import Model
import Testing

@testable import ModelGateway

/// Which of a tier's targets is asked, in what order, and which never.
@Suite(.timeLimit(.minutes(5))) struct FailoverTests {
    // MARK: The next target

    @Test(arguments: [
        ("overloaded", 5), ("server_error", 5), ("rate_limited", 5), ("unauthorized", 1), ("no_model", 1), ("quota", 1),
        ("garbage:200", 1), ("broken_first:99", 5), ("binary_stream", 5),
    ])
    func theNextTargetAnswersWhereOneCannot(scenario: String, attempts: Int) async throws {
        try await Targets.with([scenario, "happy"]) { targets in
            let reply = try await targets.open.ask(question("hi", stream: true))
            #expect(reply.said.text == "You said: hi")
            #expect(reply.said.isWellFormed)
            #expect(try await targets.asked() == [attempts, 1])
            let record = try #require(targets.open.journal.records.first)
            #expect(targets.open.journal.records.count == 1)
            #expect(record.provider == "t1")
            #expect(record.model == "m1")
            #expect(record.attempts == attempts + 1)
            #expect(record.error == nil)
            #expect(try await targets.simulator.requests(targets.instances[1]).first?["body"]?["model"] == "m1")
        }
    }

    /// Every target would refuse it.
    @Test(arguments: ["too_long", "error_detail"])
    func whatIsWrongWithTheRequestIsNotHandedOn(scenario: String) async throws {
        try await Targets.with([scenario, "happy"]) { targets in
            let reply = try await targets.open.ask(question("hi"))
            #expect(reply.status == 400)
            #expect(try await targets.asked() == [1, 0])
        }
    }

    /// The agent has seen a part of it, and may have acted on it.
    @Test(arguments: ["broken_stream", "error_chunk", "no_finish", "garbage_stream"])
    func anAnswerThatHasBegunIsNotBegunAnew(scenario: String) async throws {
        try await Targets.with([scenario, "happy"]) { targets in
            let reply = try await targets.open.ask(question("hi", stream: true))
            #expect(reply.events.last?.name == "error")
            #expect(try await targets.asked() == [1, 0])
            #expect(targets.open.journal.records.first?.provider == "t0")
        }
    }

    @Test func aKeyThatCannotBeReadIsOneTargetsTrouble() async throws {
        struct Unreadable: Error {}
        try await Targets.with(
            ["happy", "happy"],
            server: { number, server in if number == 0 { server.key = { throw Unreadable() } } }
        ) { targets in
            let reply = try await targets.open.ask(question("hi"))
            #expect(reply.status == 200)
            #expect(try await targets.asked() == [0, 1])
        }
    }

    @Test func oneThatHangsIsLeftForTheNext() async throws {
        try await Targets.with(
            ["hang", "happy"], server: { $1.limits.streamIdle = .milliseconds(300) }, realTime: true
        ) { targets in
            let reply = try await targets.open.ask(question("hi", stream: true))
            #expect(reply.said.text == "You said: hi")
            #expect(try await targets.simulator.wait(for: "disconnect", targets.instances[0]))
        }
    }

    @Test func allTargetsShareOneDeadline() async throws {
        var limits = GatewayLimits()
        limits.callDeadline = .milliseconds(500)
        try await Targets.with(["hang", "hang"], limits: limits, realTime: true) { targets in
            let reply = try await targets.open.ask(question("hi", stream: true))
            #expect(reply.failureType == "timeout_error")
            #expect(try await targets.asked() == [1, 0])
        }
    }

    // MARK: Home, and health

    @Test func aSessionStaysWhereItsPromptIsWarmAndComesBackLater() async throws {
        // The first is down for one call, and well from then on.
        try await Targets.with(["overloaded:5", "happy"]) { targets in
            for expected in [[5, 1], [5, 2], [5, 3]] {
                _ = try await targets.open.ask(question("hi"))
                #expect(try await targets.asked() == expected)
                targets.open.waits.advance(by: .seconds(200))
            }
            targets.open.waits.advance(by: .seconds(200))
            _ = try await targets.open.ask(question("hi"))
            #expect(try await targets.asked() == [6, 3])
        }
    }

    @Test func oneThatFailsAgainAndAgainRestsAndIsTriedByOneCall() async throws {
        try await Targets.with(["overloaded", "happy"]) { targets in
            for _ in 0..<3 {
                _ = try await targets.open.ask(question("hi"))
                // Home is elsewhere by now: it would not be asked at all.
                targets.open.gateway.board.forget(targets.open.session.session)
            }
            #expect(try await targets.asked() == [15, 3])
            _ = try await targets.open.ask(question("hi"))
            #expect(try await targets.asked() == [15, 4])
            targets.open.gateway.board.forget(targets.open.session.session)
            targets.open.waits.advance(by: .seconds(16))
            _ = try await targets.open.ask(question("hi"))
            #expect(try await targets.asked() == [20, 5])
        }
    }

    // MARK: Trust

    /// The one that is trusted is down; the one that is not stays unasked, whatever else is tried.
    @Test func privateDataReachesNobodyWhoIsNotTrustedWithIt() async throws {
        try await Targets.with(
            ["overloaded", "happy", "happy"],
            change: { number, target in
                if number == 1 { target.labels = [.untrusted] }
                if number == 2 { target.labels = [] }
            }
        ) { targets in
            targets.labels.set([.private])
            let reply = try await targets.open.ask(question("secret"))
            #expect(reply.status == 503)
            #expect(try await targets.asked() == [5, 0, 0])
            // Not because it cannot be asked.
            targets.labels.set([])
            targets.open.waits.advance(by: .seconds(400))
            #expect(try await targets.open.ask(question("open")).status == 200)
            #expect(try await targets.asked() == [10, 1, 0])
            // Home is there now; the session has become private since.
            targets.labels.set([.private, .untrusted])
            #expect(try await targets.open.ask(question("secret")).status == 503)
            #expect(try await targets.asked() == [15, 1, 0])
            let sent = try await targets.simulator.requests(targets.instances[1])
            #expect(!sent.contains { $0["body"]?.text.contains("secret") == true })
        }
    }

    @Test func whereNobodyIsTrustedNobodyIsAskedAndItIsSaid() async throws {
        try await Targets.with(["happy"], change: { $1.labels = [.untrusted] }) { targets in
            for labels in [Labels.private, nil] {
                targets.labels.set(labels)
                let reply = try await targets.open.ask(question("secret"))
                #expect(reply.status == 403)
                #expect(reply.errorMessage.contains("trusts no model of the tier balanced with"))
            }
            #expect(try await targets.asked() == [0])
            #expect(targets.open.journal.records.isEmpty)
            targets.labels.set([.untrusted])
            #expect(try await targets.open.ask(question("hi")).status == 200)
        }
    }

    @Test func aTargetServesTheChannelsItIsNamedFor() async throws {
        try await Targets.with(
            ["happy", "happy", "happy"],
            change: { number, target in target.channels = [["legal"], ["c*", "x"], nil][number] }
        ) { targets in
            let reply = try await targets.open.ask(question("hi"))
            #expect(reply.status == 200)
            // The session's channel is ch1.
            #expect(try await targets.asked() == [0, 1, 0])
        }
    }

    @Test(arguments: [("/v1/messages", 403), ("/v1/messages/count_tokens", 403)])
    func noRequestOfAnyKindGoesPastTheTrust(path: String, status: Int) async throws {
        try await Targets.with(["happy"], change: { $1.channels = ["legal"] }) { targets in
            let reply = try await targets.open.ask(question("hi"), path: path)
            #expect(reply.status == status)
            #expect(try await targets.asked() == [0])
        }
    }

    // MARK: What a model can do

    private static let image: JSONValue = [
        [
            "role": "user",
            "content": [["type": "image", "source": ["type": "base64", "media_type": "image/png", "data": "aGk="]]],
        ]
    ]

    @Test func aModelIsNotAskedForWhatItCannotDo() async throws {
        try await Targets.with(
            ["happy", "happy", "happy"],
            change: { number, target in
                if number == 0 { target.seesImages = false }
                if number == 1 { target.usesTools = false }
                if number == 2 { target.contextTokens = 2000 }
            }
        ) { targets in
            _ = try await targets.open.ask(question(with: ["messages": Self.image]))
            #expect(try await targets.asked() == [0, 1, 0])
            targets.open.gateway.board.forget(targets.open.session.session)
            let tools: JSONValue = [["name": "bash", "input_schema": ["type": "object"]]]
            _ = try await targets.open.ask(question(with: ["messages": Self.image, "tools": tools]))
            #expect(try await targets.asked() == [0, 1, 1])
            let long = question(String(repeating: "word ", count: 2000), with: ["tools": tools])
            _ = try await targets.open.ask(long)
            #expect(try await targets.asked() == [1, 1, 1])
        }
    }

    @Test func whatNoModelCanDoIsSaid() async throws {
        try await Targets.with(
            ["happy"],
            change: {
                $1.seesImages = false
                $1.contextTokens = 1000
                $1.outputTokens = 50
            }
        ) { targets in
            let reply = try await targets.open.ask(question(with: ["messages": Self.image]))
            #expect(reply.status == 400)
            #expect(reply.errorMessage.contains("can see images"))
            let long = try await targets.open.ask(question(String(repeating: "word ", count: 2000)))
            // The words by which an agent knows to shorten the conversation.
            #expect(long.errorMessage.contains("prompt is too long"))
            #expect(try await targets.asked() == [0])
            _ = try await targets.open.ask(question("hi"))
            let sent = try await targets.simulator.requests(targets.instances[0]).first
            #expect(sent?["body"]?["max_tokens"] == 50)
        }
    }

    // MARK: Nobody

    @Test func anOutageIsSuspectedFirstAndCertainWhenNobodyGotThrough() async throws {
        try await Targets.with(
            ["overloaded", "unreachable"],
            server: { number, server in
                if number == 1 { server.baseURL = "http://127.0.0.1:9/v1" }
            }
        ) { targets in
            let gateway = targets.open.gateway
            let channel = targets.open.session.channel
            for call in 1...3 {
                #expect(gateway.availability(of: .balanced, in: channel) == .available)
                let reply = try await targets.open.ask(question("hi"))
                #expect(reply.status == 503)
                #expect(reply.headers["x-should-retry"] == "false")
                #expect(
                    targets.open.journal.outages == Array(repeating: .suspected, count: min(call, 2))
                        + (call == 3 ? [.certain] : []))
            }
            guard case .unavailable(let wait) = gateway.availability(of: .balanced, in: channel) else {
                Issue.record("it is taken for available")
                return
            }
            #expect(wait > .zero && wait <= .seconds(15))
            let asked = try await targets.asked()
            let reply = try await targets.open.ask(question("hi"))
            #expect(reply.errorMessage.contains("tried again within"))
            #expect(Int(reply.headers["retry-after"] ?? "") ?? 0 > 0)
            #expect(targets.open.journal.outages.last == .certain)
            #expect(try await targets.asked() == asked)
            targets.open.waits.advance(by: .seconds(16))
            #expect(gateway.availability(of: .balanced, in: channel) == .worthATry)
        }
    }

    @Test func oneGoodAnswerEndsAnOutage() async throws {
        try await Targets.with(["overloaded:15"]) { targets in
            for _ in 0..<3 { _ = try await targets.open.ask(question("hi")) }
            targets.open.waits.advance(by: .seconds(16))
            #expect(try await targets.open.ask(question("hi")).status == 200)
            #expect(
                targets.open.gateway.availability(of: .balanced, in: targets.open.session.channel) == .available)
        }
    }

    /// What is wrong with a key or an answer stays wrong by waiting.
    @Test(arguments: ["unauthorized", "quota", "garbage:200", "binary_stream", "hang"])
    func whatDoesNotPassIsNoOutage(scenario: String) async throws {
        try await Targets.with(
            [scenario], server: { $1.limits.streamIdle = .milliseconds(200) }, realTime: scenario == "hang"
        ) { targets in
            _ = try await targets.open.ask(question("hi", stream: true))
            #expect(targets.open.journal.outcomes.count == 1)
            #expect(targets.open.journal.outages.isEmpty)
        }
    }
}

extension Journal {
    var outages: [ModelOutage] {
        outcomes.compactMap { if case .unavailable(let outage, _) = $0 { outage } else { nil } }
    }
}
