package import Model

import GRDB

/// What an admin was asked, or has decided, about a channel or an account of Slack's.
package struct SlackAdmissionRecord: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case channel, person
    }

    package enum State: String, Sendable {
        case asked, allowed, refused
    }

    package let kind: Kind
    /// Slack's.
    package let id: String
    package let label: String
    package let state: State
    /// The account whose wish it was, where one is known.
    package let asker: String?
    package let asked: Timestamp
    package let decidedBy: PersonID?
    package let deciderName: String?
    package let decided: Timestamp?

    init(_ row: Row) throws {
        kind = try row.word("kind")
        id = row["id"]
        label = row["label"]
        state = try row.word("state")
        asker = row["asker"]
        asked = row.time("asked")
        decidedBy = row.optionalID("decided_by")
        deciderName = row["decider_name"]
        decided = row.optionalTime("decided")
    }

    static let query =
        "SELECT a.*, p.name AS decider_name FROM slack_admissions a LEFT JOIN people p ON p.id = a.decided_by"
}

extension Database {
    package func slackAdmission(
        _ kind: SlackAdmissionRecord.Kind, _ id: String
    ) async throws -> SlackAdmissionRecord? {
        try await read { db in try Self.slackAdmission(kind, id, on: db) }
    }

    /// Those that wait first, then the newest; at most 1,000.
    package func slackAdmissions() async throws -> [SlackAdmissionRecord] {
        try await read { db in
            try db.rows(
                SlackAdmissionRecord.query
                    + " ORDER BY a.state <> 'asked', COALESCE(a.decided, a.asked) DESC, a.kind, a.id LIMIT 1000"
            ).map(SlackAdmissionRecord.init)
        }
    }

    /// Has admins asked; nothing is changed where that was done before, or is decided. True where it is new.
    @discardableResult
    package func askSlackAdmission(
        _ kind: SlackAdmissionRecord.Kind, _ id: String, called label: String, asker: String?
    ) async throws -> Bool {
        try await write { [self] db in
            try db.run(
                """
                INSERT INTO slack_admissions (kind, id, label, state, asker, asked) VALUES (?, ?, ?, 'asked', ?, ?)
                ON CONFLICT (kind, id) DO NOTHING
                """,
                [
                    kind.rawValue, id.storable, label.storable.cut(to: 200), asker?.storable,
                    clock.now().milliseconds,
                ])
            return db.changesCount == 1
        }
    }

    /// An admin's word, asked for or not. The last one counts.
    package func decideSlackAdmission(
        _ kind: SlackAdmissionRecord.Kind, _ id: String, called label: String, allow: Bool, by person: PersonID
    ) async throws -> SlackAdmissionRecord {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run(
                """
                INSERT INTO slack_admissions (kind, id, label, state, asked, decided_by, decided)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5)
                ON CONFLICT (kind, id) DO UPDATE SET state = ?4, decided_by = ?6, decided = ?5
                """,
                [
                    kind.rawValue, id.storable, label.storable.cut(to: 200), allow ? "allowed" : "refused", now,
                    person.rawValue,
                ])
            guard let record = try Self.slackAdmission(kind, id, on: db) else {
                throw StoreError(.failed, "The decision is not there.")
            }
            return record
        }
    }

    private static func slackAdmission(
        _ kind: SlackAdmissionRecord.Kind, _ id: String, on db: Connection
    ) throws -> SlackAdmissionRecord? {
        try db.row(SlackAdmissionRecord.query + " WHERE a.kind = ? AND a.id = ?", [kind.rawValue, id.storable])
            .map(SlackAdmissionRecord.init)
    }
}
