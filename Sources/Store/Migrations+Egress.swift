extension Migrations {
    /// Which addresses of the network somebody granted to whom. As other grants: kept as given, in force once `recorded`,
    /// ended and never deleted. `subject`: the channel, person or session; `entry`: JSON.
    static let egress = """
        CREATE TABLE egress_grants (
            id TEXT PRIMARY KEY, entry TEXT NOT NULL,
            scope TEXT NOT NULL CHECK (scope IN ('company', 'channel', 'person', 'session')), subject TEXT,
            giver TEXT NOT NULL REFERENCES people (id), reason TEXT NOT NULL,
            approval TEXT UNIQUE REFERENCES approvals (id), created INTEGER NOT NULL, expires INTEGER,
            recorded INTEGER, revoked INTEGER, revoked_by TEXT REFERENCES people (id), revocation TEXT,
            CHECK ((scope = 'company') = (subject IS NULL))
        ) STRICT;
        CREATE INDEX egress_grants_in_force ON egress_grants (scope, subject)
            WHERE revoked IS NULL AND recorded IS NOT NULL;
        CREATE TRIGGER egress_grants_are_kept BEFORE DELETE ON egress_grants
        BEGIN SELECT RAISE(ABORT, 'a grant is revoked, not deleted'); END;
        CREATE TRIGGER egress_grants_stay_as_given BEFORE UPDATE OF id, entry, scope, subject, giver,
             reason, approval, created, expires ON egress_grants
        BEGIN SELECT RAISE(ABORT, 'a grant stays as it was given'); END;
        CREATE TRIGGER egress_grants_stay_revoked BEFORE UPDATE OF recorded, revoked, revoked_by, revocation
            ON egress_grants WHEN OLD.revoked IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a revoked grant stays revoked'); END;
        """
}
