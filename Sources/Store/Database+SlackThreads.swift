package import Model

import GRDB

/// A thread of Slack's that is a conversation here.
package struct SlackThreadRecord: Sendable, Hashable {
    package let channel: String
    /// Empty for the rolling conversation of a direct channel.
    package let thread: String
    package let conversation: ConversationID
    package let seen: String
    /// Up to which message it was last said that some were not answered.
    package let skipTold: String?

    init(_ row: Row) {
        channel = row["channel"]
        thread = row["thread"]
        conversation = row.id("conversation")
        seen = row["seen"]
        skipTold = row["skip_told"]
    }
}

/// A thread that becomes a conversation.
package struct SlackThreadDraft: Sendable {
    /// Slack's.
    package var channel: String
    package var thread: String
    package var place: ChannelID
    /// The message by which it begins; the list of conversations shows its first line.
    package var firstText: String
    package var seen: String
    /// What was said in it before.
    package var lines: [HeardLine]
    /// The accounts of those who said it, with the time stamp of what each said first.
    package var speakers: [String: String]
    /// A rolling conversation that nobody has said anything in for this long is over.
    package var silence: Duration?

    package init(
        channel: String, thread: String, place: ChannelID, firstText: String, seen: String, lines: [HeardLine] = [],
        speakers: [String: String] = [:], silence: Duration? = nil
    ) {
        self.channel = channel
        self.thread = thread
        self.place = place
        self.firstText = firstText
        self.seen = seen
        self.lines = lines
        self.speakers = speakers
        self.silence = silence
    }

    fileprivate var address: String { (thread.isEmpty ? channel : "\(channel)/\(thread)").storable }
}

extension Database {
    package func slackThread(_ thread: String, in channel: String) async throws -> SlackThreadRecord? {
        try await read { db in try Self.slackThread(thread, in: channel, on: db) }
    }

    /// Threads in which something was said after `ts`, the most recent ones first.
    package func slackThreads(seenAfter ts: String, limit: Int) async throws -> [SlackThreadRecord] {
        try await read { db in
            try db.rows(
                "SELECT * FROM slack_threads WHERE seen > ? AND thread <> '' ORDER BY seen DESC LIMIT ?", [ts, limit]
            ).map(SlackThreadRecord.init)
        }
    }

    /// The conversation of a thread: the one that lives there, else a new one with its home and its first lines; a new one
    /// too where the last one of a direct channel is over.
    package func openSlackThread(_ draft: SlackThreadDraft) async throws -> ConversationID {
        try await write { [self] db in
            if let record = try Self.slackThread(draft.thread, in: draft.channel, on: db),
                try isGoingOn(record.conversation, silence: draft.silence, on: db)
            {
                return record.conversation
            }
            // A thread of a direct channel may have been opened from here.
            let resident = try Self.resident(of: draft, on: db)
            let id = try resident ?? makeConversation(draft, on: db)
            try db.run(
                "INSERT OR REPLACE INTO slack_threads (channel, thread, conversation, seen) VALUES (?, ?, ?, ?)",
                [draft.channel.storable, draft.thread.storable, id.rawValue, draft.seen.storable])
            guard resident == nil else { return id }
            try setHome(of: id, surface: HomeRecord.slack, address: draft.address, on: db)
            for line in draft.lines { try hear(line, in: id, on: db) }
            for (account, ts) in draft.speakers.sorted(by: { $0.key < $1.key }) {
                try Self.addSlackSpeaker(account, to: draft.thread, in: draft.channel, since: ts, on: db)
            }
            return id
        }
    }

    /// A thread in which a conversation lives already, because it was opened from here: followed from now on.
    package func adoptSlackThread(
        _ thread: String, in channel: String, seen: String
    ) async throws -> SlackThreadRecord? {
        guard !thread.isEmpty else { return nil }
        return try await write { db in
            try db.run(
                """
                INSERT INTO slack_threads (channel, thread, conversation, seen)
                SELECT ?1, ?2, conversation, ?3 FROM conversation_homes WHERE surface = ?4 AND address = ?1 || '/' || ?2
                ON CONFLICT DO NOTHING
                """, [channel.storable, thread.storable, seen.storable, HomeRecord.slack])
            return try Self.slackThread(thread, in: channel, on: db)
        }
    }

