package import Logging
import Store

/// Where checkpoints go that the harness cannot take back.
package protocol AuditWitness: Sendable {
    func record(_ checkpoint: AuditCheckpoint) async throws
}

/// Signs the audit's end every minute that something was added, and at the end; tells the witnesses. One that cannot be
/// told is told the next time: each checkpoint speaks for all rows before it.
package actor AuditNotary {
    private let audit: AuditLog
    private let key: AuditKey
    private let witnesses: [any AuditWitness]
    private let interval: Duration
    private let logger: Logger
    /// By witness: what it has not been told yet, and whether the operator knows.
    private var due: [Int: AuditCheckpoint] = [:]
    private var failing: Set<Int> = []

    package init(
        audit: AuditLog, key: AuditKey, witnesses: [any AuditWitness], interval: Duration = .seconds(60), logger: Logger
    ) {
        self.audit = audit
        self.key = key
        self.witnesses = witnesses
        self.interval = interval
        self.logger = logger
    }

    /// Until cancelled; then once more.
    package func run() async {
        while !Task.isCancelled {
            await attest()
            try? await Task.sleep(for: interval)
        }
        // The caller is cancelled, and what is left is not.
        await Task { await attest() }.value
    }

    func attest() async {
        do {
            if let checkpoint = try await audit.checkpoint(signedWith: key) {
                for index in witnesses.indices { due[index] = checkpoint }
            }
        } catch {
            logger.error("the audit could not be signed", metadata: ["error": "\(error)"])
        }
        for (index, witness) in witnesses.enumerated() {
            guard let checkpoint = due[index] else { continue }
            do {
                try await witness.record(checkpoint)
                due[index] = nil
                failing.remove(index)
            } catch {
                guard failing.insert(index).inserted else { continue }
                logger.error("the audit has no witness", metadata: ["error": "\(error)"])
            }
        }
    }
}

/// The log: where a service manager keeps it, the harness cannot rewrite it either.
package struct LogWitness: AuditWitness {
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    package func record(_ checkpoint: AuditCheckpoint) async throws {
        logger.notice("audit checkpoint", metadata: ["line": "\(checkpoint.line)"])
    }
}
