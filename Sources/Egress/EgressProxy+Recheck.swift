package import Model

extension EgressProxy {
    /// Asks the authority again about every live connection (of the session, where one is given), and closes those that
    /// are not allowed any more or about which it does not answer within a second.
    package func recheck(_ session: SessionID? = nil) async {
        let connections = live(of: session)
        await withDiscardingTaskGroup { group in
            for connection in connections { group.addTask { await self.recheck(connection) } }
        }
    }

    private nonisolated func recheck(_ connection: LiveConnection) async {
        let authority = authority
        do {
            let verdict = try await Deadline.within(limits.recheckDeadline) {
                try await authority.decide(connection.request)
            }
            switch verdict {
            case .allow(_, let allowsUnnamedTLS):
                if connection.isUnnamed, !allowsUnnamedTLS {
                    connection.end("revoked: a tunnel has to name its host now")
                }
            case .refuse(let reason): connection.end("revoked: \(reason)")
            }
        } catch {
            connection.end("revoked: it could not be decided whether it is still allowed")
        }
    }
}
