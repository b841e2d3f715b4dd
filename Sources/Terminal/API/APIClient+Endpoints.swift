package import MCP
internal import NIOHTTP1
package import Model

extension APIClient {
    package func account() async throws -> Account {
        try Account(await get("/api/me"))
    }

    package func channels() async throws -> [Channel] {
        try await get("/api/channels").list("channels", Channel.init)
    }

    package func transcript(of conversation: String) async throws -> ConversationTranscript {
        try ConversationTranscript(await get("/api/conversations/" + PercentEncoding.encode(conversation)))
    }

    /// `clientID` the same: the same message, however often it is sent.
    package func submit(
        _ text: String, to channel: String, conversation: String?, attachments: [String], clientID: String,
        tier: String? = nil
    ) async throws -> MessageReceipt {
        var body: JSONObject = ["channel": .string(channel), "text": .string(text), "client_id": .string(clientID)]
        body["tier"] = tier.map { .string($0) }
        if let conversation { body["conversation"] = .string(conversation) }
        if !attachments.isEmpty { body["attachments"] = .array(attachments.map { .string($0) }) }
        return try MessageReceipt(await post("/api/messages", body))
    }

    package func cancel(_ conversation: String) async throws {
        _ = try await post("/api/conversations/\(PercentEncoding.encode(conversation))/cancel", [:])
    }

    package func tighten(_ conversation: String, to mode: Mode) async throws {
        let path = "/api/conversations/\(PercentEncoding.encode(conversation))/mode"
        _ = try await post(path, ["mode": .string(mode.rawValue)])
    }

    /// `scope` nil: this once.
    package func answer(
        _ approval: String, allow: Bool, scope: GrantScope? = nil, reason: String? = nil
    ) async throws {
        let path = "/api/approvals/" + PercentEncoding.encode(approval)
        var body: JSONObject = ["decision": .string(allow ? "allow" : "deny")]
        body["scope"] = scope.map { .string($0.rawValue) }
        body["reason"] = reason.map { .string($0) }
        _ = try await post(path, body)
    }

    /// `call` of the answer is the undo itself.
    package func undo(_ call: String, force: Bool) async throws -> JSONValue {
        let path = "/api/calls/\(PercentEncoding.encode(call))/undo"
        return try await post(path, force ? ["force": true] : [:]).value
    }

    package func approvals() async throws -> JSONValue {
        try await get("/api/approvals").value
    }

    package func upload(name: String, bytes: [UInt8]) async throws -> Attachment {
        try Attachment(
            await send(
                .POST, "/api/uploads", [("name", name)], body: bytes, type: "application/octet-stream",
                // Large files are written to a disk, perhaps a busy one.
                patience: .seconds(600)))
    }

    package func sessions() async throws -> JSONValue {
        try await get("/api/sessions").value
    }

    package func auditRows(_ filter: AuditFilter) async throws -> JSONValue {
        try await get(
            "/api/audit",
            [
                ("after", filter.after.map { String($0) }), ("limit", String(filter.limit)),
                ("order", filter.after == nil ? "desc" : nil), ("session", filter.session),
                ("person", filter.person), ("tool", filter.tool), ("channel", filter.channel),
                ("decision", filter.decision), ("call", filter.call), ("since", filter.since.map { String($0) }),
                ("until", filter.until.map { String($0) }), ("event", filter.event),
                ("before", filter.before.map { String($0) }),
            ]
        ).value
    }

    /// `lines`: checkpoints kept elsewhere.
    package func verifyAudit(against lines: [String] = []) async throws -> JSONValue {
        guard !lines.isEmpty else { return try await get("/api/audit/verify").value }
        return try await post("/api/audit/verify", ["checkpoints": .array(lines.map { .string($0) })]).value
    }

    package func loginLink(for person: String) async throws -> String {
        try await post("/api/login-links", ["person": .string(person)]).string("url")
    }
}

/// Which audit rows to list: the newest `limit`, or the first `limit` after a sequence number.
package struct AuditFilter: Sendable {
    package var after: Int64?
    package var limit: Int
    package var session: String?
    package var person: String?
    package var tool: String?
    package var channel: String?
    package var decision: String?
    package var call: String?
    /// An event's name.
    package var event: String?
    /// Only rows before this one: the next page of the newest.
    package var before: Int64?
    /// Milliseconds since 1970: from the first on, before the second.
    package var since: Int64?
    package var until: Int64?

    package init(
        after: Int64? = nil, limit: Int = 50, session: String? = nil, person: String? = nil, tool: String? = nil
    ) {
        self.after = after
        self.limit = limit
        self.session = session
        self.person = person
        self.tool = tool
    }
}
