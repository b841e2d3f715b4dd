package import MCP

/// A channel, a direct conversation or one of several people; `json` has all Slack says.
package struct SlackChannel: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case publicChannel = "public_channel"
        case privateChannel = "private_channel"
        case direct = "im"
        case groupDirect = "mpim"
    }

    package let json: JSONValue
    package let id: String

    /// Nil where it has no `id`.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, !id.isEmpty else { return nil }
        self.json = json
        self.id = id
    }

    package var kind: Kind {
        if flag("is_im") { return .direct }
        if flag("is_mpim") { return .groupDirect }
        return flag("is_private") ? .privateChannel : .publicChannel
    }

    /// Empty for direct conversations.
    package var name: String { json["name"]?.stringValue ?? "" }
    package var topic: String { json["topic"]?["value"]?.stringValue ?? "" }
    package var purpose: String { json["purpose"]?["value"]?.stringValue ?? "" }
    package var isArchived: Bool { flag("is_archived") }
    /// Whether the app is in it.
    package var isMember: Bool { flag("is_member") || kind == .direct }
    /// Shared with other companies, or about to be.
    package var isExternallyShared: Bool { flag("is_ext_shared") || flag("is_pending_ext_shared") }
    /// The other one of a direct conversation.
    package var user: String? { json["user"]?.stringValue }
    package var memberCount: Int? { json["num_members"]?.intValue.map { Int(clamping: $0) } }

    private func flag(_ name: String) -> Bool { json[name]?.boolValue ?? false }
}
