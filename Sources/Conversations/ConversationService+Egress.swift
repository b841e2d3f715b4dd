internal import Logging
package import Model
internal import Store

extension ConversationService: EgressAnnouncer {
    /// A line in the conversation, for everybody who reads it.
    package func announceEgress(_ text: String, in conversation: ConversationID, of session: SessionID) async {
        do {
            let notice = try await database.addNotice(conversation: conversation, text: text, session: session)
            await publish([notice.id])
        } catch {
            // The label is in the store, and the audit has the connection.
            parts.logger.error("first use of the network is not shown", metadata: ["error": "\(error)"])
        }
    }
}
