extension Migrations {
    static let checkpoints = """
        CREATE TABLE audit_checkpoints (
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, digest BLOB NOT NULL, signature BLOB NOT NULL
        ) STRICT;
        """
}
