extension Migrations {
    /// When a grant of a secret or of an address was last what let something through: who looks after them takes back what
    /// nobody uses.
    static let grantUses = """
        ALTER TABLE secret_grants ADD COLUMN last_used INTEGER;
        ALTER TABLE egress_grants ADD COLUMN last_used INTEGER;
        """
}
