internal import Conversations
internal import MCP
internal import Model

// The shapes of the HTTP API, in one place: docs/console-api.md describes them.

extension Person {
    var json: JSONValue {
        .object(["id": .string(id.rawValue), "name": .string(name), "role": .string(role.rawValue)])
    }
}

extension ChannelSummary {
    var json: JSONValue {
        .object([
            "id": .string(id.rawValue), "name": .string(name), "kind": .string(kind.rawValue),
            "conversations": .array(conversations.map(\.json)),
        ])
    }
}

extension ConversationSummary {
    var json: JSONValue {
        .object([
            "id": .string(id.rawValue), "channel": .string(channel.rawValue), "title": .string(title),
            "updated": .string(updated.rfc3339), "mode": .string(mode.rawValue),
        ])
    }
}

extension ConversationView {
    func json(mayAnswer: Bool) -> JSONValue {
        .object([
            "conversation": summary.json, "entries": .array(entries.map(\.json)),
            "live": live?.json(mayAnswer: mayAnswer) ?? .null,
        ])
    }
}

extension LiveTurn {
    func json(mayAnswer: Bool) -> JSONValue {
        .object([
            "draft": .string(draft), "tools": .array(tools.map(\.json)),
            "approvals": .array(approvals.map { $0.json(mayAnswer: mayAnswer) }),
        ])
    }
}

extension Entry {
    var json: JSONValue {
        .object([
            "seq": .int(sequence), "id": .string(id.rawValue), "kind": .string(kind.rawValue),
            "author": .string(author), "text": .string(text), "at": .string(at.rfc3339),
            "in_reply_to": inReplyTo.map { .string($0.rawValue) } ?? .null,
            "attachments": .array(attachments.map(\.json)), "tools": .array(tools.map(\.json)),
            "labels": .array(labels.names.map(JSONValue.string)), "private_answer": privateAnswer?.json ?? .null,
        ])
    }
}

extension AttachmentView {
    var json: JSONValue {
        .object(["id": .string(id.rawValue), "name": .string(name), "bytes": .int(bytes)])
    }
}

extension ToolActivity {
    var json: JSONValue {
        .object([
            "call": .string(call.rawValue), "tool": .string(tool), "arguments": arguments,
            "state": .string(state.rawValue), "result": result.map(JSONValue.string) ?? .null,
            "milliseconds": milliseconds.map(JSONValue.int) ?? .null, "undo": undo?.json ?? .null,
        ])
    }
}

extension ToolActivity.Undo {
    var json: JSONValue {
        switch self {
        case .possible: ["state": "possible"]
        case .done(let call): ["state": "done", "by": .string(call.rawValue)]
        }
    }
}

extension OpenApproval {
    func json(mayAnswer: Bool) -> JSONValue {
        guard var object = view.json(mayAnswer: mayAnswer).objectValue else { return .null }
        object["conversation"] = .string(conversation.rawValue)
        return .object(object)
    }
}

extension ApprovalView {
    /// `mayAnswer` false: in another's name nothing can be answered.
    func json(mayAnswer: Bool) -> JSONValue {
        let isYours = isYours && mayAnswer
        return .object([
            "id": .string(id.rawValue), "tool": .string(tool), "effect": .string(effect.rawValue),
            "arguments": arguments, "reason": .string(reason), "requester": .string(requester),
            "expires": .string(expires.rfc3339), "details": details.map(JSONValue.string) ?? .null,
            "rule": .string(rule), "approvers": .string(approvers),
            "labels": .array(labels.names.map(JSONValue.string)), "yours": .bool(isYours),
            "scopes": .array(isYours ? [.string("once")] + scopes.map { .string($0.rawValue) } : []),
            "exact": .bool(isExact),
        ])
    }
}

extension GrantView {
    var json: JSONValue {
        .object([
            "id": .string(id.rawValue), "scope": .string(scope.rawValue), "tool": .string(tool),
            "arguments": arguments ?? .null, "rule": .string(rule), "giver": .string(giver),
            "requester": .string(requester), "conversation": .string(conversation.rawValue),
            "channel": .string(channel), "given": .string(given.rfc3339), "expires": .string(expires.rfc3339),
            "in_force": .bool(end == nil), "end": end.map(JSONValue.string) ?? .null,
        ])
    }
}

extension SessionSummary {
    var json: JSONValue {
        .object([
            "id": .string(id.rawValue), "conversation": .string(conversation.rawValue),
            "requester": .string(requester), "state": .string(state),
            "labels": .array(labels.names.map(JSONValue.string)), "started": .string(started.rfc3339),
            "ended": ended.map { .string($0.rfc3339) } ?? .null,
            "end_reason": endReason.map(JSONValue.string) ?? .null,
        ])
    }
}
