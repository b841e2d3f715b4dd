internal import Conversations
internal import Logging
internal import MCP
internal import Model

/// The clients of `mcp.sock`. The first line says for which channel; who is asking is what the kernel says of the peer.
struct MCPClients: Sendable {
    let conversations: ConversationService
    let people: People
    let logger: Logger

    /// From the connection to its first line.
    private static let helloLimit = Duration.seconds(10)

    func serve(_ peer: UnixListener.Peer) async {
        let transport = DescriptorTransport(reading: peer.descriptor, writing: peer.descriptor)
        defer { transport.close() }
        do {
            // Before a word is read: a stranger holds no place while saying nothing.
            guard let person = try await people.person(user: peer.user) else {
                throw ChatError(.forbidden, "Your user may not use Bulkhead; an operator can list it in the settings.")
            }
            let hello = HelloTransport(transport)
            let first = try await hello.firstMessage(within: Self.helloLimit)
            let (speaker, onBehalfBy, channel) = try await place(JSONValue(parsing: first), of: person)
            try await transport.send(JSONValue.object(["ok": true]).serialized())
            try await conversations.serveExternalAgent(
                hello.rest(), person: speaker, onBehalfBy: onBehalfBy, channel: channel)
        } catch {
            let message = (error as? ChatError)?.message ?? "\(error)"
            logger.debug("MCP client refused", metadata: ["error": "\(message)"])
            try? await transport.send(JSONValue.object(["error": .string(message)]).serialized())
        }
    }

    /// Who speaks, by whom, and where.
    private func place(_ hello: JSONValue, of person: PersonID) async throws -> (PersonID, PersonID?, ChannelID) {
        guard let name = hello["channel"]?.stringValue else {
            throw ChatError(.invalid, "The first line must name a channel.")
        }
        var speaker = person
        var onBehalfBy: PersonID?
        if let other = hello["as"]?.stringValue {
            let role = try await conversations.person(person).role
            guard role == .owner || role == .admin else {
                throw ChatError(.forbidden, "Only an admin may work as somebody else.")
            }
            guard let found = try await people.person(named: other) else {
                throw ChatError(.notFound, "There is no person \(other).")
            }
            guard try await conversations.person(found).role != .owner || role == .owner else {
                throw ChatError(.forbidden, "Only an owner may work as an owner.")
            }
            if found != person { (speaker, onBehalfBy) = (found, person) }
        }
        let channels = try await conversations.channels(for: speaker)
        guard let channel = channels.first(where: { $0.name == name || $0.id.rawValue == name }) else {
            throw ChatError(.notFound, "There is no channel \(name), or it is not yours.")
        }
        return (speaker, onBehalfBy, channel.id)
    }
}
