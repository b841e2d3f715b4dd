import Foundation
import GRDB
import Logging
import MCP
import Model
import Store
import Synchronization
import Testing

@testable import Audit

/// What an audit is left with when processes, witnesses and operators do what they do.
@Suite struct RecoveryTests {
    private let folder = TemporaryFolder()

    private func call(_ id: String, _ kind: AuditKind, _ decision: AuditDecision? = nil) -> AuditDraft {
        AuditDraft(
            kind, event: kind == .outcome ? "done" : nil,
            subject: AuditSubject(requester: PersonID(trusted: "anna"), call: CallID(trusted: id)), tool: "bash",
            decision: decision)
    }

    @Test func aCallThatWasCutOffGetsAnOutcomeOnce() async throws {
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        try await audit.append(call("a", .intent, .allow))
        try await audit.append(call("a", .outcome))
        try await audit.append(call("b", .intent, .allow))
        try await audit.append(call("c", .intent, .deny))
        try await audit.append(call("d", .intent, .approved))
        for _ in 0..<3 { try await audit.settleOpenCalls() }
        let rows = try await audit.rows(matching: AuditFilter())
        let settled = rows.filter { $0.event == "unknown" }
        #expect(
            settled.map(\.call) == ["b", "d"] && settled.allSatisfy { $0.kind == "outcome" && $0.requester == "anna" })
        #expect(settled.first?.error?.contains("the daemon ended") == true)
        #expect(rows.count == 7)
        try await audit.append(call("e", .intent, .allow))
        try await audit.settleOpenCalls()
        #expect(try await audit.rows(matching: AuditFilter()).last?.call == "e")
        #expect(try await audit.rows(matching: AuditFilter()).count == 9)
        #expect(try await audit.verify().isWhole)
        database.close()
    }

    @Test func manyCutOffCallsAreAllSettled() async throws {
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        for number in 0..<1003 { try await audit.append(call("c\(number)", .intent, .allow)) }
        try await audit.settleOpenCalls()
        #expect(try await audit.rows(matching: filter { $0.kind = .outcome }).count == 1003)
        database.close()
    }

    private func filter(_ change: (inout AuditFilter) -> Void) -> AuditFilter {
        var filter = AuditFilter()
        filter.limit = 5000
        change(&filter)
        return filter
    }

    @Test func detailsThatAreLostLowerWhatIsProvable() async throws {
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        for _ in 0..<10 { try await audit.event("x", details: ["a": 1]) }
        try await database.purgeAuditPayload(7)
        let lost = try await audit.verify()
        #expect(lost.provableTo == 6 && lost.problems.map(\.kind) == [.payloadMissing])
        let anna = try await database.findOrCreatePerson(name: "anna")
        // Erased on record afterwards: there is nothing left to erase, so nothing to explain it with.
        await #expect(throws: StoreError.self) { try await audit.erase(7, by: anna.id, reason: "late") }
        #expect(try await audit.verify().provableTo == 6)
        database.close()
    }

    @Test func erasingKeepsTheChainAndWhatItRestsOn() async throws {
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        let anna = try await database.findOrCreatePerson(name: "anna")
        for _ in 0..<3 { try await audit.event("x", details: ["a": 1]) }
        try await audit.event("bare")
        try await audit.erase(2, by: anna.id, reason: "a name")
        let erased = try await audit.verify()
        #expect(erased.isWhole && erased.provableTo == 5)
        // Absent, without details, erased already, and the record of the erasing itself.
        for row: Int64 in [99, 4, 2, 5] {
            await #expect(throws: StoreError.self) { try await audit.erase(row, by: anna.id, reason: "r") }
        }
        #expect(try await audit.verify().isWhole)
        database.close()
    }

    @Test func theFutureIsNotPruned() async throws {
        let now = Timestamp(milliseconds: 50_000)
        let database = try Store.Database(directory: folder.path, clock: WallClock { now })
        let audit = try await AuditLog.open(database)
        let anna = try await database.findOrCreatePerson(name: "anna")
        await #expect(throws: StoreError.self) {
            try await audit.prune(before: now.advanced(by: .seconds(1)), by: anna.id)
        }
        #expect(try await audit.prune(before: now, by: anna.id) == 0)
        database.close()
    }

    /// 200 days of a checkpoint every ten minutes.
    @Test func oldCheckpointsAreThinned() async throws {
        let database = try Store.Database(directory: folder.path)
        let day: Int64 = 86_400_000
        let end = 200 * day
        database.close()
        // Whoever else writes at that moment is waited for.
        var patient = Configuration()
        patient.busyMode = .timeout(20)
        let queue = try DatabaseQueue(path: folder.path + "/bulkhead.sqlite", configuration: patient)
        try await queue.write { db in
            for number in 0..<200 * 144 {
                try db.execute(
                    sql: "INSERT INTO audit_checkpoints (seq, at, digest, signature) VALUES (?, ?, x'00', x'00')",
                    arguments: [number + 1, Int64(number) * 600_000])
            }
        }
        try queue.close()
        let again = try Store.Database(directory: folder.path)
        try await again.thinCheckpoints(at: Timestamp(milliseconds: end))
        let left = try await again.auditCheckpoints()
        // A day of 144, 89 of 24, 110 of one, and the oldest.
        let expected: Int = 144 + 89 * 24 + 110 + 1
        #expect(abs(left.count - expected) <= 2, "\(left.count)")
        #expect(left.first?.sequence == 1)
        #expect(left.last?.sequence == 28_800)
        try await again.thinCheckpoints(at: Timestamp(milliseconds: end))
        #expect(try await again.auditCheckpoints().count == left.count)
        again.close()
    }

    private final class Hanging: AuditWitness {
        let name = "hanging"
        let wasTold = Mutex(0)
        func record(_ checkpoint: AuditCheckpoint) async throws {
            let isFirst = wasTold.withLock { count in
                count += 1
                return count == 1
            }
            guard !isFirst else { return }
            // Does not listen when it is cancelled either.
            await withCheckedContinuation { continuation in
                DispatchQueue.global().asyncAfter(deadline: .now() + 8) { continuation.resume() }
            }
        }
    }

    private final class Quick: AuditWitness {
        let name = "quick"
        let told = Mutex<[Int64]>([])
        func record(_ checkpoint: AuditCheckpoint) async throws { told.withLock { $0.append(checkpoint.sequence) } }
    }

    /// A witness that hangs delays neither the others nor the end.
    @Test func aHangingWitnessDelaysNobody() async throws {
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        try await audit.event("x")
        let (hanging, quick) = (Hanging(), Quick())
        let notary = AuditNotary(
            audit: audit, key: try AuditKey(file: folder.path + "/audit.key"), witnesses: [hanging, quick],
            interval: .seconds(600), lastPatience: .milliseconds(300),
            logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { await notary.run() }
        while quick.told.withLock({ $0.isEmpty }) || hanging.wasTold.withLock({ $0 == 0 }) { await Task.yield() }
        try await audit.event("y")
        let start = ContinuousClock.now
        running.cancel()
        await running.value
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(hanging.wasTold.withLock { $0 } == 2 && quick.told.withLock { $0 } == [1, 2])
        database.close()
    }
}
