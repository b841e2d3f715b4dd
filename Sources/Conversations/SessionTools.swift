internal import Harness
internal import Logging
internal import MCP
internal import Model
internal import Policy
internal import Store
internal import ToolServers

/// What a session's agent sees over MCP: `receive`, and every tool of the registry through the gate.
///
/// `receive` is the agent's inbox, not an action: it waits for ever, changes nothing, and what it hands over stands in the
/// transcript already. So it does not pass the gate (docs/decisions tells why).
struct SessionTools: ToolProvider {
    let service: ConversationService
    let live: LiveSession

    static let receive = Tool(
        name: "receive",
        description: "Returns the next messages for you. With wait it waits for them; without, it returns at once, "
            + "with what the requester has said since.",
        inputSchema: [
            "type": "object", "properties": ["wait": ["type": "boolean"]], "additionalProperties": false,
        ])

    func listTools(cursor: String?) async throws -> ToolPage {
        guard cursor == nil else { throw MCPError.invalidParams("unknown cursor") }
        return ToolPage(tools: [Self.receive] + live.registry.tools.map(\.tool), nextCursor: nil)
    }

    func callTool(_ name: String, arguments: JSONObject, context: RequestContext) async throws -> CallToolResult {
        if name == Self.receive.name { return try await receive(arguments) }
        let call: CallID = service.parts.identifiers.make()
        guard live.registry.tools.contains(where: { $0.tool.name == name }) else {
            // An error of the protocol, and all the same an attempt that stands in the audit.
            _ = await live.agent.run(call, of: name) { turn in
                await service.refuse(name, arguments: arguments, as: call, of: live, turn: turn)
            }
            throw MCPError.invalidParams("unknown tool: \(name.prefix(128))")
        }
        return await live.agent.run(call, of: name) { turn in
            await service.call(name, arguments: arguments, as: call, of: live, turn: turn)
        }
    }

    private func receive(_ arguments: JSONObject) async throws -> CallToolResult {
        let wait = arguments["wait"]?.boolValue ?? true
        var answer = try await live.agent.receive(wait: wait) { turn in
            let followUps = try await service.database.takeFollowUps(turn: turn)
            return try await service.agentMessages(followUps, for: live)
        }
        // The last moment before work begins.
        if let turn = await live.agent.openTurn, let pause = try await service.pause(of: turn, live) {
            await live.agent.cancelTurn(by: pause.by)
        }
        if let message = answer["messages"]?[0]?["id"]?.stringValue.map({ MessageID(trusted: $0) }),
            let approval = try await service.database.answeredApproval(of: message)
        {
            let text = await service.goOn(with: approval, turn: message, of: live)
            // What was allowed may have been the answer itself; then there is nothing to go on with.
            guard await live.agent.openTurn == message else { return try await receive(["wait": .bool(wait)]) }
            answer["messages"] = [service.message(text, opening: message)]
        }
        return CallToolResult(
            content: [.text(JSONValue.object(answer).text)], structuredContent: .object(answer), isError: false)
    }
}

extension ConversationService {
    /// One tool call of an agent: through the gate, and shown to the people who look on.
    func call(
        _ name: String, arguments: JSONObject, as call: CallID, of live: LiveSession, turn: MessageID,
        answered: AnsweredQuestion? = nil
    ) async -> CallToolResult {
        let description = live.description
        do {
            let request = try await request(
                name, arguments: arguments, as: call, of: live, turn: turn, answered: answered)
            // The answer itself is shown as the answer, not as a tool.
            guard name != ConversationServer.reply else {
                let outcome = await gate.call(request, in: live.registry)
                if outcome.outcome == .suspended { await live.agent.suspendTurn() }
                return outcome.result
            }
            let tool = live.registry.tools.first { $0.tool.name == name }
            let effect = tool?.effect
            // As if it ran: what is asked of something private is nobody else's either.
            let labels = request.labels.union(tool?.labels ?? [])
                .union(parts.policy.current.override(for: name)?.labels ?? [])
            // People look on; who approves is shown the whole.
            let kept = try parts.redactor.redacted(
                arguments, of: name, secret: BuiltInTool.secretArguments(of: name, tool), for: request.requester
            ).arguments
            try await database.startToolCall(
                ToolCallDraft(
                    id: call, session: live.id, turn: turn, tool: name, effect: effect,
                    arguments: JSONValue.object(kept).text, labels: labels))
            let reach = EventHub.Reach(soleReader: request.soleReader(labels))
            var activity = ToolActivity(call: call, tool: name, arguments: shown(kept), state: .running)
            hub.publish(.tool(activity), in: description.conversation, to: reach)
            let waiting = activity.with(.waiting)
            let running = activity
            let outcome = await gate.call(
                request, in: live.registry,
                onMoment: { [hub] moment in
                    switch moment {
                    case .asking: hub.publish(.tool(waiting), in: description.conversation, to: reach)
                    case .running: hub.publish(.tool(running), in: description.conversation, to: reach)
                    case .labelled(let labels):
                        guard let reader = request.soleReader(labels) else { return }
                        hub.restrict(description.conversation, to: reader)
                    }
                })
            activity.state = ToolActivity.State(rawValue: outcome.outcome.rawValue) ?? .failed
            activity.result = outcome.shown.displayText(limit: limits.displayedResultBytes)
            activity.milliseconds = outcome.duration.milliseconds
            if UndoJournal.covers(name), let record = try? await database.undoRecord(call), record.obstacle == nil {
                activity.undo = .possible
            }
            do {
                try await database.finishToolCall(
                    call, state: ToolCallRecord.State(rawValue: outcome.outcome.rawValue) ?? .failed,
                    result: activity.result, duration: outcome.duration, labels: outcome.labels)
            } catch {
                // It ran, and the audit says so: only the transcript shows it as cut off.
                parts.logger.error(
                    "a tool call's end is not shown", metadata: ["tool": "\(name)", "error": "\(error)"])
            }
            hub.publish(
                .tool(activity), in: description.conversation,
                to: EventHub.Reach(soleReader: request.soleReader(outcome.labels.union(labels))), whileRunning: true)
            // Only now: the turn's end tells people what of it waits.
            if outcome.outcome == .suspended {
                await live.agent.suspendTurn()
                return outcome.result
            }
            hub.publish(.state("Thinking"), in: description.conversation, whileRunning: true)
            return outcome.result
        } catch {
            parts.logger.error("tool call failed in the harness", metadata: ["tool": "\(name)", "error": "\(error)"])
            return .failure("The call could not be recorded, so it was not run. Do not try again; tell the requester.")
        }
    }

