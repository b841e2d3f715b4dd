package import MCP
internal import Model
package import SlackAPI
package import Store

/// What the way in asks of Slack. Errors are `SlackError`.
package protocol SlackWorkspace: Sendable {
    func identity() async throws -> SlackIdentity
    func user(_ id: String) async throws -> SlackUser
    /// Everybody's accounts, as far as `limit`; a few calls for a whole company.
    func users(limit: Int) async throws -> [SlackUser]
    func place(_ id: String) async throws -> SlackPlace
    /// Those the app is in.
    func places() async throws -> [SlackPlace]
    func members(of place: String) async throws -> Set<String>
    /// The newest `limit` messages of between, oldest first, threads' replies aside.
    func history(
        of place: String, after: SlackTimestamp?, before: SlackTimestamp?, limit: Int
    ) async throws -> [JSONValue]
    /// Of a thread with the message that opened it, the newest `limit` of between, oldest first.
    func replies(
        in thread: SlackTimestamp, of place: String, after: SlackTimestamp?, before: SlackTimestamp?, limit: Int
    ) async throws -> [JSONValue]
    func content(of file: SlackFile, limit: Int) async throws -> [UInt8]
    /// Said to one person, and to nobody else in that place.
    func whisper(_ text: String, to user: String, in place: String, thread: SlackTimestamp?) async throws
}

/// An account of Slack's.
package struct SlackAccount: Sendable, Hashable {
    package var id: String
    /// What its holder calls themselves, as far as that is a name (`PersonName.plain`).
    package let name: String
    package var team: String
    package var isBot: Bool
    package var isGuest: Bool
    package var isDeactivated: Bool
    package var isStranger: Bool
    package var address: String?
    /// Whether Slack made sure of the address.
    package var isAddressConfirmed: Bool

    package init(
        id: String, name: String, team: String, isBot: Bool = false, isGuest: Bool = false, isDeactivated: Bool = false,
        isStranger: Bool = false, address: String? = nil, isAddressConfirmed: Bool = false
    ) {
        self.id = id
        self.name = PersonName.plain(name) ?? id
        self.team = team
        self.isBot = isBot
        self.isGuest = isGuest
        self.isDeactivated = isDeactivated
        self.isStranger = isStranger
        self.address = address
        self.isAddressConfirmed = isAddressConfirmed
    }

    /// `home` is the workspace the app is in. Whatever Slack leaves open counts as the less.
    package init(_ user: SlackUser, home: String) {
        self.init(
            id: user.id, name: user.displayName, team: user.teamID ?? "", isBot: user.isBot, isGuest: user.isGuest,
            isDeactivated: user.isDeleted, isStranger: user.isStranger || user.teamID != home, address: user.email,
            isAddressConfirmed: user.json["is_email_confirmed"]?.boolValue ?? false)
    }
}

/// A channel of Slack's, direct ones included.
package struct SlackPlace: Sendable, Hashable {
    package var id: String
    package var name: String
    package var kind: SlackChannelRecord.Kind
    package var isMember: Bool
    package var isArchived: Bool

    package init(id: String, name: String, kind: SlackChannelRecord.Kind, isMember: Bool, isArchived: Bool) {
        self.id = id
        self.name = name
        self.kind = kind
        self.isMember = isMember
        self.isArchived = isArchived
    }

    package init(_ channel: SlackChannel) {
        let kind: SlackChannelRecord.Kind =
            switch channel.kind {
            case .direct: .direct
            case .groupDirect: .group
            case .privateChannel: .private
            case .publicChannel: .public
            }
        self.init(
            id: channel.id, name: channel.name.isEmpty ? channel.id : channel.name, kind: kind,
            isMember: channel.isMember || kind == .group, isArchived: channel.isArchived)
    }
}
