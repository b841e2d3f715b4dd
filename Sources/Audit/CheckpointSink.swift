/// Where single checkpoints are delivered to: a log, a server.
package protocol CheckpointDelivery: Sendable {
    /// Returns once it is there, as far as that can be known. Bounded in time by itself.
    func deliver(_ checkpoint: AuditCheckpoint) async throws
}

/// A witness that gets every checkpoint, in order, from where it left off: while it is away they wait in the database.
/// Tried anew after a minute, then after twice as long each time, up to a quarter of an hour.
package actor CheckpointSink: AuditWitness {
    package nonisolated let name: String
    private let audit: AuditLog
    private let delivery: any CheckpointDelivery
    private let now: @Sendable () -> ContinuousClock.Instant
    private var failures = 0
    private var waitsUntil: ContinuousClock.Instant?
    private var lastFailure = ""

    private static let page = 100

    package init(
        _ name: String, audit: AuditLog, delivery: any CheckpointDelivery,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.name = name
        self.audit = audit
        self.delivery = delivery
        self.now = now
    }

    private struct Away: Error, CustomStringConvertible {
        let description: String
    }

    package func record(_ newest: AuditCheckpoint) async throws {
        if let waitsUntil, now() < waitsUntil { throw Away(description: lastFailure) }
        do {
            var after = try await audit.acknowledged(by: name)
            while true {
                let page = try await audit.checkpoints(after: after, limit: Self.page)
                for checkpoint in page {
                    try await delivery.deliver(checkpoint)
                    try await audit.acknowledge(checkpoint.sequence, by: name)
                }
                guard page.count == Self.page, let last = page.last else { break }
                after = last.sequence
            }
            (failures, waitsUntil) = (0, nil)
        } catch {
            // One that is ended with the daemon has not failed.
            if Task.isCancelled { throw error }
            failures += 1
            waitsUntil = now() + .seconds(min(900, 55 << min(failures - 1, 5)))
            lastFailure = "\(error)"
            throw error
        }
    }
}
