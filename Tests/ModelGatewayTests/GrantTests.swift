import MCP
import Model
import Testing

@testable import ModelGateway

/// What a door gives, and when: an agent is somebody else's program, and calls whenever it likes.
@Suite(.timeLimit(.minutes(5))) struct GrantTests {
    @Test func withoutAGrantNothingThatCostsIsAnswered() async throws {
        try await OpenGateway.with(granted: false) { open in
            let reply = try await open.ask(question("say hi"))
            #expect(reply.status == 403)
            #expect(reply.errorType == "permission_error")
            #expect(reply.headers["x-should-retry"] == "false")
            // Not even looked at.
            #expect(try await open.ask(raw: OpenGateway.request(Array("{".utf8))).status == 403)
            #expect(try await open.ask(question(), path: "/v1/messages/count_tokens").status == 200)
            await open.gateway.grant(open.turn, to: open.session.session)
            #expect(try await open.ask(question("say hi")).status == 200)
            await open.gateway.revoke(open.turn.turn, of: open.session.session)
            #expect(try await open.ask(question("say hi")).status == 403)
            #expect(open.journal.records.count == 1)
        }
    }

    @Test func anotherSessionsGrantOpensNoDoor() async throws {
        try await OpenGateway.with(granted: false) { open in
            await open.gateway.grant(open.turn, to: SessionID(trusted: "s2"))
            let reply = try await open.ask(question("say hi"))
            #expect(reply.status == 403)
        }
    }

    @Test func aGrantIsSoManyCallsHoweverTheyEnd() async throws {
        try await OpenGateway.with(scenario: "invalid") { open, _, _ in
            await open.gateway.grant(
                ModelGrant(turn: MessageID(trusted: "t2"), calls: 3, outputTokens: 1000), to: open.session.session)
            for _ in 0..<3 { #expect(try await open.ask(question()).status != 429) }
            let reply = try await open.ask(question())
            #expect(reply.status == 429)
            #expect(reply.errorType == "rate_limit_error")
            #expect(reply.headers["x-should-retry"] == "false")
            #expect(open.journal.records.count == 3)
            await open.gateway.grant(open.turn, to: open.session.session)
            #expect(try await open.ask(question()).status != 429)
        }
    }

    @Test func theBodyOfACallThatCouldNotBeMadeIsNotLookedAt() async throws {
        try await OpenGateway.with(granted: false) { open in
            await open.gateway.grant(
                ModelGrant(turn: MessageID(trusted: "t2"), calls: 1, outputTokens: 1000), to: open.session.session)
            let early = try await open.ask(raw: OpenGateway.request(Array("{".utf8)))
            #expect(early.status == 400)
            #expect(try await open.ask(question("say hi")).status == 200)
            #expect(try await open.ask(raw: OpenGateway.request(Array("{".utf8))).status == 429)
        }
    }

    @Test func moreCallsAtOnceThanGrantedAreNotMade() async throws {
        try await OpenGateway.with(granted: false) { open in
            await open.gateway.grant(
                ModelGrant(turn: MessageID(trusted: "t2"), calls: 2, outputTokens: 1000), to: open.session.session)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await open.ask(question("say hi")).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 200, 429, 429])
        }
    }

    @Test func moreOutputThanGrantedIsRefusedAndCostsNoCall() async throws {
        try await OpenGateway.with(granted: false) { open in
            await open.gateway.grant(
                ModelGrant(turn: MessageID(trusted: "t2"), calls: 1, outputTokens: 999), to: open.session.session)
            let reply = try await open.ask(question("say hi"))
            #expect(reply.status == 400)
            #expect(reply.errorMessage.contains("999"))
            #expect(open.journal.records.isEmpty)
            #expect(try await open.ask(question("say hi", with: ["max_tokens": 999])).status == 200)
        }
    }

    @Test func theEndOfAnEarlierTurnIsNotTheEndOfThisOne() async throws {
        try await OpenGateway.with { open in
            await open.gateway.revoke(MessageID(trusted: "earlier"), of: open.session.session)
            let reply = try await open.ask(question("say hi"))
            #expect(reply.status == 200)
        }
    }

    @Test func theNextTurnEndsTheCallsOfTheOneBefore() async throws {
        try await OpenGateway.with(scenario: "hang") { open, simulator, instance in
            async let asked = open.ask(question(stream: true))
            let hasArrived = try await simulator.wait(for: "request", instance)
            #expect(hasArrived)
            // The next turn's grant ends the earlier one's, should nobody have.
            await open.gateway.grant(
                ModelGrant(turn: MessageID(trusted: "t2"), calls: 1, outputTokens: 1000), to: open.session.session)
            let reply = try await asked
            #expect(reply.status == 409)
            #expect(open.journal.outcomes == [.cancelled])
            #expect(open.journal.turns == [open.turn.turn])
        }
    }

    @Test func theEndOfASessionIsTheEndOfItsGrant() async throws {
        try await OpenGateway.with { open in
            await open.gateway.unassign(open.compartment)
            await open.gateway.assign(open.compartment, to: open.session)
            let reply = try await open.ask(question("say hi"))
            #expect(reply.status == 403)
        }
    }

    @Test(arguments: ["/v1/messages/count_tokens", "/api/hello"])
    func whatCostsNothingIsBoundedInItsRate(path: String) async throws {
        var configuration = GatewayConfiguration.offline
        configuration.limits.freeRequestsPerMinute = 5
        try await OpenGateway.with(configuration) { open in
            let method = path == "/api/hello" ? "GET" : "POST"
            let request = OpenGateway.request(question().serialized(), path: path, method: method)
            for _ in 0..<5 { #expect(try await open.ask(raw: request).status == 200) }
            let reply = try await open.ask(raw: request)
            #expect(reply.status == 429)
            #expect(reply.headers["retry-after"] == "1")
            // The turn's own calls are not held up by it.
            #expect(try await open.ask(question("say hi")).status == 200)
        }
    }

    @Test func aRateFillsUpAgainAndNotBeyondItsMeasure() {
        var rate = RequestRate(perMinute: 60, now: .zero)
        func taken(at now: Duration) -> Int { (0..<100).count { _ in rate.take(now: now) } }
        #expect(taken(at: .zero) == 60)
        #expect(taken(at: .seconds(1)) == 1)
        #expect(taken(at: .seconds(11)) == 10)
        #expect(taken(at: .seconds(3600)) == 60)
        // A clock that goes back gives nothing.
        #expect(taken(at: .seconds(3000)) == 0)
    }
}
