package import Model
package import Policy
package import Store

extension Database: Standing {
    package func standing(of id: SessionID) async throws -> SessionStanding? {
        try await session(id).map {
            SessionStanding(isLive: $0.state == .live, mode: $0.mode, labels: $0.labels)
        }
    }

    package func role(of person: PersonID) async throws -> Role? {
        try await self.person(person).flatMap { $0.isActive ? $0.role : nil }
    }

    package func answerer(
        _ person: PersonID, for requester: PersonID, in conversation: ConversationID
    ) async throws -> Answerer? {
        guard let record = try await self.person(person), record.isActive else { return nil }
        func known(_ record: PersonRecord) async throws -> Answerer {
            let isAdmin = record.role == .owner || record.role == .admin
            let isMember = try await mayRead(conversation: conversation, person: record.id)
            return Answerer(
                person: record.id, name: record.name, role: record.role, isActive: record.isActive,
                hasSpoken: try await hasSpoken(record.id, for: requester, in: conversation),
                readsPlace: isAdmin || isMember)
        }
        var answerer = try await known(record)
        for principal in try await principals(of: person) { answerer.standsFor.append(try await known(principal)) }
        return answerer
    }
}
