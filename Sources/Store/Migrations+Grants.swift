extension Migrations {
    /// What somebody allowed beyond one call. Kept as it was given: only its end is ever added. In force once `recorded`,
    /// the row of the audit that says so.
    static let grants = """
        ALTER TABLE approvals ADD COLUMN labels INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE approvals ADD COLUMN grant_reach TEXT;
        ALTER TABLE approvals ADD COLUMN rule_name TEXT;
        ALTER TABLE approvals ADD COLUMN tool_digest TEXT;
        ALTER TABLE approvals ADD COLUMN mode TEXT;
        ALTER TABLE approvals ADD COLUMN is_exact INTEGER NOT NULL DEFAULT 1;

        CREATE TABLE grants (
            id TEXT PRIMARY KEY, approval TEXT NOT NULL UNIQUE REFERENCES approvals (id),
            giver TEXT NOT NULL REFERENCES people (id), requester TEXT NOT NULL REFERENCES people (id),
            scope TEXT NOT NULL CHECK (scope IN ('conversation', 'channel')),
            conversation TEXT NOT NULL REFERENCES conversations (id), channel TEXT NOT NULL REFERENCES channels (id),
            tool TEXT NOT NULL, tool_digest TEXT NOT NULL, rule TEXT NOT NULL, arguments TEXT, arguments_digest TEXT,
            policy_digest TEXT NOT NULL, mode TEXT NOT NULL, labels INTEGER NOT NULL, created INTEGER NOT NULL,
            expires INTEGER NOT NULL, recorded INTEGER, revoked INTEGER, revoked_by TEXT REFERENCES people (id)
        ) STRICT;
        CREATE INDEX grants_in_force ON grants (requester, tool) WHERE revoked IS NULL AND recorded IS NOT NULL;
        CREATE INDEX grants_given ON grants (giver);
        CREATE TRIGGER grants_are_kept BEFORE DELETE ON grants
        BEGIN SELECT RAISE(ABORT, 'a grant is revoked, not deleted'); END;
        CREATE TRIGGER grants_stay_as_given BEFORE UPDATE OF id, approval, giver, requester, scope, conversation, channel,
            tool, tool_digest, rule, arguments, arguments_digest, policy_digest, mode, labels, created, expires ON grants
        BEGIN SELECT RAISE(ABORT, 'a grant stays as it was given'); END;
        CREATE TRIGGER grants_stay_revoked BEFORE UPDATE OF recorded, revoked, revoked_by ON grants
        WHEN OLD.revoked IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a revoked grant stays revoked'); END;
        """
}