    /// Says in a thread that something in it was not answered; once for all that was said before `told`. `nil` where that
    /// was said already.
    package func addSkipNotice(
        _ text: String, of thread: String, in channel: String, about ts: String, told: String
    ) async throws -> MessageRecord? {
        try await write { [self] db in
            try db.run(
                """
                UPDATE slack_threads SET skip_told = ?1
                WHERE channel = ?2 AND thread = ?3 AND (skip_told IS NULL OR skip_told < ?4)
                """, [told.storable, channel.storable, thread.storable, ts.storable])
            guard db.changesCount == 1, let record = try Self.slackThread(thread, in: channel, on: db) else {
                return nil
            }
            return try insertEntry(
                .notice, text: text, inReplyTo: nil, session: nil, conversation: record.conversation, on: db)
        }
    }

    /// The conversation that lives in a thread; `nil` for a rolling one, of which there are many.
    private static func resident(of draft: SlackThreadDraft, on db: Connection) throws -> ConversationID? {
        guard !draft.thread.isEmpty else { return nil }
        return try db.row(
            "SELECT conversation FROM conversation_homes WHERE surface = ? AND address = ?",
            [HomeRecord.slack, draft.address]
        )?.id("conversation")
    }

    private func makeConversation(_ draft: SlackThreadDraft, on db: Connection) throws -> ConversationID {
        _ = try Self.channel(draft.place, on: db)
        let id: ConversationID = identifiers.make()
        let now = clock.now().milliseconds
        try db.run(
            "INSERT INTO conversations (id, channel, title, mode, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
            [
                id.rawValue, draft.place.rawValue, Self.title(from: draft.firstText.storable), Mode.auto.rawValue,
                now, now,
            ])
        return id
    }

    /// The next message in a direct channel begins a conversation of its own.
    package func endSlackThread(_ thread: String, in channel: String) async throws {
        try await write { db in
            try db.run(
                "DELETE FROM slack_threads WHERE channel = ? AND thread = ?", [channel.storable, thread.storable])
        }
    }

    /// Who had said something in it before `ts`, as far as that is known by now.
    package func slackSpeakers(of thread: String, in channel: String, before ts: String) async throws -> Set<String> {
        try await read { db in
            let rows = try db.rows(
                "SELECT account FROM slack_speakers WHERE channel = ? AND thread = ? AND since < ? LIMIT 1000",
                [channel.storable, thread.storable, ts.storable])
            return Set(rows.map { $0["account"] })
        }
    }

    /// `ts`: of what they said.
    package func addSlackSpeaker(
        _ account: String, to thread: String, in channel: String, since ts: String
    ) async throws {
        try await write { db in try Self.addSlackSpeaker(account, to: thread, in: channel, since: ts, on: db) }
    }

    package func slackBotTurns(in place: String) async throws -> Int {
        try await read { db in
            try db.row("SELECT in_row FROM slack_bot_turns WHERE place = ?", [place.storable])?["in_row"] ?? 0
        }
    }

    /// A person spoke there, so that programs may be answered again.
    package func clearSlackBotTurns(in place: String) async throws {
        try await write { db in try db.run("DELETE FROM slack_bot_turns WHERE place = ?", [place.storable]) }
    }

    package func addSlackBotTurn(in place: String) async throws {
        try await write { db in
            try db.run(
                """
                INSERT INTO slack_bot_turns (place, in_row) VALUES (?, 1)
                ON CONFLICT (place) DO UPDATE SET in_row = in_row + 1
                """, [place.storable])
        }
    }

    private static func addSlackSpeaker(
        _ account: String, to thread: String, in channel: String, since ts: String, on db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO slack_speakers (channel, thread, account, since) VALUES (?, ?, ?, ?)
            ON CONFLICT (channel, thread, account) DO UPDATE SET since = MIN(since, excluded.since)
            """, [channel.storable, thread.storable, account.storable, ts.storable])
    }

    private static func slackThread(
        _ thread: String, in channel: String, on db: Connection
    ) throws -> SlackThreadRecord? {
        try db.row(
            "SELECT * FROM slack_threads WHERE channel = ? AND thread = ?", [channel.storable, thread.storable]
        ).map(SlackThreadRecord.init)
    }

    /// What still waits for an answer, or for somebody's decision, is not over, however long that takes.
    private func isGoingOn(_ id: ConversationID, silence: Duration?, on db: Connection) throws -> Bool {
        guard let silence else { return true }
        let since = clock.now().advanced(by: .zero - silence)
        return try db.exists(
            """
            SELECT 1 FROM conversations c WHERE c.id = ?1 AND (c.updated > ?2 OR EXISTS
                (SELECT 1 FROM messages m WHERE m.conversation = c.id AND m.state IN ('pending', 'taken')))
            """, [id.rawValue, since.milliseconds])
    }
}
