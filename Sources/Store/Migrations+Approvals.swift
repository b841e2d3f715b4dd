extension Migrations {
    /// `turn`: the turn that asked, where its question can outlive it. `suspended`: since when nobody waits in the asking
    /// session; the answer then makes a message of its own. `taken`: when the answer reached the call it is for, once.
    static let approvals = """
        ALTER TABLE approvals ADD COLUMN turn TEXT REFERENCES messages (id);
        ALTER TABLE approvals ADD COLUMN suspended INTEGER;
        ALTER TABLE approvals ADD COLUMN taken INTEGER;
        ALTER TABLE approvals ADD COLUMN remind INTEGER;
        ALTER TABLE approvals ADD COLUMN reminded INTEGER;
        -- Until now whoever was told yes ran at once.
        UPDATE approvals SET state = 'used' WHERE state = 'allowed';
        UPDATE approvals SET taken = COALESCE(decided, created) WHERE state IN ('used', 'denied');
        CREATE INDEX approvals_session ON approvals (session);
        CREATE INDEX approvals_waiting ON approvals (conversation) WHERE state = 'pending';
        CREATE INDEX approvals_requester ON approvals (requester) WHERE state = 'pending';
        CREATE INDEX approvals_reminders ON approvals (remind) WHERE state = 'pending' AND reminded IS NULL;
        """
}
