package import Model

extension EgressProxy {
    /// Asks the authority again about every live connection (of the session, where one is given), once for each session, and
    /// closes those that are not allowed any more or about which it does not answer within a second.
    package func recheck(_ session: SessionID? = nil) async {
        let sessions = Dictionary(grouping: live(of: session), by: \.request.session)
        await withDiscardingTaskGroup { group in
            for connections in sessions.values { group.addTask { await self.recheck(connections) } }
        }
    }

    /// Those of one session.
    private nonisolated func recheck(_ connections: [LiveConnection]) async {
        let authority = authority
        let verdicts: [EgressVerdict]
        do {
            verdicts = try await Deadline.within(limits.recheckDeadline) {
                try await authority.decideAgain(connections.map(\.request))
            }
            guard verdicts.count == connections.count else { throw EgressError(.door, "not every one was decided on") }
        } catch {
            for connection in connections {
                connection.end("revoked: it could not be decided whether it is still allowed")
            }
            return
        }
        for (connection, verdict) in zip(connections, verdicts) {
            switch verdict {
            case .allow(_, let allowsUnnamedTLS):
                if connection.isUnnamed, !allowsUnnamedTLS {
                    connection.end("revoked: a tunnel has to name its host now")
                }
            case .refuse(let reason): connection.end("revoked: \(reason)")
            }
        }
    }
}
