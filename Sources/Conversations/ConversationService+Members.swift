internal import Audit
internal import MCP
package import Model
internal import Store

// Who belongs to a room. Membership is what opens its conversations, to admins too.
extension ConversationService {
    package func members(of channel: ChannelID, for person: PersonID) async throws -> [Person] {
        try await requireMember(of: channel, person: person)
        return try await database.members(of: channel).filter(\.isActive).map {
            Person(id: $0.id, name: $0.name, role: $0.role)
        }
    }

    /// Whoever comes in reads what was said before. No error where they are in already.
    package func addMember(_ member: PersonID, to channel: ChannelID, by person: PersonID) async throws {
        try await requireMember(of: channel, person: person)
        guard try await self.person(person).role != .guest else {
            throw ChatError(.forbidden, "A guest cannot bring others into a channel.")
        }
        guard try await database.person(member)?.isActive == true else {
            throw ChatError(.notFound, "There is no such person.")
        }
        guard try await !database.mayRead(channel: channel, person: member) else { return }
        try await requireRoom(channel)
        guard try await !database.isSlackRoom(channel) else {
            throw ChatError(.forbidden, "Who is in a Slack channel is decided in Slack: invite them there.")
        }
        // On record first: who may read is not changed unseen.
        try await record("channel.member_added", member, of: channel, by: person)
        try await mapped { try await database.addMember(member, to: channel) }
    }

    /// Oneself, or, for who made the room and for admins in it, somebody else. What runs there for whom it takes out ends.
    package func removeMember(_ member: PersonID, from channel: ChannelID, by person: PersonID) async throws {
        try await requireMember(of: channel, person: person)
        try await requireRoom(channel)
        let role = try await self.person(person).role
        let isMaker = try await database.channel(channel)?.owner == person
        guard member == person || isMaker || role == .owner || role == .admin else {
            throw ChatError(.forbidden, "Only who made the channel, or an admin in it, can take somebody out of it.")
        }
        let members = try await database.members(of: channel)
        guard members.contains(where: { $0.id == member }) else {
            throw ChatError(.notFound, "That person is not in this channel.")
        }
        try await mapped { try await database.removeMember(member, from: channel) }
        for live in Array(sessions.values)
        where live.description.requester == member && live.description.channel == channel {
            await end(live, reason: Self.leftTheRoom)
        }
        try await record("channel.member_removed", member, of: channel, by: person)
    }

    package func mayRead(_ conversation: ConversationID, person: PersonID) async throws -> Bool {
        try await database.mayRead(conversation: conversation, person: person)
    }

    static let leftTheRoom = "This was ended: the person who asked is not in this channel any more."

    /// What somebody had said who has been taken out meanwhile: nobody may work on it here.
    func dropWhatIsLeft(of person: PersonID, in conversation: ConversationID) async throws {
        _ = try await database.cancelPending(in: conversation, author: person)
        let notice = try await database.addNotice(
            conversation: conversation,
            text: "This was not begun: \(try await name(of: person)) is not in this channel any more.")
        await publish([notice.id])
    }

    private func requireRoom(_ channel: ChannelID) async throws {
        guard try await database.channel(channel)?.kind == .room else {
            throw ChatError(.forbidden, "A direct conversation has one member and stays so.")
        }
    }

    private func record(_ event: String, _ member: PersonID, of channel: ChannelID, by person: PersonID) async throws {
        try await parts.audit.event(
            event, subject: AuditSubject(requester: person, channel: channel),
            details: ["person": .string(try await self.person(member).name), "id": .string(member.rawValue)])
    }
}
