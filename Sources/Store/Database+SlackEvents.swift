package import Model

import GRDB

/// An event of Slack's, to be kept before it is acknowledged.
package struct SlackEventDraft: Sendable, Hashable {
    /// Slack's own id of the delivery; `nil` where it was read from a channel's history.
    package var eventID: String?
    package var kind: String
    /// Events of one lane are worked off one after the other.
    package var lane: String
    package var channel: String?
    /// Of the message it tells of, or its own.
    package var ts: String?
    package var body: String
    /// When it happened.
    package var at: Timestamp
    /// It tells more than another one of the same message may: it takes that one's place while that one waits.
    package var isFuller: Bool

    package init(
        eventID: String?, kind: String, lane: String, channel: String? = nil, ts: String? = nil, body: String,
        at: Timestamp, isFuller: Bool = false
    ) {
        self.eventID = eventID
        self.kind = kind
        self.lane = lane
        self.channel = channel
        self.ts = ts
        self.body = body
        self.at = at
        self.isFuller = isFuller
    }
}

package struct SlackEventRecord: Sendable, Hashable {
    package let id: Int64
    package let kind: String
    package let lane: String
    package let channel: String?
    package let ts: String?
    /// Empty once it is worked off.
    package let body: String
    /// How often it was begun.
    package let attempts: Int
    package let error: String?
    package let received: Timestamp

    init(_ row: Row) {
        id = row["id"]
        kind = row["kind"]
        lane = row["lane"]
        channel = row["channel"]
        ts = row["ts"]
        body = row["body"] ?? ""
        attempts = row["attempts"]
        error = row["error"]
        received = row.time("received")
    }
}

/// What becomes of an event that was begun.
package enum SlackEventOutcome: Sendable, Equatable {
    case done
    /// Tried again then, before anything that comes after it in its lane. `counts`: as one of the tries it has.
    case later(Timestamp, because: String, counts: Bool)
    /// Set aside: its lane goes on without it, and the operator is told.
    case failed(String)
}

extension Database {
    /// Keeps what is new of `events`, all or none; durable when it returns, with how far channel and thread have been
    /// seen. The number of new ones.
    @discardableResult
    package func acceptSlackEvents(_ events: [SlackEventDraft]) async throws -> Int {
        try await write { [self] db in
            let now = clock.now().milliseconds
            var count = 0
            for event in events {
                try db.run(
                    """
                    INSERT INTO slack_events
                        (event_id, kind, lane, channel, ts, body, state, next_attempt, at, received)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?7, ?8, ?7) ON CONFLICT DO NOTHING
                    """,
                    [
                        event.eventID?.storable, event.kind, event.lane.storable, event.channel?.storable,
                        event.ts?.storable, event.body.storable, now, event.at.milliseconds,
                    ])
                if db.changesCount == 1 {
                    count += 1
                } else if event.isFuller {
                    try db.run(
                        """
                        UPDATE slack_events SET body = ?4
                        WHERE channel = ?1 AND ts = ?2 AND kind = ?3 AND state = 'pending'
                        """, [event.channel?.storable, event.ts?.storable, event.kind, event.body.storable])
                }
                guard let channel = event.channel, let ts = event.ts else { continue }
                try db.run(
                    "UPDATE slack_channels SET seen = MAX(seen, ?) WHERE id = ?", [ts.storable, channel.storable])
                try db.run(
                    "UPDATE slack_threads SET seen = MAX(seen, ?1) WHERE channel = ?2 AND ?3 = channel || '/' || thread",
                    [ts.storable, channel.storable, event.lane.storable])
            }
            return count
        }
    }

    /// Whether a message of that lane that was said after `ts` was worked off already: Slack does not tell in order.
    package func isSlackEventDone(in lane: String, saidAfter ts: String, at time: Timestamp) async throws -> Bool {
        try await read { db in
            try db.exists(
                """
                SELECT 1 FROM slack_events
                WHERE lane = ? AND state = 'done' AND at >= ? AND kind = 'message' AND ts > ?
                """, [lane.storable, time.milliseconds, ts.storable])
        }
    }

    /// Works those of `events` off again that were done before: what they mean is another thing by now. How many it are.
    @discardableResult
    package func reopenSlackEvents(_ events: [SlackEventDraft]) async throws -> Int {
        try await write { [self] db in
            let now = clock.now().milliseconds
            var count = 0
            for event in events {
                try db.run(
                    """
                    UPDATE slack_events SET state = 'pending', body = ?1, attempts = 0, next_attempt = ?2, settled = NULL
                    WHERE channel = ?3 AND ts = ?4 AND kind = ?5 AND state = 'done'
                    """,
                    [event.body.storable, now, event.channel?.storable, event.ts?.storable, event.kind])
                count += db.changesCount
            }
            return count
        }
    }

