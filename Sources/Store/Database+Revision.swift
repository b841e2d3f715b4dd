package import Model

import GRDB

extension Database {
    /// A message that a surface handed in, by the surface's own id of it.
    package func message(surface: String, eventID: String) async throws -> MessageRecord? {
        try await read { db in
            try db.row(
                "SELECT * FROM messages WHERE surface = ? AND surface_event_id = ? AND kind = 'user'",
                [surface, eventID.storable]
            ).map(MessageRecord.init)
        }
    }

    /// Other words for a message that nobody has begun to answer. False where somebody has.
    package func replacePending(_ id: MessageID, text: String) async throws -> Bool {
        try await write { db in
            try db.run(
                "UPDATE messages SET text = ? WHERE id = ? AND kind = 'user' AND state = 'pending'",
                [text.storable, id.rawValue])
            return db.changesCount == 1
        }
    }

    /// Takes back a message that nobody has begun to answer. False where somebody has.
    package func cancelPending(_ id: MessageID) async throws -> Bool {
        try await write { db in
            try db.run(
                "UPDATE messages SET state = 'cancelled' WHERE id = ? AND kind = 'user' AND state = 'pending'",
                [id.rawValue])
            return db.changesCount == 1
        }
    }

    /// Takes a heard line out, whose speaker took it back.
    package func forgetHeard(surface: String, eventID: String) async throws {
        try await write { db in
            try db.run(
                """
                UPDATE messages SET state = 'cancelled', text = ''
                WHERE surface = ? AND surface_event_id = ? AND kind = 'context'
                """, [surface, eventID.storable])
        }
    }

    /// A line that was heard, by the surface's own id of it.
    package func heard(surface: String, eventID: String) async throws -> MessageRecord? {
        try await read { db in
            try db.row(
                "SELECT * FROM messages WHERE surface = ? AND surface_event_id = ? AND kind = 'context' AND state = 'done'",
                [surface, eventID.storable]
            ).map(MessageRecord.init)
        }
    }

    /// Labels are added to those the line has.
    package func replaceHeard(surface: String, eventID: String, text: String, labels: Labels) async throws {
        try await write { db in
            try db.run(
                """
                UPDATE messages SET text = ?, labels = labels | ? WHERE surface = ? AND surface_event_id = ? AND kind = 'context'
                    AND state = 'done'
                """, [text.storable, labels.rawValue, surface, eventID.storable])
        }
    }
}
