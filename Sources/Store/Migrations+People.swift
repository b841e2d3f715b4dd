extension Migrations {
    /// Who was put out by an admin, who answers in whose place, and which accounts are whose.
    ///
    /// A person's own operating-system user stays in `people`; `accounts` are the further ones, by surface. `label` is
    /// what the account was called when it was linked: a number that goes to another name is another account.
    static let people = """
        ALTER TABLE people ADD COLUMN deactivated INTEGER;
        ALTER TABLE people ADD COLUMN deactivated_by TEXT REFERENCES people (id);

        CREATE TABLE deputies (
            person TEXT PRIMARY KEY REFERENCES people (id), deputy TEXT NOT NULL REFERENCES people (id),
            until INTEGER, set_by TEXT NOT NULL REFERENCES people (id), created INTEGER NOT NULL,
            CHECK (person <> deputy)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX deputies_deputy ON deputies (deputy);
        ALTER TABLE approvals ADD COLUMN decided_for TEXT REFERENCES people (id);

        CREATE TABLE accounts (
            surface TEXT NOT NULL, account TEXT NOT NULL, person TEXT NOT NULL REFERENCES people (id),
            label TEXT NOT NULL, verified TEXT NOT NULL CHECK (verified IN ('code', 'address')),
            verified_by TEXT REFERENCES people (id), created INTEGER NOT NULL, PRIMARY KEY (surface, account)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX accounts_person ON accounts (person);

        -- By the SHA-256 of what was printed, which is nowhere. One for each person: a new one voids the last.
        CREATE TABLE link_codes (
            person TEXT PRIMARY KEY REFERENCES people (id), digest TEXT NOT NULL UNIQUE, created INTEGER NOT NULL,
            expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
