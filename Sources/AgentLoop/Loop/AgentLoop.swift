package import MCP
import Synchronization

/// The agent: asks the harness for messages, the model for what to do, the harness to do it, and replies. All decisions
/// are `TurnMachine`'s; here is only the doing.
package struct AgentLoop: Sendable {
    private static let toolsAtOnce = 8

    private let session: ClientSession
    private let door: any ModelDoor
    private let pause: @Sendable (Duration) async throws -> Void
    private let log: @Sendable (String) -> Void

    package init(
        harness transport: any MessageTransport, door: any ModelDoor,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        log: @escaping @Sendable (String) -> Void
    ) {
        session = ClientSession(info: Implementation(name: "bulkhead-agent", version: "1"), transport: transport)
        self.door = door
        self.pause = pause
        self.log = log
    }

    /// Until the harness closes the connection. Throws where the loop cannot go on.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await session.run() }
            group.addTask {
                do {
                    try await converse()
                } catch let error as MCPError where error.code == .connectionClosed {
                    // The harness is done with us.
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func converse() async throws {
        let change = ToolListChange()
        await session.onToolsChanged { change.note() }
        // A pooled agent waits here until its harness has time for it.
        _ = try await session.connect(timeout: .seconds(7 * 24 * 3600))
        var machine = TurnMachine(tools: try await offeredTools())
        var action = machine.start()
        while true {
            let input: TurnMachine.Input
            switch action {
            case .receive(let wait): input = try await receive(wait: wait)
            case .pause(let duration):
                try await pause(duration)
                input = .paused
            case .call(let request): input = try await call(request)
            case .run(let calls): input = .ran(try await run(calls, offered: machine.toolNames))
            case .reply(let reply): input = try await send(reply)
            case .end(let reason): throw AgentLoopError(reason)
            }
            if change.take() { machine.offer(try await offeredTools()) }
            action = machine.handle(input)
        }
    }

    private func offeredTools() async throws -> [OfferedTool] {
        let tools = try await session.listTools()
        return tools.compactMap { tool in
            let offered = OfferedTool(tool)
            if offered == nil, tool.name != "receive", tool.name != "reply" {
                log("the tool \(tool.name) is left out: the model's API does not take its name")
            }
            return offered
        }
    }

    // MARK: Doing

    private func receive(wait: Bool) async throws -> TurnMachine.Input {
        do {
            let result = try await session.callTool("receive", arguments: ["wait": .bool(wait)])
            guard !result.isError, let receipt = Receipt(result) else {
                log("receive failed: \(result.text.prefix(500))")
                return .receiveFailed(result.text)
            }
            return .received(receipt)
        } catch let error as MCPError where error.code != .connectionClosed {
            log("receive failed: \(error)")
            return .receiveFailed(error.message)
        }
    }

    private func call(_ request: ModelRequest) async throws -> TurnMachine.Input {
        do throws(ModelFailure) {
            return .answered(try await door.answer(request.body.serialized()))
        } catch {
            log("model call failed: \(error)")
            return .callFailed(error)
        }
    }

    private func run(_ calls: [ToolCall], offered: Set<String>) async throws -> [ToolOutcome] {
        try await withThrowingTaskGroup(of: (Int, ToolOutcome).self) { group in
            var outcomes = [ToolOutcome?](repeating: nil, count: calls.count)
            for (index, call) in calls.enumerated() {
                if index >= Self.toolsAtOnce, let (done, outcome) = try await group.next() { outcomes[done] = outcome }
                group.addTask { (index, try await run(call, offered: offered)) }
            }
            for try await (done, outcome) in group { outcomes[done] = outcome }
            return outcomes.compactMap(\.self)
        }
    }

    private func run(_ call: ToolCall, offered: Set<String>) async throws -> ToolOutcome {
        if let problem = call.problem {
            return .failure(call, "The arguments of \(call.name) could not be read, so it was not run: \(problem)")
        }
        guard offered.contains(call.name) else {
            return .failure(call, "There is no tool \(call.name.prefix(128)). Use one of those you were given.")
        }
        do {
            return ToolOutcome(call, try await session.callTool(call.name, arguments: call.arguments))
        } catch let error as MCPError where error.code != .connectionClosed {
            return .failure(call, "\(call.name) failed: \(error.message)")
        }
    }

    private func send(_ reply: TurnMachine.Reply) async throws -> TurnMachine.Input {
        var arguments: JSONObject = ["text": .string(reply.text), "in_reply_to": .string(reply.inReplyTo)]
        if reply.isFailure { arguments["failure"] = true }
        do {
            let result = try await session.callTool("reply", arguments: arguments)
            if result.isError { log("reply refused: \(result.text.prefix(500))") }
            return result.isError ? .replyRefused(result.text) : .replied
        } catch let error as MCPError where error.code != .connectionClosed {
            log("reply failed: \(error)")
            return .replyRefused(error.message)
        }
    }
}

/// Why the loop ended though the harness is there.
package struct AgentLoopError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Whether the harness has said that its tools changed since we last looked.
private final class ToolListChange: Sendable {
    private let hasChanged = Mutex(false)

    func note() { hasChanged.withLock { $0 = true } }

    func take() -> Bool {
        hasChanged.withLock { flag in
            defer { flag = false }
            return flag
        }
    }
}
