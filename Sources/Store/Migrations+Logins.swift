extension Migrations {
    /// Who may come in, by which name of the operating system, and which browsers are signed in.
    ///
    /// `os_name` of those who are there: a person's name is it, unless that was taken and got the user's number.
    static let logins = """
        ALTER TABLE people ADD COLUMN os_name TEXT;
        ALTER TABLE people ADD COLUMN active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1));
        UPDATE people SET os_name = CASE
            WHEN name LIKE '%-' || os_uid AND EXISTS (
                SELECT 1 FROM people p
                WHERE p.name = substr(people.name, 1, length(people.name) - length(people.os_uid) - 1))
            THEN substr(name, 1, length(name) - length(os_uid) - 1) ELSE name END
        WHERE os_uid IS NOT NULL;

        -- By the SHA-256 of what the browser holds, which is nowhere.
        CREATE TABLE browser_sessions (
            digest TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (id), issuer TEXT REFERENCES people (id),
            created INTEGER NOT NULL, seen INTEGER NOT NULL, expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX browser_sessions_person ON browser_sessions (person, seen);
        CREATE TABLE login_tickets (
            digest TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (id), issuer TEXT REFERENCES people (id),
            created INTEGER NOT NULL, expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
