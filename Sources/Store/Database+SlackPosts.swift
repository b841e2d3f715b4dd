package import Model

import GRDB

/// Something that we made in Slack, or were about to make when we last wrote it down.
package struct SlackPostRecord: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// A part of a line of a conversation; the subject is the line.
        case message
        /// The subject is the attachment, the reference Slack's id of the file.
        case file
        /// An emoji on somebody's message; the subject is that message here, the reference the emoji's name.
        case reaction
        /// A message that says what a turn does; the subject is the turn. The reference is `draft` once it shows one.
        case progress
        /// A message that grows with a turn's answer; the subject is the turn.
        case stream
        /// What Slack shows under a thread while a turn works; the subject is the turn.
        case status
        /// A question to people; the subject is the approval.
        case card
        /// Asks an admin whether somebody is to be let in; the subject is `channel:ID` or `person:ID`, the reference whom it asks.
        case admission
    }

    package enum State: String, Sendable {
        /// About to be made: it may be there, and it may not.
        case intended
        case up
        /// Taken away, or nothing that has to be looked after.
        case ended
    }

    package let id: Int64
    package let kind: Kind
    package let subject: String
    package let part: Int
    package let channel: String
    package let thread: String?
    package let ts: String?
    package let reference: String?
    package let state: State
    package let created: Timestamp

    init(_ row: Row) throws {
        id = row["id"]
        kind = try row.word("kind")
        subject = row["subject"]
        part = row["part"]
        channel = row["channel"]
        thread = row["thread"]
        ts = row["ts"]
        reference = row["reference"]
        state = try row.word("state")
        created = row.time("created")
    }
}

extension Database {
    /// Writes down, durably, what is about to be made. Returns what was written before, as it stands, where it was.
    package func intendPost(
        _ kind: SlackPostRecord.Kind, of subject: String, part: Int = 0, channel: String, thread: String? = nil,
        ts: String? = nil, reference: String? = nil
    ) async throws -> SlackPostRecord {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run(
                """
                INSERT INTO slack_posts (kind, subject, part, channel, thread, ts, reference, state, created, changed)
                VALUES (?, ?, ?, ?, ?, ?, ?, 'intended', ?, ?) ON CONFLICT (kind, subject, channel, part) DO NOTHING
                """,
                [kind.rawValue, subject, part, channel, thread, ts, reference?.storable, now, now])
            let row = try db.row(
                "SELECT * FROM slack_posts WHERE kind = ? AND subject = ? AND channel = ? AND part = ?",
                [kind.rawValue, subject, channel, part])
            guard let row else { throw StoreError(.failed, "What was to be posted could not be kept.") }
            return try SlackPostRecord(row)
        }
    }

    /// What became of it; `nil` leaves a field as it is.
    package func changePost(
        _ id: Int64, to state: SlackPostRecord.State, ts: String? = nil, reference: String? = nil
    ) async throws {
        try await write { [self] db in
            try db.run(
                """
                UPDATE slack_posts SET state = ?, ts = COALESCE(?, ts), reference = COALESCE(?, reference), changed = ?
                WHERE id = ?
                """, [state.rawValue, ts, reference?.storable, clock.now().milliseconds, id])
            guard db.changesCount == 1 else { throw StoreError(.notFound, "There is no post \(id).") }
        }
    }

    /// It is there: written down before or not.
    package func recordPost(
        _ kind: SlackPostRecord.Kind, of subject: String, part: Int = 0, channel: String, thread: String?, ts: String
    ) async throws {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run(
                """
                INSERT INTO slack_posts (kind, subject, part, channel, thread, ts, state, created, changed)
                VALUES (?, ?, ?, ?, ?, ?, 'up', ?, ?)
                ON CONFLICT (kind, subject, channel, part) DO UPDATE SET ts = excluded.ts, state = 'up', changed = ?
                """, [kind.rawValue, subject, part, channel, thread, ts, now, now, now])
        }
    }

    package func posts(_ kind: SlackPostRecord.Kind, of subject: String) async throws -> [SlackPostRecord] {
        try await read { db in
            try db.rows(
                "SELECT * FROM slack_posts WHERE kind = ? AND subject = ? ORDER BY channel, part",
                [kind.rawValue, subject]
            ).map(SlackPostRecord.init)
        }
    }

    /// What is, or may be, there now and has to be looked after, oldest first.
    package func openPosts(_ kinds: [SlackPostRecord.Kind]) async throws -> [SlackPostRecord] {
        try await read { db in
            try kinds.flatMap { kind in
                try db.rows(
                    "SELECT * FROM slack_posts WHERE kind = ? AND state <> 'ended' ORDER BY id", [kind.rawValue]
                ).map(SlackPostRecord.init)
            }
        }
    }

    /// What of ours a message in Slack is, or was before it became another thing.
    package func posts(in channel: String, ts: String) async throws -> [SlackPostRecord] {
        try await read { db in
            try db.rows(
                "SELECT * FROM slack_posts WHERE channel = ? AND ts = ? AND kind <> 'reaction' ORDER BY id",
                [channel.storable, ts.storable]
            ).map(SlackPostRecord.init)
        }
    }
}
