extension LeakGuard {
    /// What is in a file, for those who hand it on as it is or not at all.
    package func findings(in bytes: [UInt8], of subject: LeakSubject) -> [LeakFinding] {
        let (automaton, exemptions) = current(for: subject.session)
        return bytes.withUnsafeBufferPointer { bytes in
            Self.findings(Self.places(automaton, automaton.scan(bytes).matches, bytes, exemptions, subject))
        }
    }
}
