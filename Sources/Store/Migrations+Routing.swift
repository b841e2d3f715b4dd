extension Migrations {
    /// Which tier each turn was given and why, and the tier that a message asked for.
    ///
    /// What became of a turn, what it cost and what people thought of it stands elsewhere, by the turn.
    static let routing = """
        ALTER TABLE messages ADD COLUMN tier TEXT;

        CREATE TABLE route_decisions (
            turn TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES sessions (id),
            conversation TEXT NOT NULL REFERENCES conversations (id), channel TEXT NOT NULL, requester TEXT NOT NULL,
            at INTEGER NOT NULL, version INTEGER NOT NULL, score REAL NOT NULL,
            -- By the score alone; what the turn began with; what it ended with.
            routed TEXT NOT NULL, started TEXT NOT NULL, tier TEXT NOT NULL, requested TEXT,
            is_throttled INTEGER NOT NULL CHECK (is_throttled IN (0, 1)), shadow TEXT, reason TEXT NOT NULL,
            features TEXT NOT NULL, outcome TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX route_decisions_at ON route_decisions (at);
        CREATE INDEX route_decisions_conversation ON route_decisions (conversation, at);

        CREATE TABLE route_switches (
            id INTEGER PRIMARY KEY, turn TEXT NOT NULL, at INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        CREATE INDEX route_switches_turn ON route_switches (turn);
        """
}
