extension Migrations {
    /// What has been touched: by messages, tool calls and volumes, and which volumes a session's sandbox has.
    ///
    /// `labels` are the bits of `Labels`. What was attached before labels were kept is outside content too, and so is
    /// what it may have been written to: `bulkhead labels clear` takes that back where an admin knows better.
    static let labels = """
        ALTER TABLE messages ADD COLUMN labels INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tool_calls ADD COLUMN labels INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE volume_labels (
            volume TEXT PRIMARY KEY, labels INTEGER NOT NULL, session TEXT REFERENCES sessions (id),
            since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- Which volumes a sandbox that may still run has, and whether it can write them.
        CREATE TABLE session_volumes (
            session TEXT NOT NULL REFERENCES sessions (id), volume TEXT NOT NULL,
            writable INTEGER NOT NULL CHECK (writable IN (0, 1)), PRIMARY KEY (session, volume)
        ) STRICT, WITHOUT ROWID;

        -- Answers that went to the requester alone: `message` in the direct channel, `notice` in the thread.
        CREATE TABLE private_answers (
            message TEXT PRIMARY KEY REFERENCES messages (id), notice TEXT NOT NULL UNIQUE REFERENCES messages (id),
            requester TEXT NOT NULL REFERENCES people (id), thread TEXT NOT NULL REFERENCES conversations (id),
            posted TEXT UNIQUE REFERENCES messages (id), posted_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX private_answers_thread ON private_answers (thread, requester);

        UPDATE messages SET labels = 1
        WHERE kind = 'user' AND id IN (SELECT message FROM attachments WHERE message IS NOT NULL);
        INSERT INTO volume_labels (volume, labels, since)
            SELECT DISTINCT 'thread/' || m.conversation, 1, 0 FROM messages m WHERE m.labels = 1
            UNION SELECT DISTINCT 'shared/' || c.channel, 1, 0
                FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.labels = 1
            UNION SELECT DISTINCT 'user/' || h.owner, 1, 0 FROM messages m JOIN conversations c
                ON c.id = m.conversation JOIN channels h ON h.id = c.channel
                WHERE m.labels = 1 AND h.kind = 'dm' AND h.owner IS NOT NULL;
        """
}
