internal import MCP
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
        await withdrawQuestionsOfTheInactive()
    }

    private func withdrawQuestionsOfTheInactive() async {
        do {
            for withdrawn in try await desk.withdrawOfTheInactive() {
                await record("approval.withdrawn", withdrawn, details: ["reason": "may not use Bulkhead any more"])
            }
        } catch {
            // They pass no gate all the same; the next sweep tries again.
            complain("questions of people who are gone stay open", error)
        }
    }

    /// What becomes of the work of `person`, who may not come in any more: what runs for them ends, what was asked for
    /// them is withdrawn, and where they were to answer it is said who may now.
    package func endWork(of person: PersonID, reason: String) async {
        await parts.egress?.reconsider()
        await endSessions(of: person, reason: reason)
        await withdrawQuestionsOfTheInactive()
        await desk.tellWhoAnswers(without: person)
    }

    /// Ends what runs for `person`, an MCP client's session included; `reason` stands where an answer would.
    package func endSessions(of person: PersonID, onlyExternal: Bool = false, reason: String) async {
        for live in Array(sessions.values)
        where live.description.requester == person && (live.isExternal || !onlyExternal) {
            await end(live, reason: reason)
        }
    }
}
