package import Logging
import Store

/// Where checkpoints go that the harness cannot take back.
package protocol AuditWitness: Sendable {
    /// For the operator.
    var name: String { get }
    /// May throw, and may take its time: others do not wait for it. Gives up where it is cancelled.
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
    private var failing: [Int: String] = [:]
    /// For the last checkpoint: whoever stops the daemon waits for it.
    private let lastPatience: Duration

    package init(
        audit: AuditLog, key: AuditKey, witnesses: [any AuditWitness], interval: Duration = .seconds(60),
        lastPatience: Duration = .seconds(5), logger: Logger
    ) {
        self.audit = audit
        self.key = key
        self.witnesses = witnesses
        self.interval = interval
        self.lastPatience = lastPatience
        self.logger = logger
    }

    /// Until cancelled; then once more.
    package func run() async {
        while !Task.isCancelled {
            await attest()
            try? await Task.sleep(for: interval)
        }
        // The caller is cancelled, and what is left is not: for a while, and not longer where a witness hangs.
        let (ended, end) = AsyncStream<Void>.makeStream()
        let last = Task {
            await attest()
            end.finish()
        }
        let patience = Task { [lastPatience] in
            try? await Task.sleep(for: lastPatience)
            end.finish()
        }
        // Not cancelled with the caller, as iterating here would be.
        await Task { for await _ in ended {} }.value
        last.cancel()
        patience.cancel()
    }

    /// Each witness by name, with why it could not be told the last time.
    package func witnessStates() -> [(name: String, failure: String?)] {
        witnesses.enumerated().map { ($1.name, failing[$0]) }
    }

    package func attest() async {
        do {
            if let checkpoint = try await audit.checkpoint(signedWith: key) {
                for index in witnesses.indices { due[index] = checkpoint }
            }
        } catch {
            logger.error("the audit could not be signed", metadata: ["error": "\(error)"])
        }
        // At once: one that hangs keeps none of the others.
        await withTaskGroup(of: (Int, String?).self) { group in
            for (index, witness) in witnesses.enumerated() {
                guard let checkpoint = due[index] else { continue }
                group.addTask {
                    do {
                        try await witness.record(checkpoint)
                        return (index, nil)
                    } catch {
                        return (index, "\(error)")
                    }
                }
            }
            for await (index, failure) in group { settle(index, failure) }
        }
    }

    private func settle(_ index: Int, _ failure: String?) {
        guard let failure else {
            due[index] = nil
            if failing.removeValue(forKey: index) != nil {
                logger.notice("a witness of the audit is back", metadata: ["witness": "\(witnesses[index].name)"])
            }
            return
        }
        // Once, until it works again.
        guard failing.updateValue(failure, forKey: index) == nil else { return }
        logger.error(
            "the audit has no witness",
            metadata: ["witness": "\(witnesses[index].name)", "error": "\(failure)"])
    }
}

/// The log: where a service manager keeps it, the harness cannot rewrite it either.
package struct LogWitness: AuditWitness {
    package let name = "log"
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    package func record(_ checkpoint: AuditCheckpoint) async throws {
        logger.notice("audit checkpoint", metadata: ["line": "\(checkpoint.line)"])
    }
}
