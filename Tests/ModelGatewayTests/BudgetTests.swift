import MCP
import Model
import Synchronization
import Testing

@testable import ModelGateway

/// Money is set aside before a call, and given back with its record.
@Suite(.timeLimit(.minutes(5))) struct BudgetTests {
    /// Writes down what is asked of it; refuses above a limit, or always.
    final class Purse: ModelBudget {
        private let state = Mutex((planned: [PlannedCall](), next: Int64(0)))
        private let limit: Int64
        private let failure: (any Error & Sendable)?

        init(limit: Int64 = .max, failing failure: (any Error & Sendable)? = nil) {
            self.limit = limit
            self.failure = failure
        }

        var planned: [PlannedCall] { state.withLock { $0.planned } }

        func reserve(_ call: PlannedCall) async throws -> ReservationID? {
            if let failure { throw failure }
            return try state.withLock { state in
                state.planned.append(call)
                guard call.microdollars <= limit else { throw BudgetRefusal("The budget of the test is used up.") }
                state.next += 1
                return ReservationID(rawValue: state.next)
            }
        }
    }

    private static func with(
        _ purse: Purse, scenario: String = "happy", grant: ModelGrant? = nil,
        _ body: @escaping @Sendable (OpenGateway, Simulator, String) async throws -> Void
    ) async throws {
        try await OpenGateway.with(scenario: scenario, budget: purse) { open, simulator, instance in
            if let grant { await open.gateway.grant(grant, to: open.session.session) }
            try await body(open, simulator, instance)
        }
    }

    @Test func theRecordGivesBackWhatWasSetAside() async throws {
        let purse = Purse()
        let work = ModelWork(task: "report", run: "r1", skill: "sums", subagent: "checker")
        let grant = ModelGrant(turn: MessageID(trusted: "t9"), calls: 5, outputTokens: 5000, tier: .best, work: work)
        try await Self.with(purse, grant: grant) { open, _, _ in
            #expect(try await open.ask(question(stream: true)).status == 200)
            let planned = try #require(purse.planned.first)
            #expect(planned.session == open.session && planned.turn == grant.turn && planned.work == work)
            #expect(planned.tier == .best && planned.model == "claude-opus-4-6" && planned.provider == "anthropic")
            let record = try #require(open.journal.records.first)
            #expect(record.reservation == ReservationID(rawValue: 1) && record.work == work && record.tier == .best)
            #expect(record.microdollars <= planned.microdollars && record.microdollars > 0)
        }
    }

    @Test func withoutMoneyNothingIsAsked() async throws {
        try await Self.with(Purse(limit: 0)) { open, simulator, instance in
            let reply = try await open.ask(question())
            #expect(reply.status == 402 && reply.errorType == "billing_error")
            #expect(reply.errorMessage == "The budget of the test is used up.")
            #expect(reply.headers["x-should-retry"] == "false")
            #expect(try await simulator.requests(instance).isEmpty && open.journal.records.isEmpty)
            // What costs nothing is asked.
            #expect(try await open.ask(question(), path: "/v1/messages/count_tokens").status != 402)
        }
    }

    @Test func whereItCannotBeToldWhetherThereIsMoneyThereIsNone() async throws {
        struct Broken: Error {}
        try await Self.with(Purse(failing: Broken())) { open, simulator, instance in
            let reply = try await open.ask(question())
            #expect(reply.status == 503 && reply.headers["x-should-retry"] == "false")
            #expect(try await simulator.requests(instance).isEmpty)
        }
    }

    /// However a call ends, its reservation comes back: else money would be lost for good.
    @Test(arguments: ["happy", "invalid", "hang", "broken_stream", "garbage_stream", "not_json", "empty_stream"])
    func howeverACallEndsItsReservationComesBack(scenario: String) async throws {
        let purse = Purse()
        try await Self.with(purse, scenario: scenario) { open, simulator, instance in
            async let asked = open.ask(question(stream: true))
            if scenario == "hang" {
                _ = try await simulator.wait(for: "request", instance)
                await open.gateway.revoke(open.turn.turn, of: open.session.session)
            }
            _ = try? await asked
            _ = await open.journal.endings()
            #expect(open.journal.records.map(\.reservation) == [ReservationID(rawValue: 1)])
        }
    }

    @Test func aTurnGoesToItsTierAndCanBeMoved() async throws {
        let purse = Purse()
        let grant = ModelGrant(turn: MessageID(trusted: "t9"), calls: 5, outputTokens: 5000, tier: .fast)
        try await Self.with(purse, grant: grant) { open, _, _ in
            // Nothing in a request names a model.
            _ = try await open.ask(question(with: ["model": "claude-opus-4-6"]))
            await open.gateway.move(MessageID(trusted: "another"), of: open.session.session, to: .best)
            _ = try await open.ask(question())
            await open.gateway.move(grant.turn, of: open.session.session, to: .balanced)
            _ = try await open.ask(question())
            #expect(purse.planned.map(\.model) == ["claude-haiku-4-5", "claude-haiku-4-5", "claude-sonnet-4-6"])
        }
    }
}
