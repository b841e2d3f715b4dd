extension Migrations {
    /// Whether a message's words are somebody else's, handed in for its author: by a program, say.
    static let relayed = """
        ALTER TABLE messages ADD COLUMN is_relayed INTEGER NOT NULL DEFAULT 0 CHECK (is_relayed IN (0, 1));
        """
}
