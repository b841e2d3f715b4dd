internal import Egress
internal import Harness
package import MCP
internal import Model
internal import NetworkRules
internal import Policy
internal import Store
package import ToolServers

/// `egress_request`: an agent asks for an address of the network, an admin decides.
///
/// The call itself opens nothing on its own: it runs only with an admin's word (`demand`), and what it then opens is what
/// that word was given for, found in the store and used once. An answer for more than the session opens that by itself.
package struct EgressServer: ToolServer {
    package static let name = "egress_request"

    private let desk: EgressDesk
    private let book: EgressGrantBook
    private let database: Database

    package init(desk: EgressDesk, book: EgressGrantBook) {
        self.desk = desk
        self.book = book
        database = book.database
    }

    package static let declared = RegisteredTool(
        tool: Tool(
            name: name,
            description:
                "Asks an admin to let this session's sandbox reach a host over the network (HTTP and HTTPS, "
                + "through the proxy that is configured there). Everything not granted is refused. Name one host exactly, and "
                + "say what it is needed for: a person reads that. From first use on the session counts as having outside "
                + "content; a session that has seen private data reaches nothing.",
            inputSchema: [
                "type": "object", "required": ["domain", "reason"], "additionalProperties": false,
                "properties": [
                    "domain": [
                        "type": "string", "maxLength": 255,
                        "description": "A host such as api.example.com; *.example.com for all hosts below it.",
                    ],
                    "reason": ["type": "string", "maxLength": 500, "description": "What it is needed for."],
                    "ports": [
                        "type": "array", "items": ["type": "integer"], "maxItems": 8,
                        "description": "Default: 80 and 443.",
                    ],
                ],
            ]),
        effect: .read, server: "egress", isHarness: true)

    package var tools: [RegisteredTool] { [Self.declared] }

    /// An admin's word, where there is something left to decide.
    package func demand(
        for name: String, arguments: JSONObject, context: ToolContext
    ) async throws -> ToolDemand? {
        guard let entry = try? Self.entry(arguments), try await obstacle(to: entry, context.session) == nil,
            try await rule(for: entry, session: context.session) == nil
        else { return nil }
        return ToolDemand(rule: "use of the network", word: .admin, reason: "it opens \(entry.inWords) to the sandbox")
    }

    package func evidence(for name: String, arguments: JSONObject, like earlier: Evidence?) async throws -> Evidence? {
        guard let entry = try? Self.entry(arguments) else { return nil }
        return Evidence(
            details: """
                opens: \(entry.inWords)
                once: for this session, until it ends
                always here: for everybody's sessions in this channel, for \(GrantScope.channel.lifetime.inDays) days
                for the company: for everybody's sessions but guests', for \(GrantScope.company.lifetime.inDays) days
                """)
    }

    package func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        let entry: EgressEntry
        do {
            entry = try Self.entry(arguments)
        } catch {
            return .failure("Nothing was asked: \(error.message)")
        }
        if let obstacle = try await obstacle(to: entry, context.session) { return .failure(obstacle) }
        if let rule = try await rule(for: entry, session: context.session) {
            await desk.reconsider()
            return .text("\(entry.inWords): granted to this session (\(rule)). Use it.")
        }
        guard
            let approval = try await database.unusedEgressApproval(
                tool: Self.name, arguments: JSONValue.object(arguments).text, conversation: context.conversation,
                requester: context.requester, call: context.call, answered: context.approval),
            let giver = approval.decidedBy
        else {
            return .failure("Nobody has allowed \(entry.inWords) for this session, so it stays closed.")
        }
        let grant = try await book.give(
            EgressGrantDraft(
                entry: entry.members, scope: .session(context.session), reason: Self.reason(arguments),
                approval: approval.id), by: giver)
        return .text(
            "\(entry.inWords): granted to this session until it ends, by \(grant.giverName). Use it; what is read "
                + "there counts as outside content.")
    }

    /// What an admin's answer to `approval` opens beyond the session it was asked in.
    static func draft(
        _ scope: GrantScope, of approval: ApprovalRecord, at now: Timestamp, channel: ChannelID
    ) throws(ChatError) -> EgressGrantDraft {
        guard approval.tool == name, scope != .conversation,
            let arguments = (try? JSONValue(parsing: Array(approval.arguments.utf8)))?.objectValue
        else { throw ChatError(.invalid, "This answer opens no address of the network.") }
        return EgressGrantDraft(
            entry: try entry(arguments).members, scope: scope == .channel ? .channel(channel) : .company,
            reason: reason(arguments), expires: now.advanced(by: scope.lifetime), approval: approval.id)
    }

    private static func entry(_ arguments: JSONObject) throws(ChatError) -> EgressEntry {
        do {
            return try EgressEntry(
                written: arguments["domain"]?.stringValue ?? "",
                ports: arguments["ports"]?.arrayValue?.map { Int($0.intValue ?? 0) } ?? [])
        } catch {
            throw ChatError(.invalid, error.description)
        }
    }

    private static func reason(_ arguments: JSONObject) -> String {
        (arguments["reason"]?.stringValue ?? "").storable.cut(to: 500)
    }

    /// Why asking would be for nothing.
    private func obstacle(to entry: EgressEntry, _ session: SessionID) async throws -> String? {
        guard let standing = try await database.egressStanding(of: session), let subject = standing.subject else {
            return "The person this session works for may not use Bulkhead any more."
        }
        if subject.labels.contains(.private) { return EgressRules.privateReason }
        return desk.policy.current.egress.denial(of: entry, for: subject)
    }

    /// By which rule all of `entry` is granted already.
    private func rule(for entry: EgressEntry, session: SessionID) async throws -> String? {
        guard let standing = try await database.egressStanding(of: session),
            let subject = standing.subject
        else { return nil }
        return desk.policy.current.egress.entries(
            for: subject, grants: standing.rules, at: database.clock.now()
        ).first { $0.entry.contains(entry) }?.rule
    }
}
