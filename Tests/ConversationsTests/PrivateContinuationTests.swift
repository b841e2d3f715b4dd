import Conversations
import Harness
import MCP
import Model
import Store
import Testing
import ToolServers

/// A private session that waits for people goes on as private as it was.
@Suite(.timeLimit(.minutes(5))) struct PrivateContinuationTests {
    private struct Mail: ToolServer {
        let tools = [
            RegisteredTool(
                tool: Tool(name: "peek", inputSchema: ["type": "object"]), effect: .read, server: "secrets",
                labels: .private),
            RegisteredTool(
                tool: Tool(name: "post", inputSchema: ["type": "object"]), effect: .external, server: "mail"),
        ]

        func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
            .text("the salary is 100")
        }
    }

    @Test func whatIsWrittenAfterTheAnswerIsItsRequestersAlone() async throws {
        let (resumed, resume) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard let texts = try await agent.receive() else { continue }
                guard texts[0].hasPrefix("[A question to a person") else {
                    _ = try await agent.client.callTool("peek", arguments: [:])
                    _ = try await agent.client.callTool("post", arguments: ["text": "salaries", "token": "abc"])
                    continue
                }
                resume.yield()
                for await _ in released { break }
                try await agent.reply("done")
            }
        }
        let stage = try await Stage(limits: WaitingStage.limits(), servers: [Mail()], agent: script)
        try await stage.run { stage in
            let (ada, ben) = (try await stage.person("ada"), try await stage.person("ben"))
            let boss = try await stage.database.findOrCreatePerson(name: "boss", role: .admin).id
            let room = try await stage.service.createChannel(named: "team", by: ada).id
            try await stage.service.addMember(ben, to: room, by: ada)
            let place = try await stage.say("go", by: ada, in: room).conversation
            let question = try #require(try await WaitingStage.open(stage).first)
            // Nobody but the one it is for is shown what it is about.
            #expect(question.labels.contains(.private))
            for other in [ben, boss] { #expect(try await stage.service.approvals(for: other).isEmpty) }
            #expect(try await stage.service.approvals(for: ada).map(\.view.isYours) == [true])
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            for await _ in resumed { break }
            stage.hub.publish(.draft(text: "the salary", reset: false), in: place)
            #expect(stage.hub.live(in: place, for: ada)?.draft == "the salary")
            #expect(stage.hub.live(in: place, for: ben)?.draft ?? "" == "")
            release.yield()
        }
    }

    /// What a call's own row does not keep of its arguments, the row of a grant does not keep either.
    @Test func aGrantedCommandsSecretsStayOutOfTheAudit() async throws {
        let stage = try await Stage { _ in }
        let ada = try await stage.person("ada")
        let message = try await stage.database.acceptInbound(
            InboundDraft(channel: try await stage.dm(of: ada), author: ada, text: "go", surface: "test", eventID: "1")
        ).message
        let session = try await stage.database.startSession(conversation: message.conversation, requester: ada)
        let question = try await stage.database.createApproval(
            ApprovalDraft(
                call: CallID(trusted: "c"), session: session.id, conversation: message.conversation, requester: ada,
                tool: "bash", effect: .write, arguments: #"{"command":"deploy","token":"s3cret"}"#,
                argumentsDigest: "plain-digest", policyDigest: "p", rule: "ask", reason: "a test",
                approvers: "requester", expires: WallClock.system.now().advanced(by: .seconds(600)),
                offer: GrantOffer(reach: .conversation, rule: "ask", toolDigest: "t", isExact: true, mode: .auto)))
        try await stage.service.answer(question.id, allow: true, scope: .conversation, reason: nil, by: ada)
        let rows = try await stage.database.auditRows(AuditSelection())
        let given = try #require(rows.first { $0.row.event == "grant.given" })
        let text = String(decoding: given.payload ?? [], as: UTF8.self)
        #expect(text.contains("deploy") && text.contains("hmac-sha256"), "\(text)")
        #expect(!text.contains("s3cret") && !text.contains("plain-digest"), "\(text)")
    }
}
