import Audit
import Harness
import MCP
import Store

/// The audit alone: how fast rows become durable, and how fast a million of them is checked.
enum AuditRows {
    static func measure(_ options: Options) async throws -> [Row] {
        let directory = try options.directory("audit")
        let bench = try await GateBench(directory: directory)
        let audit = try await AuditLog.open(bench.database)
        let (rate, acknowledged) = try await bench.withDatabase {
            try await append(to: audit, writers: 1000, each: 200)
        }
        let floor = try await python(options, floorProgram, directory + "-floor.sqlite")
        _ = try await bench.withDatabase { try await append(to: audit, writers: 2000, each: 400) }
        let start = ContinuousClock.now
        let verification = try await audit.verify()
        let verified = ContinuousClock.now - start
        guard verification.isWhole, verification.rows >= 1_000_000 else {
            throw BenchError("the audit is not whole: \(verification.problems)")
        }
        let reading = try await python(options, readingProgram, directory + "/bulkhead.sqlite")
        bench.close()
        return [
            Row(
                name: "audit, durable rows, 1,000 writers", value: rate, unit: "rows/s", better: .higher,
                target: "≥ 100,000", peerName: "plain SQLite FULL, 100 rows a transaction", peer: floor),
            Row(
                name: "audit, p99 until durable at that rate", value: acknowledged.p99, unit: "ms", better: .lower,
                target: "< 10 at 50,000/s", peerName: "none"),
            Row(
                name: "audit, a million rows verified", value: verified.inSeconds * 1e6 / Double(verification.rows),
                unit: "s", better: .lower, target: "≤ 5", peerName: "Python reading the same rows",
                peer: reading * 1e6 / Double(verification.rows)),
        ]
    }

    private static func append(
        to audit: AuditLog, writers: Int, each: Int
    ) async throws -> (rate: Double, acknowledged: Samples) {
        let start = ContinuousClock.now
        let samples = try await withThrowingTaskGroup(of: Samples.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    try await Samples.of(each) {
                        try await audit.event("bench", details: ["writer": .int(Int64(writer))])
                    }
                }
            }
            var all = Samples()
            for try await samples in group { all.add(samples) }
            return all
        }
        return (Double(writers * each) / (ContinuousClock.now - start).inSeconds, samples)
    }

    private static func python(_ options: Options, _ program: String, _ path: String) async throws -> Double {
        let output = try await Program.output(options.python, ["-c", program, path])
        guard let value = Double(output.filter { !$0.isWhitespace }) else {
            throw BenchError("Python's SQLite said: \(output)")
        }
        return value
    }

    private static let floorProgram = """
        import sqlite3, sys, time
        db = sqlite3.connect(sys.argv[1], isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL"); db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE rows (seq INTEGER PRIMARY KEY, at INTEGER, kind TEXT, previous BLOB, digest BLOB, body BLOB)")
        start, row = time.monotonic(), (1, "event", bytes(32), bytes(32), b'{"writer":1}')
        for _ in range(500):
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO rows (at, kind, previous, digest, body) VALUES (?, ?, ?, ?, ?)", [row] * 100)
            db.execute("COMMIT")
        print(50000 / (time.monotonic() - start))
        """

    private static let readingProgram = """
        import sqlite3, sys, time
        db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
        start = time.monotonic()
        for _ in db.execute("SELECT * FROM audit LEFT JOIN audit_payloads USING (seq) ORDER BY seq"): pass
        print(time.monotonic() - start)
        """
}
