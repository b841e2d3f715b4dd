internal import Audit
package import Harness
package import MCP
internal import Model
internal import Policy
internal import Store
package import ToolServers

extension HookDesk: ToolHooks {
    package func before(_ request: CallRequest, _ tool: RegisteredTool) async throws -> ToolHookAnswer {
        var arguments = request.arguments
        var findings = HookFindings()
        for name in hooks(for: .toolBefore) {
            var facts = Self.facts(of: request)
            facts["effect"] = .string(tool.effect.rawValue)
            let withheld = arguments.withholding(BuiltInTool.secretArguments(of: request.tool, tool))
            facts["arguments"] = .object(withheld)
            let answer: HookAnswer
            do {
                answer = try await ask(name, .toolBefore, about: facts, subject: Self.subject(of: request)).answer.get()
            } catch let failure as HookFailure {
                return .deny(hook: name, reason: "\(failure). Nothing runs while it fails; tell the person so.")
            } catch let error as CancellationError {
                throw error
            } catch {
                return .deny(hook: name, reason: "its run could not be recorded: \(error)")
            }
            if answer.decision == .deny { return .deny(hook: name, reason: answer.reason) }
            if answer.decision == .ask {
                findings.questions.append(
                    HookFindings.Question(hook: name, reason: answer.reason, approvers: answer.approvers))
            }
            if let changed = answer.arguments {
                arguments = changed.givingBack(BuiltInTool.secretArguments(of: request.tool, tool), of: arguments)
            }
            if let note = answer.note { findings.notes.append("[\(name): \(note)]") }
        }
        return .pass(arguments: arguments, findings)
    }

    /// Of the result's text so much is shown to hooks.
    private static let shownBytes = 256 << 10

    package func after(
        _ request: CallRequest, _ tool: RegisteredTool, _ result: CallToolResult, outcome: GateResult.Outcome
    ) async -> CallToolResult {
        var result = result
        for name in hooks(for: .toolAfter) {
            var facts = Self.facts(of: request)
            facts["arguments"] = .object(
                request.arguments.withholding(BuiltInTool.secretArguments(of: request.tool, tool)))
            facts["outcome"] = .string(outcome.rawValue)
            // What hooks do not see the agent does not get: neither the rest of a long text, nor the same in another form.
            if let structured = result.structuredContent {
                if result.text.isEmpty { result.content.append(.text(structured.text)) }
                result.structuredContent = nil
            }
            var text = result.text
            if text.utf8.count > Self.shownBytes {
                text = text.cut(to: Self.shownBytes, ending: "")
                facts["cut"] = true
                result.content =
                    [.text(text), .text("[cut: hooks look through \(Self.shownBytes >> 10) KiB of a result]")]
                    + result.content.filter { $0.text == nil }
            }
            facts["result"] = .string(text)
            let answer: HookAnswer
            do {
                answer = try await ask(name, .toolAfter, about: facts, subject: Self.subject(of: request)).answer.get()
            } catch is HookFailure {
                // The call ran; a hook that fails now is on record, and changes nothing.
                continue
            } catch {
                // Stopped, or its run is not on record: what it said of the result is not known.
                return .failure(
                    "\(request.tool) ran; its result is not shown, as the hook \(name) could not be asked: \(error)")
            }
            if answer.decision == .deny {
                return .failure("\(request.tool) ran; its result was withheld by the hook \(name): \(answer.reason)")
            }
            if let text = answer.text {
                result.content = [.text(text)] + result.content.filter { $0.text == nil }
                result.structuredContent = nil
            }
            if let note = answer.note { result.content.append(.text("[\(name): \(note)]")) }
        }
        return result
    }

    private static func facts(of request: CallRequest) -> JSONObject {
        [
            "call": .string(request.id.rawValue), "session": .string(request.session.rawValue),
            "conversation": .string(request.conversation.rawValue), "channel": .string(request.channel.rawValue),
            "requester": ["id": .string(request.requester.rawValue), "name": .string(request.requesterName)],
            "role": .string(request.role.rawValue), "mode": .string(request.mode.rawValue),
            "labels": .array(request.labels.names.map { .string($0) }), "tool": .string(request.tool),
            "direct": .bool(request.audience == .requesterOnly),
        ]
    }

    private static func subject(of request: CallRequest) -> AuditSubject {
        AuditSubject(
            requester: request.requester, onBehalfBy: request.onBehalfBy, channel: request.channel,
            conversation: request.conversation, session: request.session, call: request.id)
    }
}

extension JSONObject {
    private static let withheld = JSONValue.string("«secret»")

    /// For hooks: what only the tool may see is there, and not what it is.
    fileprivate func withholding(_ members: Set<String>) -> JSONObject {
        var copy = self
        for member in members where self[member] != nil { copy[member] = Self.withheld }
        return copy
    }

    /// What a hook left as it was given is what the agent gave.
    fileprivate func givingBack(_ members: Set<String>, of original: JSONObject) -> JSONObject {
        var copy = self
        for member in members where self[member] == Self.withheld { copy[member] = original[member] }
        return copy
    }
}
