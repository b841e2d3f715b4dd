extension Migrations {
    /// Which channels and accounts of Slack's an admin was asked about, or has decided on. `asker`: whom to tell, an account.
    static let slackAdmissions = """
        CREATE TABLE slack_admissions (
            kind TEXT NOT NULL CHECK (kind IN ('channel', 'person')), id TEXT NOT NULL, label TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('asked', 'allowed', 'refused')), asker TEXT,
            asked INTEGER NOT NULL, decided_by TEXT REFERENCES people (id), decided INTEGER,
            PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX slack_admissions_open ON slack_admissions (asked) WHERE state = 'asked';
        """
}
