import Budgets
import Conversations
import Harness
import MCP
import Model
import Routing
import Store
import Synchronization
import Testing
import ToolServers

/// Each turn gets its tier by code, and keeps it or goes up on evidence.
@Suite(.timeLimit(.minutes(5))) struct TurnRoutingTests {
    /// Writes down the tiers that are granted and moved to.
    private final class Tiers: ModelDoors {
        private let state = Mutex((granted: [TurnLeave](), moved: [RouteTier]()))

        var granted: [TurnLeave] { state.withLock { $0.granted } }
        var moved: [RouteTier] { state.withLock { $0.moved } }

        func assign(_ compartment: CompartmentID, to session: SessionDescription) async {}
        func close(_ compartment: CompartmentID, of session: SessionID) async {}
        func revoke(_ turn: MessageID, of session: SessionID) async {}
        func grant(_ leave: TurnLeave, for turn: MessageID, of session: SessionDescription) async {
            state.withLock { $0.granted.append(leave) }
        }
        func move(_ turn: MessageID, of session: SessionID, to tier: RouteTier) async {
            state.withLock { $0.moved.append(tier) }
        }
    }

    private static let answering: ScriptedAgent.Script = { agent in
        while true {
            guard try await agent.receive() != nil else { continue }
            try await agent.reply("ok")
        }
    }

    private static let hard =
        "Prove that the reconciliation algorithm terminates, derive its complexity step by step, compare three designs and "
        + "find the root cause of each race condition in the following code, then plan the migration."

    @Test func theTextDecidesAndTheDecisionIsKept() async throws {
        let tiers = Tiers()
        try await Stage(doors: tiers, agent: Self.answering).run { stage in
            let anna = try await stage.person("anna")
            let dm = try await stage.dm(of: anna)
            let small = try await stage.say("thanks!", by: anna, in: dm)
            _ = try await stage.answer(in: small.conversation, for: anna)
            let hard = try await stage.say(Self.hard, by: anna, in: dm)
            _ = try await stage.answer(in: hard.conversation, for: anna)
            #expect(tiers.granted.map(\.tier) == [.fast, .best])
            let route = try #require(try await stage.database.route(of: hard.message))
            #expect(route.routed == "best" && route.tier == "best" && route.score > 0.85 && route.requested == nil)
            #expect(route.features.contains("\"place\":\"direct\"") && !route.reason.isEmpty)
            try await until { try await stage.database.route(of: hard.message)?.outcome == "answered" }
        }
    }

    @Test func aTierIsAskedForBesideTheTextAndPolicyDecides() async throws {
        let tiers = Tiers()
        try await Stage(doors: tiers, agent: Self.answering).run { stage in
            let anna = try await stage.person("anna")
            let ben = try await stage.database.findOrCreatePerson(name: "ben", role: .admin).id
            for person in [anna, ben] {
                var message = InboundMessage(
                    channel: try await stage.dm(of: person), author: person, text: "thanks!", surface: "test",
                    clientID: "x-\(person)")
                message.tier = "best"
                let receipt = try await stage.service.submit(message)
                _ = try await stage.answer(in: receipt.conversation, for: person)
            }
            #expect(tiers.granted.map(\.tier) == [.fast, .best])
            var message = InboundMessage(
                channel: try await stage.dm(of: anna), author: anna, text: "x", surface: "test", clientID: "y")
            message.tier = "finest"
            do {
                _ = try await stage.service.submit(message)
                Issue.record("a tier that is none was taken")
            } catch let error as ChatError {
                #expect(error.message == "tier is one of fast, balanced, best.")
            }
        }
    }

    @Test func aBudgetAtItsThrottleLowersTheTierAndIsTold() async throws {
        let tiers = Tiers()
        let book = BudgetBook([Budget(.person, .month, [.soft: 500, .throttle: 1_000])])
        try await Stage(doors: tiers, budgets: Reloadable(book), agent: Self.answering).run { stage in
            let anna = try await stage.person("anna")
            let dm = try await stage.dm(of: anna)
            let first = try await stage.say(Self.hard, by: anna, in: dm)
            _ = try await stage.answer(in: first.conversation, for: anna)
            let session = try #require(try await stage.database.openSessions().first)
            var entry = ModelCallEntry(
                BudgetSubject(
                    person: anna, channel: dm, conversation: first.conversation, session: session.id),
                turn: first.message, tier: "best", provider: "p", model: "m", started: stage.database.clock.now())
            entry.microdollars = 1_200
            try await stage.database.recordModelCall(entry)
            let second = try await stage.say(Self.hard, by: anna, in: dm)
            let answer = try #require(try await stage.answer(in: second.conversation, for: anna))
            #expect(tiers.granted.map(\.tier) == [.best, .balanced])
            let route = try #require(try await stage.database.route(of: second.message))
            #expect(route.isThrottled && route.routed == "best" && route.tier == "balanced")
            let details = try await StoredAnswers(database: stage.database, audit: stage.audit)
                .details(of: answer.id, for: anna).text
            #expect(details.contains("one tier lower, at balanced"), "\(details)")
            #expect(
                details.contains("Budget: Your budget of $0.0005 a month is reached: $0.0012 are spent."), "\(details)")
            // Once a period.
            let third = try await stage.say(Self.hard, by: anna, in: dm)
            _ = try await stage.answer(in: third.conversation, for: anna)
            #expect(try await stage.database.budgetWarnings(turn: third.message).isEmpty)
        }
    }

    @Test func aToolThatKeepsFailingRaisesTheTurn() async throws {
        let tiers = Tiers()
        let stage = try await Stage(servers: [FailingServer()], doors: tiers) { agent in
            while true {
                guard try await agent.receive() != nil else { continue }
                for _ in 0..<4 { _ = try await agent.client.callTool("stumble", arguments: [:]) }
                try await agent.reply("ok")
            }
        }
        try await stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("thanks!", by: anna, in: try await stage.dm(of: anna))
            _ = try await stage.answer(in: receipt.conversation, for: anna)
            #expect(tiers.granted.map(\.tier) == [.fast] && tiers.moved == [.balanced])
            #expect(
                try await stage.database.routeSwitches(of: receipt.message)
                    == ["fast to balanced: the same tool failed 3 times in a row"])
            #expect(try await stage.database.route(of: receipt.message)?.tier == "balanced")
        }
    }

    private struct FailingServer: ToolServer {
        let tools = [
            RegisteredTool(
                tool: Tool(
                    name: "stumble", description: "Fails.",
                    inputSchema: ["type": "object", "properties": [:], "additionalProperties": false]), effect: .read,
                server: "test")
        ]

        func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
            .failure("It did not work.")
        }
    }
}
