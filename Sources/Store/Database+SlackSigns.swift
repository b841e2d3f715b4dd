package import Model

import GRDB

/// The turn under way in a conversation, as far as showing it goes.
package struct TurnStanding: Sendable, Hashable {
    package let turn: MessageID
    /// What its session has touched.
    package let labels: Labels
    package let isInRoom: Bool

    /// Whether what is being written may be shown where the conversation is read: not where it may hold what only the
    /// requester may see, and not while it may carry addresses that nobody has looked at.
    package var mayShowDraft: Bool {
        !labels.contains(.untrusted) && !(labels.contains(.private) && isInRoom)
    }
}

// What shows that something is under way has to go when nothing is any more, whatever ended it.
extension Database {
    package func turnStanding(in conversation: ConversationID) async throws -> TurnStanding? {
        try await read { db in
            try db.row(
                """
                SELECT m.id, s.labels, h.kind FROM messages m JOIN sessions s ON s.id = m.session
                JOIN conversations c ON c.id = m.conversation JOIN channels h ON h.id = c.channel
                WHERE m.conversation = ? AND m.state = 'taken' AND m.turn = m.id
                """, [conversation.rawValue]
            ).map { row in
                TurnStanding(
                    turn: row.id("id"), labels: Labels(rawValue: row["labels"]),
                    isInRoom: try row.word("kind", as: ChannelRecord.Kind.self) == .room)
            }
        }
    }

    /// Reactions that stand for a message that waits for nothing any more, oldest first.
    package func endedReactions(limit: Int = 200) async throws -> [SlackPostRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT p.* FROM slack_posts p LEFT JOIN messages m ON m.id = p.subject
                WHERE p.kind = 'reaction' AND p.state <> 'ended' AND COALESCE(m.state, 'done') IN ('done', 'cancelled')
                ORDER BY p.id LIMIT ?
                """, [limit]
            ).map(SlackPostRecord.init)
        }
    }

    /// Progress, drafts and statuses that no delivery will finish: of turns that are over and whose answer does not wait;
    /// `evenOfOpenTurns`: of all whose answer does not wait, for a process that has none under way yet.
    package func strayLife(evenOfOpenTurns: Bool, limit: Int = 200) async throws -> [SlackPostRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT p.* FROM slack_posts p LEFT JOIN messages t ON t.id = p.subject
                WHERE p.kind IN ('progress', 'stream', 'status') AND p.state <> 'ended'
                    AND (?1 OR COALESCE(t.state, 'done') IN ('done', 'cancelled')) AND NOT EXISTS (
                        SELECT 1 FROM messages a JOIN outbox o ON o.message = a.id
                        WHERE a.in_reply_to = p.subject AND o.state IN ('pending', 'claimed'))
                ORDER BY p.id LIMIT ?2
                """, [evenOfOpenTurns, limit]
            ).map(SlackPostRecord.init)
        }
    }

    /// Which conversation a message in Slack belongs to: one of ours, one on which we reacted, or one whose thread is a home.
    package func conversation(
        ofPostIn channel: String, ts: String
    ) async throws -> ConversationID? {
        try await read { db in
            let row = try db.row(
                """
                SELECT m.conversation FROM slack_posts p JOIN messages m ON m.id = p.subject
                WHERE p.channel = ?1 AND p.ts = ?2
                UNION ALL SELECT conversation FROM conversation_homes WHERE surface = 'slack' AND address = ?1 || '/' || ?2
                LIMIT 1
                """, [channel, ts])
            return row?.optionalID("conversation")
        }
    }
}
