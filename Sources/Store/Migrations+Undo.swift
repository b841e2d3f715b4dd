extension Migrations {
    /// What people were shown when they were asked; and what write tools replaced, so that it can be put back.
    ///
    /// `before` and `after` of `undo` are SHA-256 in hexadecimal, `before` also a blob; NULL: there was no such file.
    static let undo = """
        ALTER TABLE approvals ADD COLUMN evidence TEXT;

        CREATE TABLE undo (
            call TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations (id),
            requester TEXT NOT NULL REFERENCES people (id), session TEXT NOT NULL REFERENCES sessions (id),
            tool TEXT NOT NULL, path TEXT NOT NULL, volume TEXT NOT NULL, before TEXT, after TEXT,
            bytes INTEGER NOT NULL, obstacle TEXT, undoes TEXT, undone_by TEXT, created INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX undo_conversation ON undo (conversation, created, bytes);
        CREATE INDEX undo_created ON undo (created, bytes);
        CREATE INDEX undo_before ON undo (before);
        CREATE INDEX attachments_digest ON attachments (digest);
        """
}
