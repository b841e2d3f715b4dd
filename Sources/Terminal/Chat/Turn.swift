package import MCP

/// One message and what came of it, followed from the outside: which events belong to it and when it is over.
package struct Turn: Sendable {
    package struct AskedApproval: Sendable {
        package var approval: Approval
        /// `allowed`, `denied`, `expired` …; `nil` while it is open.
        package var outcome: String?
    }

    package let receipt: MessageReceipt
    package private(set) var reply: Entry?
    package private(set) var tools: [ToolCall] = []
    package private(set) var approvals: [AskedApproval] = []
    package private(set) var isOver = false
    private var hasBegun = false
    /// Who wrote which message, as far as is known.
    private var authors: [String: String] = [:]

    /// `earlier`: what stood in the thread before.
    package init(receipt: MessageReceipt, earlier: [Entry] = []) {
        self.receipt = receipt
        for entry in earlier where entry.kind == .user { authors[entry.id] = entry.author }
    }

    /// The turn ended with an answer, and nothing that was asked for it was refused.
    package var isAnswered: Bool {
        reply?.kind == .assistant && approvals.allSatisfy { $0.outcome?.hasPrefix("allow") ?? true }
    }

    package mutating func handle(_ event: ChatEvent) {
        switch event {
        case .entry(let entry):
            if entry.kind == .user { authors[entry.id] = entry.author }
            if entry.id == receipt.message {
                hasBegun = true
            } else if hasBegun, entry.kind != .user, isOurs(entry) {
                reply = entry
                for call in entry.tools { note(call) }
            }
        case .tool(let call) where hasBegun: note(call)
        case .approval(let approval):
            guard hasBegun, approval.requester == authors[receipt.message],
                !approvals.contains(where: { $0.approval.id == approval.id })
            else { return }
            approvals.append(AskedApproval(approval: approval))
        case .approvalClosed(let id, let outcome): close(id, outcome)
        case .done: isOver = reply != nil
        default: break
        }
    }

    /// Others' turns may end first. What the same person says into a running turn is answered with it.
    private func isOurs(_ entry: Entry) -> Bool {
        // What the harness says to nobody in particular (a question was answered, one still waits) ends no turn.
        guard let opened = entry.inReplyTo else { return entry.kind == .assistant }
        guard opened != receipt.message else { return true }
        return authors[opened] == nil || authors[opened] == authors[receipt.message]
    }

    /// The end may have been told while the connection was down: it is not told again.
    package mutating func reconnected() {
        isOver = reply != nil
    }

    package mutating func close(_ approval: String, _ outcome: String) {
        guard let index = approvals.firstIndex(where: { $0.approval.id == approval }) else { return }
        approvals[index].outcome = outcome
    }

    private mutating func note(_ call: ToolCall) {
        if let index = tools.firstIndex(where: { $0.call == call.call }) {
            tools[index] = call
        } else {
            tools.append(call)
        }
    }

    /// For scripts.
    package var json: JSONValue {
        var object: JSONObject = [
            "conversation": .string(receipt.conversation), "message": .string(receipt.message),
            "reply": reply.map { .string($0.text) } ?? .null, "kind": reply.map { .string($0.kind.rawValue) } ?? .null,
        ]
        object["tools"] = .array(
            tools.map { call in
                .object([
                    "call": .string(call.call), "tool": .string(call.tool), "arguments": call.arguments,
                    "state": .string(call.state.rawValue), "result": call.result.map { .string($0) } ?? .null,
                    "milliseconds": call.milliseconds.map { .int($0) } ?? .null,
                ])
            })
        object["approvals"] = .array(
            approvals.map { asked in
                .object([
                    "id": .string(asked.approval.id), "tool": .string(asked.approval.tool),
                    "arguments": asked.approval.arguments, "reason": .string(asked.approval.reason),
                    "outcome": .string(asked.outcome ?? "open"),
                ])
            })
        object["files"] = .array(
            (reply?.attachments ?? []).map {
                .object(["id": .string($0.id), "name": .string($0.name), "bytes": .int($0.bytes)])
            })
        return .object(object)
    }
}
