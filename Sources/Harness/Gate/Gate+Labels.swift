import MCP
import Model
import Policy
import Store
import ToolServers

// What a session has touched, and where something of it goes.
extension Gate {
    /// The policy's decision, or a question in place of an allowance: an external effect of a session with outside
    /// content goes where the requester said it should, and something of a private session goes to people only by the
    /// requester's word. What cannot be told is asked.
    func raised(
        _ decision: Decision, _ question: PolicyQuestion, _ request: CallRequest, _ tool: RegisteredTool,
        _ policy: Policy
    ) async throws -> Decision {
        if case .deny = decision { return decision }
        if tool.handsOut, question.labels.contains(.private), request.audience != .requesterOnly {
            return question.raised(
                decision, to: .requester, expires: policy.expires,
                reason: "this conversation has seen private data, and others may get to see what it hands out",
                rule: .privateOutput)
        }
        guard question.effect == .external, question.labels.contains(.untrusted) else { return decision }
        let words = OwnWords(try await standing.ownWords(of: request.requester, in: request.conversation))
        guard let stranger = words.firstStranger(in: request.arguments) else { return decision }
        let name = stranger.text.storable.cut(to: 200)
        let source = try await standing.firstSight(of: name, in: request.session)
        return question.raised(
            decision, to: .requester, expires: policy.expires,
            reason:
                "this conversation contains outside content, and \(name) stands in nothing \(request.requesterName) "
                + "wrote here" + (source.map { "; first seen in \($0)" } ?? ""),
            rule: .destinationProvenance)
    }

    /// What a tool read may have labelled the session: a volume, say. Also where the call was cancelled meanwhile; where
    /// it cannot be told, everything.
    func labelsNow(of session: SessionID) async -> Labels {
        await Task { [standing] in try? await standing.standing(of: session)?.labels }.value ?? [.untrusted, .private]
    }

    /// The result as the agent gets it: what comes from outside stands between marks it cannot close, and the labels of
    /// the session go with it, whatever the tool's server said they were.
    func marked(_ result: CallToolResult, _ passage: Passage) -> CallToolResult {
        var result = result
        if let tool = passage.ran, !tool.isHarness, passage.labels.contains(.untrusted) {
            result = passage.request.boundary.wrapped(result, from: tool.tool.name)
        }
        let labels = passage.labels.names.map { JSONValue.string($0) }
        result.meta = labels.isEmpty ? nil : ["bulkhead/labels": .array(labels)]
        return result
    }
}
