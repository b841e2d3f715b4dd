internal import Audit
internal import Harness
internal import MCP
package import Model
package import Store

// What surfaces tell that is no message to the assistant: what others say in a thread, changed and withdrawn messages, who
// comes into a room.
extension ConversationService {
    /// What became of changing a message.
    package enum Revision: Sendable, Equatable {
        case replaced
        /// Its turn runs: what is changed now has to be said.
        case underWay
        case answered
        /// Nobody handed in such a message.
        case unknown
    }

    /// Other words for a message that nobody has begun to answer, screened as any.
    package func revise(_ eventID: String, of surface: String, text: String) async throws -> Revision {
        guard let record = try await database.message(surface: surface, eventID: eventID), let author = record.author,
            let channel = try await database.conversation(record.conversation)?.channel
        else { return .unknown }
        guard record.state == .pending else { return record.state == .taken ? .underWay : .answered }
        guard text.utf8.count <= limits.messageBytes else {
            throw ChatError(.tooLarge, "The message is larger than \(limits.messageBytes >> 10) KiB.")
        }
        let screened = try await screened(
            InboundMessage(
                channel: channel, conversation: record.conversation, author: author, text: text, surface: surface,
                clientID: eventID))
        guard try await mapped({ try await database.replacePending(record.id, text: screened.text) }) else {
            // Somebody began to answer it meanwhile.
            return try await database.message(record.id)?.state == .taken ? .underWay : .answered
        }
        return .replaced
    }

    /// Takes a message back. Where its turn runs, and is about nothing else, that is stopped. False where it has been
    /// answered, or there is none.
    package func retract(_ eventID: String, of surface: String) async throws -> Bool {
        guard let record = try await database.message(surface: surface, eventID: eventID), let author = record.author
        else { return false }
        if try await mapped({ try await database.cancelPending(record.id) }) { return true }
        guard let running = try await database.runningTurn(in: record.conversation),
            running.messages.map(\.id) == [record.id]
        else { return false }
        for live in sessions.values where live.id == running.session { await live.agent.cancelTurn(by: author) }
        return true
    }

    /// A line that nothing is done about, told to whoever looks on.
    package func hear(_ line: HeardLine, in conversation: ConversationID) async throws {
        guard let record = try await mapped({ try await database.addHeard(line, in: conversation) }) else { return }
        await publish([record.id])
        if let channel = try await database.conversation(conversation)?.channel { await listener?(record, channel) }
    }

    /// The lines as the agent may be told of them: what a hook withholds is not among them.
    package func screened(_ lines: [HeardLine], in channel: ChannelID) async throws -> [HeardLine] {
        var kept: [HeardLine] = []
        for line in lines {
            if let line = try await screened(line, in: channel) { kept.append(line) }
        }
        return kept
    }

    /// Lets somebody into a room, because a surface says that they are in the place it stands for.
    package func enter(_ member: PersonID, _ channel: ChannelID, because surface: String) async throws {
        guard try await !database.mayRead(channel: channel, person: member) else { return }
        // On record first: who may read is not changed unseen.
        try await parts.audit.event(
            "channel.member_added", subject: AuditSubject(requester: member, channel: channel),
            details: [
                "person": .string(try await person(member).name), "id": .string(member.rawValue),
                "surface": .string(surface),
            ])
        try await mapped { try await database.addMember(member, to: channel) }
    }
}
