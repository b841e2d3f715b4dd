internal import Audit
internal import Compartments
internal import MCP
package import Model

/// Tries the walls of this installation from inside compartments of its own, one drill at a time.
package actor Drill {
    package enum Progress: Sendable {
        case began(DrillGroup, attempts: Int)
        case attempt(DrillAttempt)
    }

    package struct Busy: Error, CustomStringConvertible {
        package let description = "A drill is running already: wait for its end."
    }

    private let services: DrillServices
    private let clock = ContinuousClock()
    private var isRunning = false

    /// All of it. What is not tried by then counts as failed.
    static let deadline = Duration.seconds(150)

    package init(_ services: DrillServices) {
        self.services = services
    }

    /// What a daemon that died in a drill left behind. To be called once somebody answers for containers.
    package func removeLeftovers() async throws {
        guard !isRunning else { return }
        try await DrillSandbox.removeLeftovers(services.pool)
    }

    /// `tell` is called in order and must not block for long. Throws `Busy`, where no compartment can be had, and where
    /// the audit cannot be written; what was made is gone then, too. Cancelled, it ends early, with nothing left behind.
    package func run(
        _ groups: Set<DrillGroup>, by person: PersonID, tell: @escaping @Sendable (Progress) async -> Void
    ) async throws -> DrillReport {
        guard !isRunning else { throw Busy() }
        isRunning = true
        defer { isRunning = false }
        let began = clock.now
        try await services.audit.event(
            "drill.started", subject: AuditSubject(requester: person),
            details: ["groups": .array(DrillGroup.allCases.filter(groups.contains).map { .string($0.rawValue) })])
        let report: DrillReport
        do {
            let (attempts, left) = try await attempts(in: groups, by: person, began, tell)
            report = DrillReport(attempts: attempts, duration: clock.now - began, left: left)
        } catch {
            await brokenOff(error, by: person)
            throw error
        }
        try await services.audit.event(
            "drill.ended", subject: AuditSubject(requester: person),
            details: [
                "verdict": report.json["verdict"] ?? .null, "attempts": .int(Int64(report.attempts.count)),
                "failed": .array(report.failures.map { .string($0.id) }),
            ])
        return report
    }

    /// Not in the caller's task: that may be the one that was cancelled.
    private func brokenOff(_ error: any Error, by person: PersonID) async {
        await Task { [audit = services.audit] in
            _ = try? await audit.event(
                "drill.ended", subject: AuditSubject(requester: person),
                details: ["verdict": "broken off", "error": .string("\(error)")])
        }.value
    }

    private func attempts(
        in groups: Set<DrillGroup>, by person: PersonID, _ began: ContinuousClock.Instant,
        _ tell: @escaping @Sendable (Progress) async -> Void
    ) async throws -> ([DrillAttempt], [String]) {
        try await DrillSandbox.removeLeftovers(services.pool)
        var (attempts, left): ([DrillAttempt], [String]) = ([], [])
        for group in DrillGroup.allCases where groups.contains(group) {
            try Task.checkCancellation()
            let trials = Catalogue.trials(of: group)
            await tell(.began(group, attempts: trials.count))
            var found: [DrillAttempt] = []
            if clock.now - began < Self.deadline {
                // A sandbox for each group: what one does to it is nothing to the next.
                let made = try await DrillSandbox.take(from: services.pool, identifiers: services.identifiers)
                do {
                    found = try await GroupRun(group: group, sandbox: made, services: services, person: person)
                        .attempts()
                } catch is CancellationError {
                    _ = await made.end()
                    throw CancellationError()
                } catch {
                    found = trials.map { $0.failed("the group could not be tried: \(error)") }
                }
                left += await made.end()
            }
            for trial in trials {
                let attempt = found.first { $0.id == trial.id } ?? trial.failed("not tried: the drill's time was over")
                attempts.append(attempt)
                await tell(.attempt(attempt))
            }
        }
        return (attempts, left)
    }
}
