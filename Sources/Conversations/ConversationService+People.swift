package import Model
internal import Store

// What becomes of the work of people who may not come in any more.
extension ConversationService {
    /// Ends what runs for anybody who may not come in, however that became known.
    func endSessionsOfTheRemoved() async {
        for live in Array(sessions.values) {
            let description = live.description
            if let person = try? await database.person(description.requester), !person.isActive {
                await end(live, reason: "This was ended: \(person.name) may not use Bulkhead any more.")
            } else if (try? await mayRead(description.conversation, person: description.requester)) == false {
                await end(live, reason: Self.leftTheRoom)
            }
        }
    }

    /// Ends what runs for `person`, an MCP client's session included; `reason` stands where an answer would.
    package func endSessions(of person: PersonID, reason: String) async {
        for live in Array(sessions.values) where live.description.requester == person {
            await end(live, reason: reason)
        }
    }
}
