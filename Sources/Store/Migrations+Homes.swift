extension Migrations {
    /// Where else a conversation lives, and what stands there of it.
    ///
    /// Whatever is said in a conversation with a home is on its way there the moment it is stored: by a trigger, so that no
    /// code path can forget it. Not what was said at that home itself, nor the answer to a question that came back as a
    /// message: those stand there already.
    static let homes = """
        CREATE TABLE conversation_homes (
            conversation TEXT NOT NULL REFERENCES conversations (id), surface TEXT NOT NULL, address TEXT NOT NULL,
            opens_thread INTEGER NOT NULL DEFAULT 0 CHECK (opens_thread IN (0, 1)), created INTEGER NOT NULL,
            PRIMARY KEY (conversation, surface)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX conversation_homes_address ON conversation_homes (surface, address, created);
        -- A thread is one conversation; a place without threads has one after the other.
        CREATE UNIQUE INDEX conversation_homes_thread ON conversation_homes (surface, address)
            WHERE instr(address, '/') > 0;

        CREATE TRIGGER messages_go_home AFTER INSERT ON messages WHEN NEW.surface IS NOT 'approval'
        BEGIN
            INSERT INTO outbox (message, surface, address, state, next_attempt, created)
            SELECT NEW.id, h.surface, h.address, 'pending', NEW.created, NEW.created FROM conversation_homes h
            WHERE h.conversation = NEW.conversation AND h.surface IS NOT NEW.surface;
        END;

        -- 'pending', 'claimed' by this process, 'delivered', 'failed' for good.
        DROP INDEX outbox_pending;
        CREATE INDEX outbox_open ON outbox (surface, address, id) WHERE state IN ('pending', 'claimed');
        CREATE INDEX outbox_failed ON outbox (surface, created) WHERE state = 'failed';

        -- What we made, or are about to make, in Slack. `subject` is what it stands for, `reference` what else is needed to
        -- find it or take it away: a file's id, an emoji's name.
        CREATE TABLE slack_posts (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, part INTEGER NOT NULL,
            channel TEXT NOT NULL, thread TEXT, ts TEXT, reference TEXT,
            state TEXT NOT NULL CHECK (state IN ('intended', 'up', 'ended')), created INTEGER NOT NULL,
            changed INTEGER NOT NULL, UNIQUE (kind, subject, channel, part)
        ) STRICT;
        CREATE INDEX slack_posts_left ON slack_posts (kind) WHERE state <> 'ended';
        CREATE INDEX slack_posts_place ON slack_posts (channel, ts) WHERE ts IS NOT NULL;
        """
}