    /// Of each lane not in `busy` its oldest event, where that is due; `limit` at most.
    package func dueSlackEvents(besides busy: Set<String>, limit: Int) async throws -> [SlackEventRecord] {
        let now = clock.now().milliseconds
        return try await read { db in
            let rows = try db.rows(
                """
                SELECT * FROM (
                    SELECT *, ROW_NUMBER() OVER (PARTITION BY lane ORDER BY at, id) AS place FROM slack_events
                    WHERE state = 'pending')
                WHERE place = 1 AND next_attempt <= ? ORDER BY id LIMIT ?
                """, [now, limit + busy.count])
            return Array(rows.map(SlackEventRecord.init).filter { !busy.contains($0.lane) }.prefix(limit))
        }
    }

    /// When the next event of a lane not in `busy` is due; `nil` where none waits.
    package func nextSlackEventTime(besides busy: Set<String>) async throws -> Timestamp? {
        try await read { db in
            let rows = try db.rows(
                """
                SELECT lane, next_attempt FROM (
                    SELECT lane, next_attempt, ROW_NUMBER() OVER (PARTITION BY lane ORDER BY at, id) AS place
                    FROM slack_events WHERE state = 'pending')
                WHERE place = 1 ORDER BY next_attempt LIMIT ?
                """, [busy.count + 1])
            return rows.first { !busy.contains($0["lane"]) }?.time("next_attempt")
        }
    }

    /// Counts the try before it is made, durably, so that one which ended the process is known. How many it are now.
    package func beginSlackEvent(_ id: Int64) async throws -> Int {
        try await write { db in
            try db.run("UPDATE slack_events SET attempts = attempts + 1 WHERE id = ? AND state = 'pending'", [id])
            guard db.changesCount == 1, let row = try db.row("SELECT attempts FROM slack_events WHERE id = ?", [id])
            else { throw StoreError(.conflict, "The event \(id) is not waiting any more.") }
            return row["attempts"]
        }
    }

    package func settleSlackEvent(_ id: Int64, as outcome: SlackEventOutcome) async throws {
        try await write { [self] db in
            let now = clock.now().milliseconds
            switch outcome {
            case .done:
                // What was said is in the transcript, or is no business of ours.
                try db.run(
                    """
                    UPDATE slack_events SET state = 'done', body = NULL, error = NULL, settled = ?
                    WHERE id = ? AND state = 'pending'
                    """, [now, id])
            case .later(let time, let reason, let counts):
                try db.run(
                    """
                    UPDATE slack_events SET next_attempt = ?, error = ?, attempts = attempts - ?
                    WHERE id = ? AND state = 'pending'
                    """, [time.milliseconds, reason.storable.cut(to: 500), counts ? 0 : 1, id])
            case .failed(let reason):
                try db.run(
                    """
                    UPDATE slack_events SET state = 'failed', error = ?, settled = ? WHERE id = ? AND state = 'pending'
                    """, [reason.storable.cut(to: 500), now, id])
            }
        }
    }

    /// What was set aside, newest first.
    package func failedSlackEvents(limit: Int = 50) async throws -> [SlackEventRecord] {
        try await read { db in
            try db.rows("SELECT * FROM slack_events WHERE state = 'failed' ORDER BY settled DESC LIMIT ?", [limit])
                .map(SlackEventRecord.init)
        }
    }

    /// How many wait, and how many were set aside.
    package func slackEventCounts() async throws -> (waiting: Int, failed: Int) {
        try await read { db in
            let row = try db.row(
                """
                SELECT (SELECT COUNT(*) FROM slack_events WHERE state = 'pending') AS waiting,
                    (SELECT COUNT(*) FROM slack_events WHERE state = 'failed') AS failed
                """)
            return (row?["waiting"] ?? 0, row?["failed"] ?? 0)
        }
    }

    /// Forgets what was settled before `time`: Slack delivers nothing that old again, and nobody catches up with it.
    package func purgeSlackEvents(settledBefore time: Timestamp) async throws {
        try await write { db in
            try db.run(
                "DELETE FROM slack_events WHERE state <> 'pending' AND settled < ?", [time.milliseconds])
        }
    }
}
