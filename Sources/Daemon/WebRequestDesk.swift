internal import Audit
internal import Conversations
internal import Egress
internal import LeakScan
internal import Logging
internal import MCP
internal import Model
internal import NetworkRules
internal import Policy
internal import Store
internal import Synchronization
internal import ToolServers
internal import Vault
internal import WebRequests

/// What the assistant's web requests need of the rest: labels, the audit, a place for what is no text.
final class WebRequestDesk: WebRequestHost {
    private let database: Database
    private let audit: AuditLog
    private let vault: Vault
    private let egress: EgressDesk
    private let leaks: LeakScreen
    private let logger: Logger
    private let conversations = Mutex<ConversationService?>(nil)

    init(database: Database, audit: AuditLog, vault: Vault, egress: EgressDesk, leaks: LeakScreen, logger: Logger) {
        self.database = database
        self.audit = audit
        self.vault = vault
        self.egress = egress
        self.leaks = leaks
        self.logger = logger
    }

    /// Until then nothing is kept.
    func keepFiles(with service: ConversationService) {
        conversations.withLock { $0 = service }
    }

    func labels(of session: SessionID) async throws -> Labels {
        guard let record = try await database.session(session), record.state == .live else {
            throw WebRequestError("This session is over.")
        }
        return record.labels
    }

    func isAnySecretBound(to host: HostName, context: ToolContext) async throws -> Bool {
        try await vault.isAnySecretBound(to: host, for: context.requester, in: context.channel)
    }

    func decide(_ request: EgressRequest, only entries: [EgressEntry]) async throws -> EgressVerdict {
        try await egress.decide(request, only: entries)
    }

    func record(_ record: WebRequestRecord, context: ToolContext) async {
        var details: JSONObject = [
            "method": .string(record.method), "host": .string("\(record.target)"),
            "path": .string(record.path.cut(to: 1000)), "secrets": .array(record.secrets.map { .string($0) }),
            "bytesUp": .int(record.bytesUp), "bytesDown": .int(record.bytesDown),
            "milliseconds": .int(record.duration.wholeMilliseconds),
        ]
        details["rule"] = record.rule.map { .string($0) }
        details["address"] = record.address.map { .string($0) }
        details["status"] = record.status.map { .int(Int64($0)) }
        details["error"] = record.failure.map { .string($0.cut(to: 1000)) }
        if record.address != nil, let grant = record.rule.flatMap(EgressGrant.id(ofRule:)) {
            do {
                try await database.recordEgressUse(of: grant)
            } catch {
                logger.warning("the use of a grant is not noted", metadata: ["grant": "\(grant)", "error": "\(error)"])
            }
        }
        do {
            try await audit.event(
                "http.request",
                subject: AuditSubject(
                    requester: context.requester, channel: context.channel, conversation: context.conversation,
                    session: context.session, call: context.call), details: details)
        } catch {
            // The call itself is on record, before and after.
            logger.error("a web request is not in the audit", metadata: ["error": "\(error)"])
        }
    }

    func keep(_ bytes: [UInt8], name: String, context: ToolContext) async throws -> String {
        guard let service = conversations.withLock({ $0 }) else { throw WebRequestError("there is no place for it") }
        // An answer may give back what it was sent. Not exempt: in the sandbox it would be anybody's there.
        let subject = LeakSubject(requester: context.requester)
        let findings = leaks.leaks.findings(in: bytes, of: subject)
        guard findings.isEmpty else {
            try await leaks.report(findings, at: .result, subject)
            throw WebRequestError("a live secret is in it, so it was not kept")
        }
        let path = "/workspace/session/downloads/\(name)"
        try await service.place(bytes, at: path, in: context.session)
        return path
    }
}
