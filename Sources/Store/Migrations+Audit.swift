extension Migrations {
    /// Outcomes by call: which calls have none is looked for at each start.
    static let audit = """
        CREATE INDEX audit_outcomes ON audit (call) WHERE kind = 'outcome';
        """
}
