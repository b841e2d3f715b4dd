package import Model

import Crypto
import GRDB

/// A click or a form, to be kept before it is acknowledged.
package struct SlackClickDraft: Sendable, Hashable {
    /// By which Slack's deliveries of the same one are told; any length.
    package var key: String
    package var account: String
    /// Those of one lane are worked off one after the other.
    package var lane: String
    package var body: String

    package init(key: String, account: String, lane: String, body: String) {
        self.key = key
        self.account = account
        self.lane = lane
        self.body = body
    }
}

/// How many may wait.
package struct SlackClickLimits: Sendable, Hashable {
    package var ofOne = 20
    /// Of one account that is nobody's here, and of all such accounts.
    package var ofOneOutsider = 3
    package var ofOutsiders = 20

    package init() {}
}

package enum SlackClickReceipt: Sendable, Equatable {
    case kept
    /// It was kept before.
    case known
    /// Too many of that account wait.
    case tooMany
}

package struct SlackClickRecord: Sendable, Hashable {
    package let id: Int64
    package let account: String
    /// Whether the account was somebody's here when it came.
    package let isKnown: Bool
    package let lane: String
    package let body: String
    /// How often it was begun.
    package let attempts: Int
    package let received: Timestamp

    init(_ row: Row) {
        id = row["id"]
        account = row["account"]
        isKnown = row["is_known"]
        lane = row["lane"]
        body = row["body"] ?? ""
        attempts = row["attempts"]
        received = row.time("received")
    }
}

/// What becomes of a click that was begun.
package enum SlackClickOutcome: Sendable, Equatable {
    case done
    /// Tried again then, before what comes after it in its lane.
    case later(Timestamp, because: String)
    /// Given up: its lane goes on without it.
    case failed(String)
}

extension Database {
    /// Durable when it returns `kept`.
    package func acceptSlackClick(
        _ click: SlackClickDraft, limits: SlackClickLimits = SlackClickLimits()
    ) async throws -> SlackClickReceipt {
        let digest = Array(SHA256.hash(data: Array(click.key.utf8))).hex
        return try await write { [self] db in
            if try db.exists("SELECT 1 FROM slack_clicks WHERE digest = ?", [digest]) { return .known }
            let account = click.account.storable
            let isKnown = try db.exists(
                "SELECT 1 FROM accounts WHERE surface = ? AND account = ?", [HomeRecord.slack, account])
            let row = try db.row(
                """
                SELECT COUNT(*) AS group_count, SUM(account = ?1) AS own FROM slack_clicks
                WHERE state = 'pending' AND is_known = ?2 AND (?2 = 0 OR account = ?1)
                """, [account, isKnown])
            let own: Int = row?["own"] ?? 0
            guard own < (isKnown ? limits.ofOne : limits.ofOneOutsider),
                isKnown || row?["group_count"] ?? 0 < limits.ofOutsiders
            else { return .tooMany }
            let now = clock.now().milliseconds
            try db.run(
                """
                INSERT INTO slack_clicks (digest, account, is_known, lane, body, state, next_attempt, received)
                VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, ?6)
                """,
                [
                    digest, account, isKnown, isKnown ? click.lane.storable : "account/\(account)", click.body.storable,
                    now,
                ])
            return .kept
        }
    }

    /// Of each lane its oldest one, where that is due, oldest first; `limit` at most.
    package func dueSlackClicks(limit: Int = 500) async throws -> [SlackClickRecord] {
        let now = clock.now().milliseconds
        return try await read { db in
            try db.rows(
                """
                SELECT * FROM (
                    SELECT *, ROW_NUMBER() OVER (PARTITION BY lane ORDER BY id) AS place FROM slack_clicks
                    WHERE state = 'pending')
                WHERE place = 1 AND next_attempt <= ? ORDER BY id LIMIT ?
                """, [now, limit]
            ).map(SlackClickRecord.init)
        }
    }

    /// How many wait.
    package func waitingSlackClicks() async throws -> Int {
        try await read { db in
            try db.row("SELECT COUNT(*) AS waiting FROM slack_clicks WHERE state = 'pending'")?["waiting"] ?? 0
        }
    }

    /// Counts the try before it is made, durably, so that one which ended the process is known. How many it are now.
    package func beginSlackClick(_ id: Int64) async throws -> Int {
        try await write { db in
            try db.run(
                """
                UPDATE slack_clicks SET attempts = attempts + 1
                WHERE id = ? AND state = 'pending'
                """, [id])
            guard db.changesCount == 1, let row = try db.row("SELECT attempts FROM slack_clicks WHERE id = ?", [id])
            else { throw StoreError(.conflict, "The click \(id) is not waiting any more.") }
            return row["attempts"]
        }
    }

    package func settleSlackClick(_ id: Int64, as outcome: SlackClickOutcome) async throws {
        try await write { [self] db in
            let now = clock.now().milliseconds
            switch outcome {
            case .done:
                try db.run(
                    """
                    UPDATE slack_clicks SET state = 'done', body = NULL, error = NULL, settled = ?
                    WHERE id = ? AND state = 'pending'
                    """,
                    [now, id])
            case .later(let time, let reason):
                try db.run(
                    """
                    UPDATE slack_clicks SET next_attempt = ?, error = ?
                    WHERE id = ? AND state = 'pending'
                    """,
                    [time.milliseconds, reason.storable.cut(to: 500), id])
            case .failed(let reason):
                try db.run(
                    """
                    UPDATE slack_clicks SET state = 'failed', body = NULL, error = ?, settled = ?
                    WHERE id = ? AND state = 'pending'
                    """,
                    [reason.storable.cut(to: 500), now, id])
            }
        }
    }

    /// Forgets what was settled before `time`: Slack tells of nothing that old again.
    package func purgeSlackClicks(settledBefore time: Timestamp) async throws {
        try await write { db in
            try db.run("DELETE FROM slack_clicks WHERE state <> 'pending' AND settled < ?", [time.milliseconds])
        }
    }
}
