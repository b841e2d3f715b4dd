/// The scan and whom it tells: what every way out passes.
package struct LeakScreen: Sendable {
    package let leaks: LeakGuard
    private let recorder: (any LeakRecorder)?

    /// Without a recorder what is found is replaced, and nobody hears of it.
    package init(_ leaks: LeakGuard = LeakGuard(), recorder: (any LeakRecorder)? = nil) {
        self.leaks = leaks
        self.recorder = recorder
    }

    /// The text as it may go on. Throws where something was found and that could not be put on record.
    package func screened(_ text: String, at place: LeakPlace, _ subject: LeakSubject) async throws -> String {
        try await screened([text], at: place, subject)[0]
    }

    /// Texts that stand one after the other.
    package func screened(
        _ texts: [String], at place: LeakPlace, _ subject: LeakSubject
    ) async throws -> [String] {
        let result = leaks.screened(texts, in: subject)
        try await report(result.findings, at: place, subject)
        return result.value
    }

    package func report(_ findings: [LeakFinding], at place: LeakPlace, _ subject: LeakSubject) async throws {
        guard !findings.isEmpty, let recorder else { return }
        try await recorder.record(LeakReport(findings: findings, place: place, subject: subject))
    }
}
