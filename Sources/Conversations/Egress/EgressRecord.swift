internal import Audit
internal import Egress
internal import Harness
internal import Logging
internal import MCP
internal import Model
internal import NetworkRules
internal import Policy
internal import Store

/// The record of connections: a row of the audit for each. Rows that cannot be written wait here, and until they are in
/// the audit nothing new is let out.
actor EgressRecord {
    private let database: Database
    private let policy: PolicyStore
    private let audit: AuditLog
    private let redactor: any CallRedactor
    private let logger: Logger
    private var waiting: [AuditDraft] = []
    /// Beyond those: their number is what is kept of them.
    private var lost: Int64 = 0
    /// Somebody writes what waits; until that is done it is not whole.
    private var isWriting = false
    private static let most = 1024

    init(database: Database, policy: PolicyStore, audit: AuditLog, redactor: any CallRedactor, logger: Logger) {
        self.database = database
        self.policy = policy
        self.audit = audit
        self.redactor = redactor
        self.logger = logger
    }

    /// Whether every connection so far is on record; tries to make it so.
    func isWhole() async -> Bool {
        if waiting.isEmpty, lost == 0 { return true }
        guard !isWriting else { return false }
        isWriting = true
        defer { isWriting = false }
        while let first = waiting.first {
            do {
                try await audit.append(first)
            } catch {
                return false
            }
            waiting.removeFirst()
        }
        guard lost > 0 else { return true }
        let count = lost
        do {
            try await audit.event("egress.unrecorded", details: ["connections": .int(count)])
        } catch {
            return false
        }
        lost = max(0, lost - count)
        return true
    }

    /// Now, or as soon as it can be.
    func write(_ connection: EgressConnection) async {
        if connection.refusal == nil, let grant = connection.rule.flatMap(EgressGrant.id(ofRule:)) {
            do {
                try await database.recordEgressUse(of: grant)
            } catch {
                // Nothing is decided by it: at worst a grant that is in use is listed as unused.
                logger.warning("the use of a grant is not noted", metadata: ["grant": "\(grant)", "error": "\(error)"])
            }
        }
        let draft = await draft(of: connection)
        do {
            try await audit.append(draft)
        } catch {
            if waiting.isEmpty {
                logger.error("egress is closed: it cannot be recorded", metadata: ["error": "\(error)"])
            }
            if waiting.count < Self.most { waiting.append(draft) } else { lost += 1 }
        }
    }

    private func draft(of connection: EgressConnection) async -> AuditDraft {
        // A session's place is the same for good; where it cannot be read now, the session's name is enough.
        let session = try? await database.session(connection.session)
        var details: JSONObject = [
            "up": .int(connection.bytesUp), "down": .int(connection.bytesDown),
            "door": .string(connection.door.text),
        ]
        if let request = connection.request {
            details["host"] = .string(request.target.host.description)
            details["port"] = .int(Int64(request.target.port))
            details["method"] = .string(request.method?.cut(to: 40) ?? "CONNECT")
        } else {
            details["asked"] = .string(
                redactor.redacted(connection.asked.storable, for: session?.requester).cut(to: 300))
        }
        details["address"] = connection.address.map { .string($0.cut(to: 100)) }
        details["end"] = connection.end.map { .string($0.storable.cut(to: 300)) }
        details["error"] = connection.refusal.map {
            .string(redactor.redacted($0.storable, for: session?.requester).cut(to: 500))
        }
        return AuditDraft(
            .event, event: "egress.connection",
            subject: AuditSubject(
                requester: session?.requester, channel: session?.channel, conversation: session?.conversation,
                session: connection.session),
            decision: connection.refusal == nil ? .allow : .deny, rule: connection.rule,
            policyDigest: policy.current.digest, duration: connection.duration, payload: details)
    }
}
