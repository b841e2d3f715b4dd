internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// The brake, and trying another policy on the past.
struct OperationRoutes: Sendable {
    let operations: any Operations
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("pauses", use: pauses)
        api.post("pauses", use: pause)
        api.post("pauses/resume", use: resume)
        api.post("policy/replay", use: replay)
        api.post("audit/prune", use: prune)
        api.post("audit/erase", use: erase)
        api.post("security/accepted", use: acceptSecurity)
        api.get("hooks", use: hooks)
        api.post("hooks/test", use: testHook)
        api.get("slack", use: slack)
        api.get("feedback", use: feedback)
        api.get("slack/admissions", use: admissions)
        api.post("slack/admissions", use: admit)
    }

    @Sendable func admissions(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "see who is let in from Slack")
        let list = try await operations.slackAdmissions(for: caller.person.id)
        return .json(.object(["admissions": .array(list.map(JSONValue.object))]))
    }

    @Sendable func admit(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "decide who is let in from Slack")
        try caller.requireOwnName(to: "decide who is let in from Slack")
        let body = try await request.json(upTo: limits.messageBytes)
        guard let allow = body["allow"]?.boolValue else {
            throw ConsoleError(.badRequest, "allow is missing: true or false.")
        }
        let record = try await operations.decideSlackAdmission(
            kind: try body.text("kind"), id: try body.text("id"), allow: allow, by: caller.person.id)
        return .json(.object(record))
    }

    @Sendable func feedback(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "see what people think of answers")
        let since = request.uri.queryParameters["since"].flatMap { Int64($0) } ?? 0
        let list = try await operations.feedback(since: Timestamp(milliseconds: since), for: caller.person.id)
        return .json(.object(["feedback": .array(list.map(JSONValue.object))]))
    }

    @Sendable func slack(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "see how Slack is")
        return .json(.object(try await operations.slack(for: caller.person.id)))
    }

    @Sendable func hooks(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "see the hooks")
        let list = try await operations.hookList(for: caller.person.id)
        return .json(.object(["hooks": .array(list.map(JSONValue.object))]))
    }

    @Sendable func testHook(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "try a hook")
        try caller.requireOwnName(to: "try a hook")
        let body = try await request.json(upTo: limits.messageBytes)
        guard let event = body["event"]?.objectValue else {
            throw ConsoleError(.badRequest, "event is missing: an object such as a hook is given.")
        }
        return .json(.object(try await operations.testHook(body.text("name"), event, by: caller.person.id)))
    }

    @Sendable func pauses(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "see what is paused")
        let pauses = try await operations.pauses(for: caller.person.id)
        return .json(.object(["pauses": .array(pauses.map(JSONValue.object))]))
    }

    @Sendable func pause(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "pause the assistant")
        try caller.requireOwnName(to: "pause the assistant")
        let body = try await request.json(upTo: limits.messageBytes)
        let reason = body["reason"]?.stringValue ?? ""
        try await operations.pause(try Self.target(body), reason: reason, by: caller.person.id)
        return .json(.object(["paused": true]), status: .created)
    }

    @Sendable func resume(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "resume the assistant")
        try caller.requireOwnName(to: "resume the assistant")
        let body = try await request.json(upTo: limits.messageBytes)
        guard try await operations.resume(try Self.target(body), by: caller.person.id) else {
            throw ConsoleError(.notFound, "That is not paused.")
        }
        return .json(.object(["paused": false]))
    }

    @Sendable func replay(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "try a policy on the past")
        let body = try await request.json(upTo: limits.messageBytes * 2)
        let answer = try await operations.replay(
            policy: try body.text("policy"), since: try Self.time(body, "since") ?? Timestamp(milliseconds: 0),
            for: caller.person.id)
        return .json(.object(answer))
    }

    @Sendable func prune(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        guard caller.person.role == .owner else {
            throw ConsoleError(.forbidden, "Only an owner may prune the audit trail.")
        }
        try caller.requireOwnName(to: "prune the audit trail")
        let body = try await request.json(upTo: limits.messageBytes)
        guard let time = try Self.time(body, "before") else {
            throw ConsoleError(.badRequest, "before is missing: milliseconds since 1970.")
        }
        return .json(.object(try await operations.pruneAudit(before: time, by: caller.person.id)))
    }

    @Sendable func erase(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        guard caller.person.role == .owner else {
            throw ConsoleError(.forbidden, "Only an owner may erase details from the audit trail.")
        }
        try caller.requireOwnName(to: "erase details from the audit trail")
        let body = try await request.json(upTo: limits.messageBytes)
        guard let row = body["seq"]?.intValue else {
            throw ConsoleError(.badRequest, "seq is missing: a row's number.")
        }
        let reason = try body.text("reason")
        guard !reason.isEmpty else { throw ConsoleError(.badRequest, "reason is missing: it stays on record.") }
        try await operations.eraseAudit(row: row, reason: reason, by: caller.person.id)
        return .json(.object(["erased": .int(row)]))
    }

    @Sendable func acceptSecurity(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "accept the host's hardening")
        try caller.requireOwnName(to: "accept the host's hardening")
        let body = try await request.json(upTo: limits.messageBytes)
        let digest = try body.text("digest")
        guard digest.utf8.count == 64, digest.allSatisfy({ $0.isHexDigit }) else {
            throw ConsoleError(.badRequest, "digest is the SHA-256 of the baseline, 64 hexadecimal digits.")
        }
        let changes = (body["changes"]?.arrayValue ?? []).prefix(200).compactMap(\.stringValue)
            .map { String($0.prefix(500)) }
        try await operations.acceptSecurity(
            digest: digest, isFirst: body["first"]?.boolValue ?? false, changes: changes, by: caller.person.id)
        return .json(.object(["recorded": true]), status: .created)
    }

    private static func target(_ body: JSONObject) throws(ConsoleError) -> PauseTarget {
        let kind = try body.text("scope")
        guard let target = PauseTarget(kind: kind, name: body["name"]?.stringValue) else {
            throw ConsoleError(
                .badRequest, "scope is all, or person, channel or tool with a name.")
        }
        return target
    }

    private static func time(_ body: JSONObject, _ key: String) throws(ConsoleError) -> Timestamp? {
        guard let value = body[key] else { return nil }
        guard let milliseconds = value.intValue else {
            throw ConsoleError(.badRequest, "\(key) is a time in milliseconds since 1970.")
        }
        return Timestamp(milliseconds: milliseconds)
    }
}
