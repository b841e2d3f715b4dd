package import Model

// What becomes of the work of people who may not come in any more.
extension ConversationService {
    /// Ends what runs for `person`, an MCP client's session included; `reason` stands where an answer would.
    package func endSessions(of person: PersonID, reason: String) async {
        for live in Array(sessions.values) where live.description.requester == person {
            await end(live, reason: reason)
        }
    }
}
