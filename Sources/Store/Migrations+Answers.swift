extension Migrations {
    /// What people think of answers, and for which turn a model was called: NULL for calls from before that was kept.
    static let answers = """
        CREATE TABLE answer_feedback (
            message TEXT NOT NULL REFERENCES messages (id), person TEXT NOT NULL REFERENCES people (id),
            conversation TEXT NOT NULL REFERENCES conversations (id),
            value TEXT NOT NULL CHECK (value IN ('good', 'bad')), words TEXT, at INTEGER NOT NULL,
            PRIMARY KEY (message, person)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX answer_feedback_at ON answer_feedback (at);

        ALTER TABLE model_calls ADD COLUMN turn TEXT;
        CREATE INDEX model_calls_turn ON model_calls (turn) WHERE turn IS NOT NULL;
        CREATE INDEX model_calls_requester ON model_calls (requester, started);
        """
}
