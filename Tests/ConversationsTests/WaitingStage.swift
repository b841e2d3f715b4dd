import Conversations
import Foundation
import Harness
import MCP
import Model
import Store
import Synchronization
import Testing
import ToolServers

/// A stage whose agent asks people, and what the tests of that look at.
enum WaitingStage {
    /// Posts what it is told to and says what came of it; says what an answer that came back says.
    static let posting: ScriptedAgent.Script = { agent in
        while true {
            guard let texts = try await agent.receive() else { continue }
            guard !texts[0].hasPrefix("[A question to a person") else {
                try await agent.reply("went on: \(texts[0])")
                continue
            }
            let words = texts[0].split(separator: " ").map(String.init)
            let result = try await withThrowingTaskGroup(of: String.self) { group in
                for word in words {
                    group.addTask {
                        try await agent.client.callTool("post", arguments: ["text": .string(word)]).text
                    }
                }
                return try await group.reduce("") { $0 + $1 }
            }
            try await agent.reply("at once: \(result)")
        }
    }

    static func limits(hold: Duration = .zero) -> ConversationLimits {
        var limits = ConversationLimits()
        limits.approvalHold = hold
        return limits
    }

    static func stage(
        _ board: Board, directory: String? = nil, hold: Duration = .zero, policy: String? = nil
    ) async throws -> Stage {
        try await Stage(
            directory: directory, limits: limits(hold: hold), policy: policy, servers: [board], agent: posting)
    }

    static func open(_ stage: Stage, count: Int = 1, suspended: Bool = true) async throws -> [ApprovalRecord] {
        var open: [ApprovalRecord] = []
        let deadline = ContinuousClock.now + .seconds(30)
        while open.count < count || suspended && open.contains(where: { $0.suspended == nil }) {
            try #require(ContinuousClock.now < deadline, "nothing is asked")
            open = try await stage.database.pendingApprovals()
            await Task.yield()
        }
        return open
    }

    /// Lines of a conversation once there are so many.
    static func lines(_ stage: Stage, _ conversation: ConversationID, _ count: Int) async throws -> [Entry] {
        var entries: [Entry] = []
        let owner = try await stage.person("ada")
        let deadline = ContinuousClock.now + .seconds(30)
        while entries.count < count, ContinuousClock.now < deadline {
            entries = try await stage.service.conversation(conversation, for: owner).entries
            await Task.yield()
        }
        return entries
    }
}

/// Remembers what was posted on it.
final class Board: ToolServer {
    private let texts = Mutex<[String]>([])
    let hangs = Reloadable(false)
    let mayLive = Reloadable(true)

    var posts: [String] { texts.withLock { $0 } }

    let tools = [
        RegisteredTool(
            tool: Tool(
                name: "post", inputSchema: ["type": "object", "properties": ["text": ["type": "string"]]]),
            effect: .external, server: "board")
    ]

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        let text = arguments["text"]?.stringValue ?? ""
        texts.withLock { $0.append(text) }
        if hangs.current { try await Task.sleep(for: .seconds(3600)) }
        return .text("posted \(text)")
    }
}
