import Audit
import Crypto
import MCP
import Model
import Policy
import Store
import ToolServers

/// What the gate writes into the audit of a call.
extension AuditDraft {
    static func intent(
        _ request: CallRequest, _ tool: RegisteredTool, _ permit: Permit, _ redactor: any CallRedactor
    ) throws -> AuditDraft {
        var payload = try arguments(of: request, tool, redactor)
        payload["decidedOn"] = .object(circumstances(of: request, tool, redactor))
        payload["approvedBy"] = permit.approvedBy.map { .string($0.rawValue) }
        payload["grant"] = permit.grant.map { .string($0.rawValue) }
        payload["approval"] = request.answered.map { .string($0.approval.rawValue) }
        payload["approvedFor"] = permit.approvedFor.map { .string($0.rawValue) }
        return AuditDraft(
            .intent, subject: AuditSubject(request), tool: request.tool, decision: permit.decision,
            rule: permit.rule.text, policyDigest: permit.policyDigest, payload: payload)
    }

    /// `tool` nil: there is none of that name.
    static func refusal(
        _ request: CallRequest, _ tool: RegisteredTool?, _ refusal: Refusal, policyDigest: [UInt8],
        _ redactor: any CallRedactor
    ) throws -> AuditDraft {
        var payload = try arguments(of: request, tool, redactor)
        payload["decidedOn"] = .object(circumstances(of: request, tool, redactor))
        payload["error"] = .string(redactor.redacted(refusal.message, for: request.requester).cut(to: 4096))
        payload["refusedBy"] = refusal.by.map { .string($0.rawValue) }
        payload["approval"] = request.answered.map { .string($0.approval.rawValue) }
        payload["refusedFor"] = refusal.inPlaceOf.map { .string($0.rawValue) }
        return AuditDraft(
            .intent, subject: AuditSubject(request), tool: request.tool, decision: refusal.decision,
            rule: refusal.rule?.text, policyDigest: policyDigest, payload: payload)
    }

    static func question(
        _ request: CallRequest, _ tool: RegisteredTool, _ ask: ApprovalRequest, policyDigest: [UInt8],
        _ redactor: any CallRedactor
    ) throws -> AuditDraft {
        var payload = try arguments(of: request, tool, redactor)
        payload["reason"] = .string(redactor.redacted(ask.reason, for: request.requester))
        payload["approvers"] = .string(ask.approvers.rawValue)
        // By digest: what a file holds is nobody's business here.
        var evidence = ask.evidence
        evidence.details = nil
        payload["evidence"] = .object(evidence.json)
        return AuditDraft(
            .event, event: "approval.asked", subject: AuditSubject(request), tool: request.tool, decision: .ask,
            rule: ask.rule.text, policyDigest: policyDigest, payload: payload)
    }

    static func outcome(
        _ request: CallRequest, _ tool: RegisteredTool, _ run: Run, _ redactor: any CallRedactor
    ) -> AuditDraft {
        var payload: JSONObject = [:]
        payload["error"] = run.error.map { .string(redactor.redacted($0, for: request.requester).cut(to: 4096)) }
        return AuditDraft(
            .outcome, event: run.outcome.rawValue, subject: AuditSubject(request), tool: request.tool,
            // The digest of a value that can be guessed would tell which guess is right.
            duration: run.duration, result: tool.hasSecretResult ? nil : run.result, payload: payload)
    }

    /// What of the call beside its columns a policy decides on: with it a candidate policy can be tried on the past.
    /// Effects are the tool's own word, before what the policy says of it.
    private static func circumstances(
        of request: CallRequest, _ tool: RegisteredTool?, _ redactor: any CallRedactor
    ) -> JSONObject {
        var facts: JSONObject = [
            "mode": .string(request.mode.rawValue), "role": .string(request.role.rawValue),
            "labels": .array(request.labels.names.map { .string($0) }),
            "direct": .bool(request.audience == .requesterOnly),
        ]
        facts["given"] = request.hooks.given.map { .string(redactor.digest(of: $0)) }
        facts["effect"] = tool.map { .string($0.effect.rawValue) }
        facts["runsCommands"] = tool.map { .bool($0.runsCommands) }
        return facts
    }

    static let argumentBytes = 64 << 10

    /// Whole where they are of a size people read; else their beginning, and the digest of the whole as proof: an agent
    /// must not fill the disk with what it says. Without what is not to be kept.
    private static func arguments(
        of request: CallRequest, _ tool: RegisteredTool?, _ redactor: any CallRedactor
    ) throws -> JSONObject {
        let (arguments, isRedacted) = try redactor.redacted(
            request.arguments, of: request.tool, secret: BuiltInTool.secretArguments(of: request.tool, tool),
            for: request.requester)
        var payload: JSONObject = isRedacted ? ["redacted": true] : [:]
        let canonical = arguments.canonical()
        guard canonical.count > argumentBytes else {
            payload["arguments"] = .object(arguments)
            return payload
        }
        payload["argumentsCut"] = true
        payload["arguments"] = [
            "bytes": .int(Int64(canonical.count)),
            "sha256": .string(Array(SHA256.hash(data: canonical)).hex),
            "beginning": .string(String(decoding: canonical.prefix(4096), as: UTF8.self)),
        ]
        return payload
    }
}

extension AuditSubject {
    init(_ request: CallRequest) {
        self.init(
            requester: request.requester, onBehalfBy: request.onBehalfBy, channel: request.channel,
            conversation: request.conversation, session: request.session, call: request.id)
    }
}