    /// A call of a tool that does not exist: the gate says so, on record.
    func refuse(
        _ name: String, arguments: JSONObject, as call: CallID, of live: LiveSession, turn: MessageID
    ) async -> CallToolResult {
        do {
            let request = try await request(name, arguments: arguments, as: call, of: live, turn: turn)
            return await gate.call(request, in: live.registry).result
        } catch {
            return .failure("There is no tool \(name.prefix(128)).")
        }
    }

    /// Arguments as people see them: cut where they are long, so that an agent cannot fill everybody's memory with them.
    private func shown(_ arguments: JSONObject) -> JSONValue {
        let text = JSONValue.object(arguments).text
        guard text.utf8.count > limits.displayedResultBytes else { return .object(arguments) }
        let beginning = String(decoding: text.utf8.prefix(limits.displayedResultBytes), as: UTF8.self)
        return .string("\(beginning)… (\(text.utf8.count) bytes)")
    }

    nonisolated var gate: Gate {
        Gate(
            policy: parts.policy, audit: parts.audit, approver: desk, standing: parts.database,
            pauses: parts.pauses,
            keeper: WorkspaceKeeper(service: self), hooks: parts.hooks, redactor: parts.redactor,
            leaks: parts.leaks,
            limits: parts.gateLimits.current)
    }

    private func request(
        _ name: String, arguments: JSONObject, as call: CallID, of live: LiveSession, turn: MessageID,
        answered: AnsweredQuestion? = nil
    ) async throws -> CallRequest {
        var request = try await request(
            name, arguments: arguments, as: call, of: live, onBehalfBy: try await database.message(turn)?.onBehalfBy)
        request.answered = answered
        if let run = try await database.taskRun(ofTurn: turn), let task = try await database.task(run.task) {
            request.task = TaskStanding(task: task.id, digest: run.digest, ceiling: task.role)
        }
        return request
    }

    func request(
        _ name: String, arguments: JSONObject, as call: CallID, of live: LiveSession, onBehalfBy admin: PersonID?
    ) async throws -> CallRequest {
        let description = live.description
        guard let conversation = try await database.conversation(description.conversation),
            let channel = try await database.channel(description.channel),
            let requester = try await database.person(description.requester),
            let session = try await database.session(live.id)
        else { throw ChatError(.notFound, "The conversation is gone.") }
        return CallRequest(
            id: call, session: live.id, conversation: conversation.id, channel: channel.id,
            requester: requester.id, requesterName: requester.name, role: requester.role, mode: conversation.mode,
            labels: session.labels,
            audience: channel.kind == .dm ? .requesterOnly : .channel(channel.id),
            onBehalfBy: admin, tool: name, arguments: arguments,
            boundary: live.boundary)
    }
}

extension CallRequest {
    /// The one person who may see what comes of a session with these labels.
    fileprivate func soleReader(_ labels: Labels) -> PersonID? {
        labels.contains(.private) && audience != .requesterOnly ? requester : nil
    }
}

extension ToolActivity {
    fileprivate func with(_ state: State) -> ToolActivity {
        var copy = self
        copy.state = state
        return copy
    }
}

extension CallToolResult {
    /// The result as people see it: its text, cut in the middle (why a command ended stands last), with pictures named.
    func displayText(limit: Int) -> String {
        let text = content.map { part in
            switch part {
            case .text(let text): text
            case .image(_, let mimeType): "[image, \(mimeType)]"
            default: "[other content]"
            }
        }.joined(separator: "\n")
        guard text.utf8.count > limit else { return text }
        let tail = limit / 4
        let (head, end) = (text.utf8.prefix(limit - tail), text.utf8.suffix(tail))
        return String(decoding: head, as: UTF8.self) + "\n… (cut) …\n" + String(decoding: end, as: UTF8.self)
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
