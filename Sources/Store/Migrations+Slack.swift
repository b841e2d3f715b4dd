extension Migrations {
    /// What Slack tells, which of its channels and threads are which here, and lines that were said to others.
    ///
    /// `slack_events.body` is the event as it came, until it is worked off; after that the row is only there so that the
    /// same event is not taken again. `lane` is the channel or thread whose events are worked off one after the other, in
    /// the order of `at`. `slack_threads.thread` is empty for the rolling conversation of a direct channel.
    static let slack = """
        CREATE TABLE slack_events (
            id INTEGER PRIMARY KEY, event_id TEXT UNIQUE, kind TEXT NOT NULL, lane TEXT NOT NULL, channel TEXT, ts TEXT,
            body TEXT, state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
            attempts INTEGER NOT NULL DEFAULT 0, next_attempt INTEGER NOT NULL, error TEXT, at INTEGER NOT NULL,
            received INTEGER NOT NULL, settled INTEGER
        ) STRICT;
        -- A mention comes as two events, of two event ids.
        CREATE UNIQUE INDEX slack_events_once ON slack_events (channel, ts, kind) WHERE ts IS NOT NULL;
        CREATE INDEX slack_events_waiting ON slack_events (lane, at, id) WHERE state = 'pending';
        CREATE INDEX slack_events_settled ON slack_events (settled) WHERE state = 'done';
        CREATE INDEX slack_events_failed ON slack_events (settled) WHERE state = 'failed';

        CREATE TABLE slack_channels (
            id TEXT PRIMARY KEY, channel TEXT REFERENCES channels (id), name TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('public', 'private', 'group', 'direct')),
            is_member INTEGER NOT NULL CHECK (is_member IN (0, 1)),
            is_archived INTEGER NOT NULL CHECK (is_archived IN (0, 1)), seen TEXT NOT NULL, created INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX slack_channels_room ON slack_channels (channel) WHERE kind <> 'direct';

        CREATE TABLE slack_threads (
            channel TEXT NOT NULL, thread TEXT NOT NULL, conversation TEXT NOT NULL REFERENCES conversations (id),
            seen TEXT NOT NULL, skip_told TEXT, PRIMARY KEY (channel, thread)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX slack_threads_conversation ON slack_threads (conversation);
        CREATE INDEX slack_threads_seen ON slack_threads (seen);
        -- Who has said something in a thread, the assistant aside.
        CREATE TABLE slack_speakers (
            channel TEXT NOT NULL, thread TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (channel, thread, account)
        ) STRICT, WITHOUT ROWID;
        -- How often programs were answered in a row, with nobody saying anything between.
        CREATE TABLE slack_bot_turns (place TEXT PRIMARY KEY, in_row INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        -- The name of one who said something and is nobody here.
        ALTER TABLE messages ADD COLUMN speaker TEXT;
        CREATE INDEX messages_event ON messages (surface, surface_event_id) WHERE surface_event_id IS NOT NULL;
        CREATE UNIQUE INDEX messages_heard_once ON messages (conversation, surface_event_id) WHERE kind = 'context';

        CREATE TABLE accounts_new (
            surface TEXT NOT NULL, account TEXT NOT NULL, person TEXT NOT NULL REFERENCES people (id),
            label TEXT NOT NULL, verified TEXT NOT NULL CHECK (verified IN ('code', 'address', 'workspace')),
            verified_by TEXT REFERENCES people (id), created INTEGER NOT NULL, PRIMARY KEY (surface, account)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO accounts_new SELECT * FROM accounts;
        DROP TABLE accounts;
        ALTER TABLE accounts_new RENAME TO accounts;
        CREATE INDEX accounts_person ON accounts (person);
        """
}
