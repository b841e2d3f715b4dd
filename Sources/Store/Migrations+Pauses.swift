extension Migrations {
    static let pauses = """
        CREATE TABLE pauses (
            scope TEXT PRIMARY KEY, paused_by TEXT NOT NULL REFERENCES people (id), reason TEXT NOT NULL,
            created INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
