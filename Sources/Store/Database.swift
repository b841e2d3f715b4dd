package import Logging
package import Model

import GRDB

/// Everything that must not be lost, in one SQLite database (WAL, synchronous FULL) with one writer, and the blobs beside
/// it. Queries are methods in `Database+<Topic>.swift`: one call is one transaction. All calls throw `StoreError`.
package final class Database: Sendable {
    package let directory: String
    package let blobs: BlobStore
    package let clock: WallClock
    package let identifiers: IdentifierSource

    let head: AuditHead
    private let data: DataDirectory
    private let pool: DatabasePool
    private let writer: WriteQueue
    private let checkpoints: DatabaseQueue
    private let logger: Logger

    /// Takes the directory's lock, opens or creates the database, checks it and brings it to this version. Blocks for
    /// some milliseconds (longer after a crash, when the file is checked as a whole). A database that reaches
    /// `maximumPages` (of 4 KiB) answers like a full disk.
    package init(
        directory: String, clock: WallClock = .system, identifiers: IdentifierSource = IdentifierSource(),
        logger: Logger = Logger(label: "bulkhead.store"), minimumFreeBytes: UInt64 = 32 << 20,
        maximumPages: Int? = nil
    ) throws {
        self.directory = directory
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
        data = try DataDirectory(path: directory, minimumFreeBytes: minimumFreeBytes)
        do {
            blobs = try BlobStore(directory: data.blobs)
            head = try AuditHead(path: data.auditHead)
            pool = try DatabasePool(path: data.database, configuration: Self.configuration())
            try Self.prepare(pool, path: data.database, endedInOrder: data.endedInOrder)
            if let maximumPages {
                try pool.writeWithoutTransaction { db in
                    try db.execute(sql: "PRAGMA max_page_count = \(maximumPages)")
                }
            }
            checkpoints = try DatabaseQueue(path: data.database, configuration: Self.configuration())
        } catch {
            throw StoreError(error, path: data.database)
        }
        writer = WriteQueue(pool: pool, head: head)
        do {
            // A witness from the start: rows without one are then never the work of a crash.
            let isNew = try pool.read { db in try db.auditTail() == .start }
            if try isNew && head.isEmpty { try head.write(.start) }
        } catch {
            throw StoreError(error, path: data.database)
        }
    }

    /// Moves the write-ahead log into the database every half second, from a connection of its own: on the writer it
    /// would cost those who wait (p99 15 ms instead of 2 to 5). Runs until cancelled.
    package func run() async throws {
        var isInTrouble = false
        while !Task.isCancelled {
            do {
                try await checkpoints.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) }
                if isInTrouble { logger.notice("the database log is moved again") }
                isInTrouble = false
            } catch is CancellationError {
                return
            } catch {
                // Said once: a full disk stays full for longer than half a second.
                if !isInTrouble {
                    logger.error(
                        "the database log could not be moved",
                        metadata: ["error": "\(StoreError(error, path: data.database))"])
                }
                isInTrouble = true
            }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Writes what waits, then closes. Later calls throw.
    package func close() {
        writer.close()
        try? checkpoints.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        do {
            try checkpoints.close()
            try pool.close()
            data.release(inOrder: true)
        } catch {
            data.release(inOrder: false)
            logger.warning("the database did not close", metadata: ["error": "\(error)"])
        }
    }

    /// SQLite's word on the writer's durability: 2 is FULL, and nothing less will do.
    package func synchronous() async throws -> Int {
        try await write { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1 }
    }

    func read<T: Sendable>(_ body: @Sendable (Connection) throws -> T) async throws -> T {
        do {
            return try await pool.read(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StoreError(error, path: data.database)
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        do {
            return try await writer.perform(body)
        } catch {
            throw StoreError(error, path: data.database)
        }
    }

    /// A sign after each transaction that changed something in `table`, several of them as one; ends with the stream.
    func changes(of table: String) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let observation = DatabaseRegionObservation(tracking: Table(table)).start(
                in: pool, onError: { _ in continuation.finish() }, onChange: { _ in continuation.yield() })
            continuation.onTermination = { _ in observation.cancel() }
        }
    }

    func append(_ seal: @escaping @Sendable (AuditTail) -> SealedAuditRow) async throws -> Int64 {
        do {
            return try await writer.append(seal)
        } catch {
            throw StoreError(error, path: data.database)
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "bulkhead.store"
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
        }
        return configuration
    }

    private static func prepare(_ pool: DatabasePool, path: String, endedInOrder: Bool) throws {
        let migrator = Migrations.migrator()
        try pool.writeWithoutTransaction { db in
            // GRDB sets NORMAL when it turns WAL on, with which a power cut loses acknowledged commits.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                throw StoreError(.failed, "SQLite does not honour synchronous = FULL on \(path).")
            }
            if !endedInOrder {
                let finding = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
                guard finding == "ok" else {
                    throw StoreError(.broken, StoreError.brokenMessage(path: path, finding: finding))
                }
            }
            guard try !migrator.hasBeenSuperseded(db) else {
                throw StoreError(
                    .newer,
                    "The database \(path) was written by a newer version of Bulkhead. Start that version; this one "
                        + "leaves the file as it is.")
            }
        }
        try migrator.migrate(pool)
    }
}
