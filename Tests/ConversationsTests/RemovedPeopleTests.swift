import Conversations
import Harness
import MCP
import Model
import Store
import Testing
import ToolServers

/// What becomes of work, and of questions, when somebody may not come in any more.
@Suite(.timeLimit(.minutes(5))) struct RemovedPeopleTests {
    @Test func whatRunsForSomebodyEndsAndNothingOfTheirsIsBegun() async throws {
        let hasBegun = Reloadable(false)
        let script: ScriptedAgent.Script = { agent in
            _ = try await agent.receive()
            hasBegun.replace(with: true)
            while try await agent.receive(wait: false) != nil { await Task.yield() }
        }
        try await Stage(agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let dm = try await stage.dm(of: ada)
            let receipt = try await stage.say("work", by: ada, in: dm)
            while !hasBegun.current { await Task.yield() }
            try await stage.database.deactivate(ada)
            await stage.service.endSessions(of: ada, reason: "Ada may not use Bulkhead any more.")
            let notice = try await stage.answer(in: receipt.conversation, for: ada)
            #expect(notice?.kind == .notice)
            #expect(notice?.text.contains("may not use Bulkhead any more") == true, "\(notice?.text ?? "")")
            // Accepted before, begun after.
            _ = try await stage.say("more", by: ada, in: dm, conversation: receipt.conversation)
            let second = try await stage.answer(
                in: receipt.conversation, for: ada, after: (notice?.sequence ?? 0) + 1)
            #expect(second?.text.contains("not begun") == true, "\(second?.text ?? "")")
            #expect(stage.agents.taken.current == 1)
        }
    }

    private static let policy =
        "version: 1\nrules:\n  - {name: two, tool: post, decision: ask, approvers: secondPerson}"

    @Test func aSecondPersonIsAnotherHandAndStillThere() async throws {
        let script: ScriptedAgent.Script = { agent in
            _ = try await agent.receive()
            let result = try await agent.client.callTool("post", arguments: [:])
            try await agent.reply(result.isError ? "refused" : "posted")
        }
        try await Stage(policy: Self.policy, servers: [Posting()], agent: script).run { stage in
            let ada = try await stage.person("Ada")
            let ben = try await stage.database.findOrCreatePerson(name: "Ben", role: .admin).id
            let cleo = try await stage.database.findOrCreatePerson(name: "Cleo", role: .admin).id
            let receipt = try await stage.service.submit(
                InboundMessage(
                    channel: try await stage.dm(of: ada), author: ada, onBehalfBy: ben, text: "post it",
                    surface: "cli", clientID: "1"))
            var question: ApprovalID?
            while question == nil {
                question = stage.hub.live(in: receipt.conversation)?.approvals.first?.id
                await Task.yield()
            }
            let id = try #require(question)
            let hand = await #expect(throws: ChatError.self) {
                try await stage.service.answer(id, allow: true, reason: nil, by: ben)
            }
            #expect(hand?.code == .forbidden && hand?.message.contains("spoken for") == true)
            try await stage.database.deactivate(cleo)
            let gone = await #expect(throws: ChatError.self) {
                try await stage.service.answer(id, allow: true, reason: nil, by: cleo)
            }
            #expect(gone?.code == .notFound)
            // The question is still open: neither used it up.
            try await stage.database.admit(cleo, as: .admin)
            try await stage.service.answer(id, allow: true, reason: nil, by: cleo)
            let answer = try await stage.answer(in: receipt.conversation, for: ada)
            #expect(answer?.text == "posted")
        }
    }

    private struct Posting: ToolServer {
        let tools = [
            RegisteredTool(
                tool: Tool(name: "post", inputSchema: ["type": "object"]), effect: .external, server: "fake",
                runsCommands: false)
        ]

        func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
            .text("posted")
        }
    }
}
