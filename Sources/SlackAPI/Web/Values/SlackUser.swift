package import MCP

/// Somebody in Slack; `json` has all Slack says.
package struct SlackUser: Hashable, Sendable {
    package let json: JSONValue
    package let id: String

    /// Nil where it has no `id`.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, !id.isEmpty else { return nil }
        self.json = json
        self.id = id
    }

    package var teamID: String? { json["team_id"]?.stringValue }
    package var name: String { json["name"]?.stringValue ?? id }
    package var realName: String { text(profile("real_name"), json["real_name"]?.stringValue) ?? name }
    package var displayName: String { text(profile("display_name")) ?? realName }
    /// Only with the scope `users:read.email`.
    package var email: String? { text(profile("email")) }
    package var timeZone: String? { json["tz"]?.stringValue }
    package var isDeleted: Bool { flag("deleted") }
    package var isBot: Bool { flag("is_bot") || id == "USLACKBOT" }
    package var isAdmin: Bool { flag("is_admin") }
    package var isOwner: Bool { flag("is_owner") }
    /// Guests, of several channels or of one.
    package var isGuest: Bool { flag("is_restricted") || flag("is_ultra_restricted") }
    /// From another workspace, met in a shared channel.
    package var isStranger: Bool { flag("is_stranger") }
    /// Invited, and has not come yet.
    package var isInvited: Bool { flag("is_invited_user") }

    private func flag(_ name: String) -> Bool { json[name]?.boolValue ?? false }
    private func profile(_ name: String) -> String? { json["profile"]?[name]?.stringValue }
    private func text(_ candidates: String?...) -> String? { candidates.lazy.compactMap(\.self).first { !$0.isEmpty } }
}
