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
    var json: JSONValue {
        .object([
            "conversation": summary.json, "entries": .array(entries.map(\.json)), "live": live?.json ?? .null,
        ])
    }
}

extension LiveTurn {
    var json: JSONValue {
        .object([
            "draft": .string(draft), "tools": .array(tools.map(\.json)), "approvals": .array(approvals.map(\.json)),
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
        guard var object = view.json.objectValue else { return .null }
        object["conversation"] = .string(conversation.rawValue)
        object["rule"] = .string(rule)
        object["approvers"] = .string(approvers)
        object["yours"] = .bool(isYours && mayAnswer)
        return .object(object)
    }
}

extension ApprovalView {
    var json: JSONValue {
        .object([
            "id": .string(id.rawValue), "tool": .string(tool), "effect": .string(effect.rawValue),
            "arguments": arguments, "reason": .string(reason), "requester": .string(requester),
            "expires": .string(expires.rfc3339), "details": details.map(JSONValue.string) ?? .null,
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
