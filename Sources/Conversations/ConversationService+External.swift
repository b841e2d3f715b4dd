internal import Harness
package import MCP
package import Model
internal import Store

// Somebody's own MCP client as the agent: the same session, the same gate, another program at the other end.
extension ConversationService {
    /// Serves a session of `person` in `channel` to `transport` until the client leaves. It stands in the channel as a
    /// conversation of its own, open as one turn, so that every call hangs at something people can look at.
    package func serveExternalAgent(
        _ transport: any MessageTransport, person: PersonID, onBehalfBy: PersonID?, channel: ChannelID
    ) async throws {
        guard try await database.mayRead(channel: channel, person: person) else {
            throw ChatError(.notFound, "There is no such channel, or it is not yours.")
        }
        guard !isStopping, sessions.count < limits.sessions else {
            throw ChatError(.unavailable, "No session is free now. Please try again in a few minutes.")
        }
        let token: MessageID = parts.identifiers.make()
        let accepted = try await database.acceptInbound(
            InboundDraft(
                channel: channel, conversation: nil, author: person, onBehalfBy: onBehalfBy,
                text: "Working through an MCP client.", attachments: [], surface: Self.externalSurface,
                eventID: token.rawValue,
                mode: .auto, labels: try await labels(ofMessageBy: person, hasFiles: false)))
        let conversation = accepted.message.conversation
        let key = SessionKey(conversation: conversation, requester: person)
        let record = try await database.startSession(
            conversation: conversation, requester: person, compartment: nil)
        do {
            let compartment = try await parts.compartments.take(for: record.id)
            let live = try await open(record, compartment: compartment, transport: transport, isExternal: true)
            sessions[key] = live
            wake(conversation)
            // A client may call at once, and a call outside a turn does not run.
            await live.agent.untilTurnOpens()
            await serve(live)
            await end(live, reason: "The MCP client has left.")
        } catch {
            try? await database.endSession(record.id, reason: "could not start")
            _ = try? await database.cancelPending(in: conversation, author: person)
            throw error
        }
    }
}
