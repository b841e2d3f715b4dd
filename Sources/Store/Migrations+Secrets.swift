extension Migrations {
    /// Secrets, sealed before they come here: this module never sees a value, nor the key that opens one.
    ///
    /// `vault` says by which master key the data keys are wrapped; its one row changes in the transaction that wraps them
    /// anew. `wrapped_key` and `sealed` are empty for values another backend keeps.
    static let secrets = """
        CREATE TABLE vault (
            id INTEGER PRIMARY KEY CHECK (id = 1), key_id TEXT NOT NULL, created INTEGER NOT NULL, rotated INTEGER
        ) STRICT;

        CREATE TABLE secrets (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, scope TEXT NOT NULL CHECK (scope IN ('person', 'channel', 'company')),
            person TEXT REFERENCES people (id), channel TEXT REFERENCES channels (id), backend TEXT NOT NULL,
            version INTEGER NOT NULL, wrapped_key BLOB, sealed BLOB, binding TEXT NOT NULL,
            created INTEGER NOT NULL, created_by TEXT NOT NULL REFERENCES people (id),
            changed INTEGER NOT NULL, changed_by TEXT NOT NULL REFERENCES people (id),
            last_used INTEGER, uses INTEGER NOT NULL DEFAULT 0,
            CHECK ((scope = 'person') = (person IS NOT NULL)), CHECK ((scope = 'channel') = (channel IS NOT NULL)),
            CHECK ((wrapped_key IS NULL) = (sealed IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX secrets_of_person ON secrets (person, name) WHERE scope = 'person';
        CREATE UNIQUE INDEX secrets_of_channel ON secrets (channel, name) WHERE scope = 'channel';
        CREATE UNIQUE INDEX secrets_of_company ON secrets (name) WHERE scope = 'company';

        -- Who may use one beside those its scope names, and without an admin's word each time.
        CREATE TABLE secret_grants (
            secret TEXT NOT NULL REFERENCES secrets (id) ON DELETE CASCADE, person TEXT REFERENCES people (id),
            channel TEXT REFERENCES channels (id), given_by TEXT NOT NULL REFERENCES people (id),
            created INTEGER NOT NULL, CHECK ((person IS NULL) <> (channel IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX secret_grants_person ON secret_grants (secret, person) WHERE person IS NOT NULL;
        CREATE UNIQUE INDEX secret_grants_channel ON secret_grants (secret, channel) WHERE channel IS NOT NULL;
        """
}
