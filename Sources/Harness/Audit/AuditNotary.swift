package import Logging
import Store

/// Signs the audit's end every minute that something was added, and at the end; tells the witnesses.
package struct AuditNotary: Sendable {
    private let audit: AuditLog
    private let key: AuditKey
    private let witnesses: [any AuditWitness]
    private let interval: Duration
    private let logger: Logger

    package init(
        audit: AuditLog, key: AuditKey, witnesses: [any AuditWitness], interval: Duration = .seconds(60), logger: Logger
    ) {
        self.audit = audit
        self.key = key
        self.witnesses = witnesses
        self.interval = interval
        self.logger = logger
    }

    /// Until cancelled; then once more. A witness that cannot be told is said to the operator, and told the next time:
    /// each checkpoint speaks for all rows before it.
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
            guard let checkpoint = try await audit.checkpoint(signedWith: key) else { return }
            for witness in witnesses { try await witness.record(checkpoint) }
        } catch {
            logger.error("the audit could not be witnessed", metadata: ["error": "\(error)"])
        }
    }
}

/// A file that is opened for appending alone; the operator sees to it that the harness can do no more
/// (`chattr +a`, or a directory of another user with the file writable by the group).
package struct FileWitness: AuditWitness {
    private let path: String

    package init(path: String) {
        self.path = path
    }

    package func record(_ checkpoint: AuditCheckpoint) async throws {
        try AppendingFile.append(Array((checkpoint.line + "\n").utf8), to: path)
    }
}
