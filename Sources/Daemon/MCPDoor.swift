internal import Conversations
internal import Glibc
internal import Logging
internal import MCP
internal import Model
internal import Synchronization

/// `mcp.sock`: any MCP client as the agent of a session of its own. The first line says for which channel; who is asking
/// is what the kernel says of the peer.
struct MCPDoor: Sendable {
    let path: String
    let conversations: ConversationService
    let people: People
    let logger: Logger

    /// Clients at the same time.
    private static let maximum = 32

    func run() async throws {
        let listener = try UnixListener(path: path, mode: 0o666)
        defer { listener.close() }
        let open = Count()
        await withDiscardingTaskGroup { group in
            for await peer in listener.connections() {
                guard open.enter(atMost: Self.maximum) else {
                    Glibc.close(peer.descriptor)
                    continue
                }
                group.addTask {
                    await serve(peer)
                    open.leave()
                }
            }
        }
    }

    private func serve(_ peer: UnixListener.Peer) async {
        let transport = DescriptorTransport(reading: peer.descriptor, writing: peer.descriptor)
        defer { transport.close() }
        do {
            guard let person = try await people.person(user: peer.user) else {
                throw ChatError(.forbidden, "Your user may not use Bulkhead; an operator can list it in the settings.")
            }
            let hello = HelloTransport(transport)
            let request = try JSONValue(parsing: try await hello.firstMessage(within: .seconds(10)))
            guard let name = request["channel"]?.stringValue else {
                throw ChatError(.invalid, "The first line must name a channel.")
            }
            var speaker = person
            var onBehalfBy: PersonID?
            if let other = request["as"]?.stringValue {
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
                (speaker, onBehalfBy) = (found, person)
            }
            let channels = try await conversations.channels(for: speaker)
            guard let channel = channels.first(where: { $0.name == name || $0.id.rawValue == name }) else {
                throw ChatError(.notFound, "There is no channel \(name), or it is not yours.")
            }
            try await transport.send(JSONValue.object(["ok": true]).serialized())
            try await conversations.serveExternalAgent(
                hello.rest(), person: speaker, onBehalfBy: onBehalfBy, channel: channel.id)
        } catch {
            let message = (error as? ChatError)?.message ?? "\(error)"
            logger.debug("MCP client refused", metadata: ["error": "\(message)"])
            try? await transport.send(JSONValue.object(["error": .string(message)]).serialized())
        }
    }
}

/// How many are inside.
private final class Count: Sendable {
    private let inside = Mutex(0)

    func enter(atMost maximum: Int) -> Bool {
        inside.withLock { inside in
            guard inside < maximum else { return false }
            inside += 1
            return true
        }
    }

    func leave() {
        inside.withLock { $0 -= 1 }
    }
}
