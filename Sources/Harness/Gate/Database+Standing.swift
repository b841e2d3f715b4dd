package import Model
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
}
