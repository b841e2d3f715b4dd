import Dispatch
import GRDB
import Synchronization

/// The one writer. Whatever waits when it gets round to it, up to 1,024 writes, becomes one transaction, each write a
/// savepoint of its own: many writers share one fsync, and one that fails harms none of the others. A write that was
/// submitted is done and answered even when its caller has been cancelled. What waits is bounded by the callers that wait.
final class WriteQueue: Sendable {
    private struct Waiting {
        var writes: [any PendingWrite] = []
        var isScheduled = false
        var isClosed = false
    }

    private let pool: DatabasePool
    private let head: AuditHead
    private let waiting = Mutex(Waiting())
    /// The newest audit row, as of the last commit; `nil`: read it from the table. Touched on `queue` only.
    private let tail = Mutex<AuditTail?>(nil)
    private let queue = DispatchQueue(label: "bulkhead.store.writer", qos: .userInitiated)
    private let groupLimit = 1024

    init(pool: DatabasePool, head: AuditHead) {
        self.pool = pool
        self.head = head
    }

    /// `body` runs inside a savepoint on the writer's thread; it is done, durably, when this returns.
    func perform<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            submit(OrdinaryWrite(body: body, continuation: continuation))
        }
    }

    /// Appends to the audit chain: `seal` gets the newest row and makes the next one of it.
    func append(_ seal: @escaping @Sendable (AuditTail) -> SealedAuditRow) async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            submit(AuditWrite(seal: seal, head: head, continuation: continuation))
        }
    }

    /// Ends the queue after what already waits.
    func close() {
        waiting.withLock { $0.isClosed = true }
        queue.sync {}
        head.finish()
    }

    private func submit(_ write: any PendingWrite) {
        let (isRefused, startsDrain) = waiting.withLock { waiting in
            guard !waiting.isClosed else { return (true, false) }
            waiting.writes.append(write)
            defer { waiting.isScheduled = true }
            return (false, !waiting.isScheduled)
        }
        if isRefused { write.finish(throwing: StoreError(.failed, "The database is closed.")) }
        if startsDrain { queue.async { self.drain() } }
    }

    private func drain() {
        while true {
            let group = waiting.withLock { waiting in
                let group = Array(waiting.writes.prefix(groupLimit))
                waiting.writes.removeFirst(group.count)
                if group.isEmpty { waiting.isScheduled = false }
                return group
            }
            guard !group.isEmpty else { return }
            commit(group)
        }
    }

    private func commit(_ group: [any PendingWrite]) {
        var failures = [(any Error)?](repeating: nil, count: group.count)
        var newest = tail.withLock { $0 }
        let durable = newest
        do {
            try pool.writeWithoutTransaction { db in
                do {
                    try db.beginTransaction(.immediate)
                    try run(group, on: db, tail: &newest, failures: &failures)
                    try db.commit()
                } catch {
                    // COMMIT can fail and leave the transaction open (SQLITE_FULL does).
                    if db.isInsideTransaction { try? db.rollback() }
                    throw error
                }
            }
        } catch {
            tail.withLock { $0 = nil }
            for write in group { write.finish(throwing: error) }
            return
        }
        tail.withLock { $0 = newest }
        if let newest, newest != durable { head.follow(newest) }
        for (write, failure) in zip(group, failures) { write.finish(throwing: failure) }
    }

    /// Rows of the audit that follow each other share a savepoint: their own would cost as much as they do. Where one
    /// fails, all of them are done again one by one, so that only that one does.
    private func run(
        _ group: [any PendingWrite], on db: Connection, tail: inout AuditTail?, failures: inout [(any Error)?]
    ) throws {
        var rest = group.indices
        while let first = rest.first {
            let count = max(1, group[rest].prefix { $0.isAudit }.count)
            let some = rest.prefix(count)
            rest = rest.dropFirst(count)
            guard let failure = try attempt(group[some], on: db, tail: &tail) else { continue }
            if count == 1 {
                failures[first] = failure
            } else {
                for index in some { failures[index] = try attempt(group[index...index], on: db, tail: &tail) }
            }
        }
    }

    /// All or none. Returns what went wrong in them; throws where that ended the whole transaction.
    private func attempt(
        _ writes: ArraySlice<any PendingWrite>, on db: Connection, tail: inout AuditTail?
    ) throws -> (any Error)? {
        var newest = tail
        try db.run("SAVEPOINT write")
        do {
            for write in writes { try write.run(on: db, tail: &newest) }
            try db.run("RELEASE write")
            tail = newest
            return nil
        } catch {
            // On a full disk or an I/O error SQLite may roll back everything: then the whole group failed.
            guard db.isInsideTransaction else { throw error }
            try db.run("ROLLBACK TO write")
            try db.run("RELEASE write")
            return error
        }
    }
}

/// A write that waits with its continuation. Resumed exactly once, by `finish`.
private protocol PendingWrite: AnyObject, Sendable {
    var isAudit: Bool { get }
    /// Without effect besides the database until `finish`: it may run a second time after a rollback.
    func run(on db: Connection, tail: inout AuditTail?) throws
    func finish(throwing error: (any Error)?)
}

/// `@unchecked`: `result` is touched by the writer's queue alone, first in `run`, then in `finish`.
private final class OrdinaryWrite<T: Sendable>: PendingWrite, @unchecked Sendable {
    private let body: @Sendable (Connection) throws -> T
    private let continuation: CheckedContinuation<T, any Error>
    private var result: T?

    init(body: @escaping @Sendable (Connection) throws -> T, continuation: CheckedContinuation<T, any Error>) {
        self.body = body
        self.continuation = continuation
    }

    var isAudit: Bool { false }

    func run(on db: Connection, tail: inout AuditTail?) throws {
        result = try body(db)
    }

    func finish(throwing error: (any Error)?) {
        if let result, error == nil {
            continuation.resume(returning: result)
        } else {
            continuation.resume(throwing: error ?? StoreError(.failed, "The write was not run."))
        }
    }
}

/// `@unchecked`: `sequence` as `OrdinaryWrite.result`.
private final class AuditWrite: PendingWrite, @unchecked Sendable {
    private let seal: @Sendable (AuditTail) -> SealedAuditRow
    private let head: AuditHead
    private let continuation: CheckedContinuation<Int64, any Error>
    private var sequence: Int64 = 0

    init(
        seal: @escaping @Sendable (AuditTail) -> SealedAuditRow, head: AuditHead,
        continuation: CheckedContinuation<Int64, any Error>
    ) {
        self.seal = seal
        self.head = head
        self.continuation = continuation
    }

    var isAudit: Bool { true }

    func run(on db: Connection, tail: inout AuditTail?) throws {
        try head.checkWitness()
        let newest = try tail ?? db.auditTail()
        let sealed = seal(newest)
        try db.insert(sealed)
        sequence = sealed.row.sequence
        tail = AuditTail(sequence: sealed.row.sequence, digest: sealed.row.digest)
    }

    func finish(throwing error: (any Error)?) {
        if let error { continuation.resume(throwing: error) } else { continuation.resume(returning: sequence) }
    }
}
