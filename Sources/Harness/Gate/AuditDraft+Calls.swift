import Audit
import Crypto
import MCP
import Model
import Policy
import Store
import ToolServers

/// What the gate writes into the audit of a call.
extension AuditDraft {
    static func intent(_ request: CallRequest, _ tool: RegisteredTool, _ permit: Permit) -> AuditDraft {
        var payload = arguments(of: request)
        payload["decidedOn"] = .object(circumstances(of: request, tool))
        payload["approvedBy"] = permit.approvedBy.map { .string($0.rawValue) }
        return AuditDraft(
            .intent, subject: AuditSubject(request), tool: request.tool, decision: permit.decision,
            rule: permit.rule.text, policyDigest: permit.policyDigest, payload: payload)
    }

    /// `tool` nil: there is none of that name.
    static func refusal(
        _ request: CallRequest, _ tool: RegisteredTool?, _ refusal: Refusal, policyDigest: [UInt8]
    ) -> AuditDraft {
        var payload = arguments(of: request)
        payload["decidedOn"] = .object(circumstances(of: request, tool))
        payload["error"] = .string(refusal.message.cut(to: 4096))
        payload["refusedBy"] = refusal.by.map { .string($0.rawValue) }
        return AuditDraft(
            .intent, subject: AuditSubject(request), tool: request.tool, decision: refusal.decision,
            rule: refusal.rule?.text, policyDigest: policyDigest, payload: payload)
    }

    static func question(_ request: CallRequest, _ ask: ApprovalRequest, policyDigest: [UInt8]) -> AuditDraft {
        var payload = arguments(of: request)
        payload["reason"] = .string(ask.reason)
        payload["approvers"] = .string(ask.approvers.rawValue)
        return AuditDraft(
            .event, event: "approval.asked", subject: AuditSubject(request), tool: request.tool, decision: .ask,
            rule: ask.rule.text, policyDigest: policyDigest, payload: payload)
    }

    static func outcome(_ request: CallRequest, _ run: Run) -> AuditDraft {
        var payload: JSONObject = [:]
        payload["error"] = run.error.map { .string($0.cut(to: 4096)) }
        return AuditDraft(
            .outcome, event: run.outcome.rawValue, subject: AuditSubject(request), tool: request.tool,
            duration: run.duration, result: run.result, payload: payload)
    }

    /// What of the call beside its columns a policy decides on: with it a candidate policy can be tried on the past.
    /// Effects are the tool's own word, before what the policy says of it.
    private static func circumstances(of request: CallRequest, _ tool: RegisteredTool?) -> JSONObject {
        var facts: JSONObject = [
            "mode": .string(request.mode.rawValue), "role": .string(request.role.rawValue),
            "labels": .array(request.labels.names.map { .string($0) }),
            "direct": .bool(request.audience == .requesterOnly),
        ]
        facts["given"] = request.hooks.given.map {
            .string("sha256:" + Array(SHA256.hash(data: $0.canonical())).hex)
        }
        facts["effect"] = tool.map { .string($0.effect.rawValue) }
        facts["runsCommands"] = tool.map { .bool($0.runsCommands) }
        return facts
    }

    static let argumentBytes = 64 << 10

    /// Whole where they are of a size people read; else their beginning, and the digest of the whole as proof: an agent
    /// must not fill the disk with what it says.
    private static func arguments(of request: CallRequest) -> JSONObject {
        let canonical = request.arguments.canonical()
        guard canonical.count > argumentBytes else { return ["arguments": .object(request.arguments)] }
        return [
            "argumentsCut": true,
            "arguments": [
                "bytes": .int(Int64(canonical.count)),
                "sha256": .string(Array(SHA256.hash(data: canonical)).hex),
                "beginning": .string(String(decoding: canonical.prefix(4096), as: UTF8.self)),
            ],
        ]
    }
}

extension AuditSubject {
    init(_ request: CallRequest) {
        self.init(
            requester: request.requester, onBehalfBy: request.onBehalfBy, channel: request.channel,
            conversation: request.conversation, session: request.session, call: request.id)
    }
}
