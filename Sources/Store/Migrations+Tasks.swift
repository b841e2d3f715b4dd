extension Migrations {
    /// Work that begins by itself. That a due time is claimed once, an event taken once, and a run begun once, is held by
    /// unique indexes: (task, cause, due, attempt), (task, event), and a message's (surface, author, event).
    static let tasks = """
        CREATE TABLE tasks (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES people (id), name TEXT NOT NULL COLLATE NOCASE,
            prompt TEXT NOT NULL, schedule TEXT NOT NULL, digest TEXT NOT NULL,
            channel TEXT NOT NULL REFERENCES channels (id),
            context TEXT NOT NULL CHECK (context IN ('isolated', 'thread')),
            conversation TEXT REFERENCES conversations (id), workshop TEXT REFERENCES conversations (id),
            mode TEXT NOT NULL, tier TEXT NOT NULL, misfire TEXT NOT NULL, backoff TEXT NOT NULL, on_crash TEXT NOT NULL,
            deadline INTEGER NOT NULL, jitter INTEGER NOT NULL, pre_check TEXT, monitor TEXT, budget INTEGER,
            role TEXT NOT NULL, labels INTEGER NOT NULL, origin TEXT NOT NULL, is_relayed INTEGER NOT NULL,
            unattended_by TEXT REFERENCES people (id), webhook_version INTEGER NOT NULL DEFAULT 0, snapshot TEXT, spoke INTEGER,
            state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'ended')), reason TEXT,
            last_due INTEGER NOT NULL, next_run INTEGER, failures INTEGER NOT NULL DEFAULT 0,
            revision INTEGER NOT NULL DEFAULT 1, created INTEGER NOT NULL, updated INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX tasks_due ON tasks (next_run) WHERE state = 'active' AND next_run IS NOT NULL;
        CREATE UNIQUE INDEX tasks_name ON tasks (owner, name) WHERE state <> 'ended';
        CREATE INDEX tasks_events ON tasks (id) WHERE state = 'active' AND next_run IS NULL;

        CREATE TABLE task_runs (
            id TEXT PRIMARY KEY, task TEXT NOT NULL REFERENCES tasks (id), owner TEXT NOT NULL REFERENCES people (id),
            cause TEXT NOT NULL, due INTEGER NOT NULL, attempt INTEGER NOT NULL, event TEXT, digest TEXT NOT NULL,
            state TEXT NOT NULL, reason TEXT, begins INTEGER NOT NULL, lease INTEGER, data TEXT, snapshot TEXT,
            conversation TEXT REFERENCES conversations (id), message TEXT UNIQUE REFERENCES messages (id),
            created INTEGER NOT NULL, started INTEGER, ended INTEGER,
            UNIQUE (task, cause, due, attempt)
        ) STRICT;
        CREATE UNIQUE INDEX task_runs_event_once ON task_runs (task, event, attempt) WHERE event IS NOT NULL;
        CREATE INDEX task_runs_waiting ON task_runs (begins) WHERE state = 'waiting';
        CREATE INDEX task_runs_open ON task_runs (state) WHERE state IN ('checking', 'running', 'blocked');
        CREATE INDEX task_runs_conversation ON task_runs (conversation) WHERE conversation IS NOT NULL;
        CREATE INDEX task_runs_of ON task_runs (task, created);

        -- What the owner of a task allowed once, when looking at a run of it: good for that task, as it was then.
        CREATE TABLE task_permits (
            task TEXT NOT NULL REFERENCES tasks (id), digest TEXT NOT NULL, tool TEXT NOT NULL, tool_digest TEXT NOT NULL,
            rule TEXT NOT NULL, destination TEXT NOT NULL, arguments TEXT NOT NULL, labels INTEGER NOT NULL,
            giver TEXT NOT NULL REFERENCES people (id), recorded INTEGER NOT NULL, created INTEGER NOT NULL,
            PRIMARY KEY (task, digest, tool, tool_digest, rule, destination)
        ) STRICT, WITHOUT ROWID;
        """
}
