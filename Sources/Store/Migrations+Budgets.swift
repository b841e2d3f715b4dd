extension Migrations {
    /// On whose account a model call was made, what has been spent by account and quarter of an hour, and what is set aside
    /// for calls under way.
    ///
    /// `spend` follows from `model_calls`, by a trigger, so that no code path can forget it. Quarters of hours in UTC: the
    /// days of every zone begin at one, so that an operator may change zone, periods and limits at any time. The names of
    /// accounts are those of `BudgetSubject.account`.
    static let budgets = """
        ALTER TABLE model_calls ADD COLUMN channel TEXT;
        ALTER TABLE model_calls ADD COLUMN task TEXT;
        ALTER TABLE model_calls ADD COLUMN task_run TEXT;
        ALTER TABLE model_calls ADD COLUMN skill TEXT;
        ALTER TABLE model_calls ADD COLUMN subagent TEXT;
        -- 1: its bill never came; what it may have cost at most is booked.
        ALTER TABLE model_calls ADD COLUMN is_estimate INTEGER NOT NULL DEFAULT 0 CHECK (is_estimate IN (0, 1));
        UPDATE model_calls SET channel = (SELECT c.channel FROM conversations c WHERE c.id = model_calls.conversation);
        CREATE INDEX model_calls_started ON model_calls (started);

        CREATE TRIGGER model_calls_are_somebodys BEFORE INSERT ON model_calls
        WHEN NEW.session IS NULL OR NEW.conversation IS NULL OR NEW.channel IS NULL OR NEW.requester IS NULL
            OR NEW.turn IS NULL
        BEGIN
            SELECT RAISE(ABORT, 'a model call has to be on somebody''s account');
        END;

        CREATE TABLE spend (
            account TEXT NOT NULL, quarter INTEGER NOT NULL, microdollars INTEGER NOT NULL,
            PRIMARY KEY (account, quarter)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO spend (account, quarter, microdollars)
            SELECT account, quarter, SUM(microdollars) FROM (
                SELECT 'company' AS account, started / 900000 AS quarter, microdollars FROM model_calls
                UNION ALL SELECT 'channel/' || channel, started / 900000, microdollars FROM model_calls
                UNION ALL SELECT 'person/' || requester, started / 900000, microdollars FROM model_calls
                UNION ALL SELECT 'session/' || session, started / 900000, microdollars FROM model_calls)
            WHERE account IS NOT NULL AND microdollars > 0 GROUP BY account, quarter;
        CREATE TRIGGER model_calls_are_spent AFTER INSERT ON model_calls WHEN NEW.microdollars > 0
        BEGIN
            INSERT INTO spend (account, quarter, microdollars)
            SELECT column1, NEW.started / 900000, NEW.microdollars FROM (VALUES
                ('company'), ('channel/' || NEW.channel), ('person/' || NEW.requester), ('session/' || NEW.session),
                ('task/' || NEW.task), ('run/' || NEW.task_run))
            WHERE column1 IS NOT NULL
            ON CONFLICT (account, quarter) DO UPDATE SET microdollars = microdollars + excluded.microdollars;
        END;

        -- One row for each call under way. An id is never used twice, so that a late bill settles no other call.
        CREATE TABLE budget_reservations (
            id INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL REFERENCES sessions (id),
            conversation TEXT NOT NULL, channel TEXT NOT NULL, requester TEXT NOT NULL, turn TEXT NOT NULL, task TEXT,
            task_run TEXT, skill TEXT, subagent TEXT, tier TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
            microdollars INTEGER NOT NULL CHECK (microdollars >= 0), at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE budget_holds (
            account TEXT NOT NULL, at INTEGER NOT NULL,
            reservation INTEGER NOT NULL REFERENCES budget_reservations (id) ON DELETE CASCADE,
            microdollars INTEGER NOT NULL, PRIMARY KEY (account, at, reservation)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX budget_holds_reservation ON budget_holds (reservation);
        CREATE TRIGGER budget_reservations_hold AFTER INSERT ON budget_reservations
        BEGIN
            INSERT INTO budget_holds (account, at, reservation, microdollars)
            SELECT column1, NEW.at, NEW.id, NEW.microdollars FROM (VALUES
                ('company'), ('channel/' || NEW.channel), ('person/' || NEW.requester), ('session/' || NEW.session),
                ('task/' || NEW.task), ('run/' || NEW.task_run))
            WHERE column1 IS NOT NULL;
        END;

        -- Who has been told, in which turn, that an account has reached a level in the period that began at `start`.
        CREATE TABLE budget_warnings (
            account TEXT NOT NULL, period TEXT NOT NULL, start INTEGER NOT NULL, level TEXT NOT NULL,
            person TEXT NOT NULL REFERENCES people (id), turn TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (account, period, start, level, person)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX budget_warnings_turn ON budget_warnings (turn);

        -- Conversations whose messages wait for money, and how much there has to be for the call that could not be made.
        CREATE TABLE budget_waits (
            conversation TEXT PRIMARY KEY REFERENCES conversations (id), microdollars INTEGER NOT NULL,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- What admins were told of in the last day.
        CREATE TABLE cost_alerts (key TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        -- As before, and not the harness's own wish to go on with a turn that ran out of money, nor a task's prompt, which is
        -- nobody's line in a thread.
        DROP TRIGGER messages_go_home;
        CREATE TRIGGER messages_go_home AFTER INSERT ON messages
        WHEN NEW.surface IS NOT 'approval' AND NEW.surface IS NOT 'budget' AND NEW.surface IS NOT 'task'
        BEGIN
            INSERT INTO outbox (message, surface, address, state, next_attempt, created)
            SELECT NEW.id, h.surface, h.address, 'pending', NEW.created, NEW.created FROM conversation_homes h
            WHERE h.conversation = NEW.conversation AND h.surface IS NOT NEW.surface;
        END;
        """
}
