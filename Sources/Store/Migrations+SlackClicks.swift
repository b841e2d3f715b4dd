extension Migrations {
    /// What people clicked and sent off in Slack, kept before it is acknowledged; and a way to see what was said out of order.
    ///
    /// `body` is what is needed of it, until it is done; after that the row is only there so that the same one is not done
    /// again. `lane` is the card whose clicks are worked off one after the other; of an account that is nobody's here, that
    /// account. `digest` is of what Slack calls it by.
    static let slackClicks = """
        CREATE TABLE slack_clicks (
            id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
            is_known INTEGER NOT NULL CHECK (is_known IN (0, 1)), lane TEXT NOT NULL, body TEXT,
            state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')), attempts INTEGER NOT NULL DEFAULT 0,
            next_attempt INTEGER NOT NULL, error TEXT, received INTEGER NOT NULL, settled INTEGER
        ) STRICT;
        CREATE INDEX slack_clicks_waiting ON slack_clicks (lane, id) WHERE state = 'pending';
        CREATE INDEX slack_clicks_account ON slack_clicks (is_known, account) WHERE state = 'pending';
        CREATE INDEX slack_clicks_settled ON slack_clicks (settled) WHERE state <> 'pending';
        -- Whether something said later in a thread came before what it answers.
        CREATE INDEX slack_events_done ON slack_events (lane, at) WHERE state = 'done';
        -- The time stamp of the first thing they said in it; empty: from the beginning.
        ALTER TABLE slack_speakers ADD COLUMN since TEXT NOT NULL DEFAULT '';
        """
}
