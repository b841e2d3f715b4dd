extension Migrations {
    /// Times are milliseconds since 1970, identifiers text, JSON text. What must never happen twice is held by a unique
    /// index, so that no code path can forget it.
    static let foundation = """
        CREATE TABLE people (
            id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE, role TEXT NOT NULL,
            os_uid INTEGER UNIQUE, created INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE channels (
            id TEXT PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, kind TEXT NOT NULL CHECK (kind IN ('dm', 'room')),
            owner TEXT REFERENCES people (id), created INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX channels_room_name ON channels (name) WHERE kind = 'room';
        CREATE UNIQUE INDEX channels_one_dm ON channels (owner) WHERE kind = 'dm';

        CREATE TABLE memberships (
            channel TEXT NOT NULL REFERENCES channels (id), person TEXT NOT NULL REFERENCES people (id),
            created INTEGER NOT NULL, PRIMARY KEY (channel, person)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX memberships_person ON memberships (person);

        CREATE TABLE conversations (
            id TEXT PRIMARY KEY, channel TEXT NOT NULL REFERENCES channels (id), title TEXT NOT NULL,
            mode TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX conversations_channel ON conversations (channel, updated);

        CREATE TABLE sessions (
            id TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations (id),
            requester TEXT NOT NULL REFERENCES people (id), labels INTEGER NOT NULL, state TEXT NOT NULL,
            compartment TEXT, started INTEGER NOT NULL, ended INTEGER, end_reason TEXT
        ) STRICT;
        CREATE UNIQUE INDEX sessions_one_live ON sessions (conversation, requester) WHERE state <> 'ended';
        CREATE INDEX sessions_requester ON sessions (requester);

        -- A turn is named by the user message that opened it: `turn` of all its messages, `in_reply_to` of its answer.
        CREATE TABLE messages (
            id TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations (id), seq INTEGER NOT NULL,
            kind TEXT NOT NULL, author TEXT REFERENCES people (id), on_behalf_by TEXT REFERENCES people (id),
            text TEXT NOT NULL, in_reply_to TEXT REFERENCES messages (id), turn TEXT REFERENCES messages (id),
            session TEXT REFERENCES sessions (id), surface TEXT, surface_event_id TEXT, state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL,
            UNIQUE (conversation, seq)
        ) STRICT;
        CREATE UNIQUE INDEX messages_accepted_once ON messages (surface, author, surface_event_id)
            WHERE surface_event_id IS NOT NULL;
        CREATE UNIQUE INDEX messages_answered_once ON messages (in_reply_to) WHERE in_reply_to IS NOT NULL;
        CREATE UNIQUE INDEX messages_one_turn ON messages (conversation) WHERE state = 'taken' AND turn = id;
        CREATE INDEX messages_inbox ON messages (conversation, seq) WHERE state = 'pending';
        CREATE INDEX messages_turn ON messages (turn) WHERE turn IS NOT NULL;

        CREATE TABLE attachments (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES people (id),
            conversation TEXT REFERENCES conversations (id), message TEXT REFERENCES messages (id), name TEXT NOT NULL,
            mime TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL, created INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX attachments_message ON attachments (message);

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY, message TEXT NOT NULL REFERENCES messages (id), surface TEXT NOT NULL,
            address TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
            next_attempt INTEGER NOT NULL, last_error TEXT, reference TEXT, created INTEGER NOT NULL, delivered INTEGER,
            UNIQUE (message, surface, address)
        ) STRICT;
        CREATE INDEX outbox_pending ON outbox (surface, next_attempt) WHERE state = 'pending';

        CREATE TABLE tool_calls (
            id TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES sessions (id), turn TEXT REFERENCES messages (id),
            tool TEXT NOT NULL, effect TEXT, arguments TEXT NOT NULL, state TEXT NOT NULL, result TEXT,
            milliseconds INTEGER, started INTEGER NOT NULL, ended INTEGER
        ) STRICT;
        CREATE INDEX tool_calls_turn ON tool_calls (turn);
        CREATE INDEX tool_calls_open ON tool_calls (session) WHERE ended IS NULL;

        CREATE TABLE model_calls (
            id INTEGER PRIMARY KEY, session TEXT REFERENCES sessions (id), conversation TEXT, requester TEXT,
            tier TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
            microdollars INTEGER NOT NULL, milliseconds INTEGER NOT NULL, stop_reason TEXT, error TEXT,
            started INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX model_calls_session ON model_calls (session);

        CREATE TABLE approvals (
            id TEXT PRIMARY KEY, call TEXT NOT NULL, session TEXT NOT NULL REFERENCES sessions (id),
            conversation TEXT NOT NULL REFERENCES conversations (id), requester TEXT NOT NULL REFERENCES people (id),
            tool TEXT NOT NULL, effect TEXT NOT NULL, arguments TEXT NOT NULL, digest TEXT NOT NULL,
            policy_digest TEXT NOT NULL, rule TEXT NOT NULL, reason TEXT NOT NULL, requested_of TEXT NOT NULL,
            state TEXT NOT NULL, decided_by TEXT REFERENCES people (id), note TEXT, created INTEGER NOT NULL,
            decided INTEGER, expires INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX approvals_pending ON approvals (expires) WHERE state = 'pending';
        CREATE INDEX approvals_open ON approvals (session) WHERE state = 'pending';

        -- The chain. Payloads stand outside it, by digest, so that purging one keeps it whole.
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT, requester TEXT,
            on_behalf_by TEXT, channel TEXT, conversation TEXT, session TEXT, call TEXT, tool TEXT, decision TEXT,
            rule TEXT, policy BLOB, microseconds INTEGER, result_bytes INTEGER, result_digest BLOB,
            payload_digest BLOB, previous BLOB NOT NULL, digest BLOB NOT NULL
        ) STRICT;
        CREATE INDEX audit_session ON audit (session);
        CREATE TABLE audit_payloads (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;

        CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated INTEGER NOT NULL) STRICT;
        """
}
