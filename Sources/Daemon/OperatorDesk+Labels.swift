internal import Audit
internal import Conversations
internal import Harness
internal import MCP
internal import Model
internal import Store

extension OperatorDesk {
    func labels(for person: PersonID) async throws -> [JSONObject] {
        try await database.volumeLabels().map { record in
            [
                "volume": .string(record.volume), "name": .string(record.name),
                "labels": .array(record.labels.names.map { .string($0) }),
                "session": record.session.map { .string($0.rawValue) } ?? .null,
                "since": record.since.milliseconds == 0 ? .null : .string(record.since.rfc3339),
            ]
        }
    }

    func acceptSecurity(digest: String, isFirst: Bool, changes: [String], by person: PersonID) async throws {
        try await audit.event(
            "security.accepted", subject: AuditSubject(requester: person),
            details: [
                "baseline": .string(digest), "first": .bool(isFirst),
                "changes": .array(changes.map { .string($0.storable) }),
            ])
    }

    /// On record before it is done.
    func clearLabels(of volume: String, reason: String, by person: PersonID) async throws {
        guard try await database.volumeLabels().contains(where: { $0.volume == volume }) else {
            throw ChatError(.notFound, "\(volume.prefix(80)) carries no label. `bulkhead labels` lists those that do.")
        }
        try await audit.event(
            "labels.cleared", subject: AuditSubject(requester: person),
            details: ["volume": .string(volume), "reason": .string(reason)])
        do {
            try await database.clearLabels(ofVolume: volume)
        } catch let error as StoreError where error.code == .conflict {
            throw ChatError(.conflict, error.message)
        }
    }
}
