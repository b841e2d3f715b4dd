internal import Audit
internal import Harness
internal import MCP
internal import Model
internal import Policy
internal import Store
internal import ToolServers

/// What people allowed beyond one call: given with an answer, seen, taken back.
struct GrantDesk: Sendable {
    let database: Database
    let audit: AuditLog
    let redactor: any CallRedactor
    /// The digest of a tool as it is now; `nil` where there is none: what has changed is void, and is to be shown so.
    var toolDigest: @Sendable (String) -> String? = { _ in nil }

    /// How far `person`'s yes to that question may reach; nearest first. A deputy's, no further than the call.
    func scopes(
        _ question: ApprovalRecord, for person: Answerer, _ right: AnswerRight
    ) -> [GrantScope] {
        guard let offer = question.offer, right == .own, person.role != .guest, !person.hasSpoken else { return [] }
        return GrantScope.allCases.filter { $0 <= offer.reach }
    }

    /// Puts in force what came with an answer that counted. Throws where it could not be recorded: then it never holds.
    func record(_ id: GrantID) async throws {
        guard let grant = try await database.grant(id) else { return }
        var details = try details(grant)
        details["toolDigest"] = .string(grant.toolDigest)
        details["policy"] = .string(grant.policyDigest)
        details["expires"] = .string(grant.expires.rfc3339)
        let row = try await audit.event(
            "grant.given", subject: Self.subject(grant, by: grant.giver), details: details)
        _ = try await database.recordGrant(id, in: row)
    }

    func list(for person: PersonID) async throws -> [GrantView] {
        guard let viewer = try await database.person(person), viewer.isActive else { return [] }
        let grants = try await database.grants(of: viewer.seesAll ? nil : person)
        var channels: [ChannelID: String] = [:]
        var views: [GrantView] = []
        for grant in grants {
            if channels[grant.channel] == nil {
                let channel = try await database.channel(grant.channel)
                channels[grant.channel] = channel?.kind == .dm ? "direct messages" : channel?.name ?? ""
            }
            views.append(view(of: grant, channel: channels[grant.channel] ?? ""))
        }
        return views
    }

    /// Holds from when this returns. Whom it works for, who gave it and admins may.
    func revoke(_ id: GrantID, by person: PersonID) async throws {
        guard let viewer = try await database.person(person), viewer.isActive, let grant = try await database.grant(id),
            viewer.seesAll || grant.giver == person || grant.requester == person
        else { throw ChatError(.notFound, "There is no such grant.") }
        // What cannot be recorded ends all the same: it is the careful direction.
        guard try await database.revokeGrant(id, by: person) else {
            throw ChatError(
                .conflict, "That grant had ended already (\(grant.end(at: database.clock.now()) ?? "revoked")).")
        }
        try await audit.event(
            "grant.revoked", subject: Self.subject(grant, by: person), details: try details(grant))
    }

    private func view(of grant: GrantRecord, channel: String) -> GrantView {
        let isSameTool = toolDigest(grant.tool) == grant.toolDigest
        return GrantView(
            id: grant.id, scope: grant.scope, tool: grant.tool,
            arguments: grant.arguments.map { (try? JSONValue(parsing: Array($0.utf8))) ?? .string($0) },
            rule: grant.rule, giver: grant.giverName, requester: grant.requesterName,
            conversation: grant.conversation, channel: channel, given: grant.created, expires: grant.expires,
            end: grant.end(at: database.clock.now())
                ?? (isSameTool ? nil : "void: \(grant.tool) is not what it was"))
    }

    private static func subject(_ grant: GrantRecord, by person: PersonID) -> AuditSubject {
        AuditSubject(requester: person, channel: grant.channel, conversation: grant.conversation)
    }

    /// As a call's row has its arguments: without what is not to be kept, and with a digest that takes the key to compare.
    private func details(_ grant: GrantRecord) throws -> JSONObject {
        var details: JSONObject = [
            "grant": .string(grant.id.rawValue), "approval": .string(grant.approval.rawValue),
            "for": .string(grant.requesterName), "scope": .string(grant.scope.rawValue), "tool": .string(grant.tool),
            "rule": .string(grant.rule),
        ]
        if let arguments = try grant.arguments.flatMap({ try JSONValue(parsing: Array($0.utf8)).objectValue }) {
            let kept = try redactor.redacted(
                arguments, of: grant.tool, secret: BuiltInTool.secretArguments(of: grant.tool), for: grant.requester
            ).arguments
            details["arguments"] = .string(JSONValue.object(kept).text.cut(to: 4096))
            details["argumentsDigest"] = .string(redactor.digest(of: arguments))
        }
        return details
    }
}

extension PersonRecord {
    var seesAll: Bool { role == .owner || role == .admin }
}
