import Foundation
import GRDB
import Logging
import MCP
import Model
import Store
import Synchronization
import Testing

@testable import Audit

@Suite struct CheckpointTests {
    private final class MemoryWitness: AuditWitness {
        let name = "memory"
        let lines = Mutex<[String]>([])
        func record(_ checkpoint: AuditCheckpoint) async throws { lines.withLock { $0.append(checkpoint.line) } }
        var checkpoints: [AuditCheckpoint] { lines.withLock { $0.compactMap { AuditCheckpoint(line: $0) } } }
    }

    private let folder = TemporaryFolder()
    private let witness = MemoryWitness()
    private let clock = Clock()

    private final class Clock: Sendable {
        let now = Mutex(Timestamp(milliseconds: 1_000_000))
    }

    private func database() throws -> Store.Database {
        try Store.Database(directory: folder.path, clock: WallClock { [clock] in clock.now.withLock { $0 } })
    }

    private var key: AuditKey { get throws { try AuditKey(file: folder.path + "/audit.key") } }

    /// `count` events with a checkpoint after every ten, an hour apart.
    private func written(_ count: Int, in database: Store.Database) async throws -> AuditLog {
        let audit = try await AuditLog.open(database)
        let notary = AuditNotary(
            audit: audit, key: try key, witnesses: [witness], logger: Logger(label: "test"))
        for number in 1...count {
            try await audit.event("test", details: ["number": .int(Int64(number))])
            guard number.isMultiple(of: 10) else { continue }
            await notary.attest()
            clock.now.withLock { $0 = $0.advanced(by: .seconds(3600)) }
        }
        return audit
    }

    @Test func aChainIsSignedForAndWitnessed() async throws {
        let database = try database()
        let audit = try await written(25, in: database)
        let verification = try await audit.verify(key: try key.publicKey, witnessed: witness.checkpoints)
        #expect(verification.isWhole && verification.rows == 25 && verification.signedTo == 20)
        #expect(witness.lines.withLock { $0.count } == 2)
        // Nothing new: nothing signed.
        await AuditNotary(audit: audit, key: try key, witnesses: [witness], logger: Logger(label: "t")).attest()
        await AuditNotary(audit: audit, key: try key, witnesses: [witness], logger: Logger(label: "t")).attest()
        #expect(witness.checkpoints.map(\.sequence) == [10, 20, 25])
        database.close()
    }

    /// What the service user could do with the database and the head file, but not with what a witness has.
    @Test func aChainWrittenAnewIsFoundByItsWitness() async throws {
        var database = try database()
        _ = try await written(20, in: database)
        database.close()
        let seen = witness.checkpoints
        try FileManager.default.removeItem(atPath: folder.path + "/bulkhead.sqlite")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name != "audit.key" {
            try FileManager.default.removeItem(atPath: folder.path + "/" + name)
        }
        clock.now.withLock { $0 = Timestamp(milliseconds: 1_000_000) }
        database = try self.database()
        let audit = try await AuditLog.open(database)
        for number in 1...30 { try await audit.event("lie", details: ["number": .int(Int64(number))]) }
        #expect(try await audit.verify(key: try key.publicKey).isWhole)
        let verification = try await audit.verify(key: try key.publicKey, witnessed: seen)
        #expect(verification.problems.map(\.kind) == [.rewritten, .rewritten])
        #expect(verification.provableTo == 9)
        database.close()
    }

    @Test func aShorterChainIsFoundByItsWitness() async throws {
        let database = try database()
        let audit = try await written(20, in: database)
        let other = TemporaryFolder()
        let short = try Store.Database(directory: other.path)
        let shortAudit = try await AuditLog.open(short)
        try await shortAudit.event("one")
        let verification = try await shortAudit.verify(key: try key.publicKey, witnessed: witness.checkpoints)
        #expect(verification.problems.map(\.kind).contains(.cutShort))
        #expect(try await audit.verify(key: try key.publicKey, witnessed: witness.checkpoints).isWhole)
        database.close()
        short.close()
    }

    @Test func aForgedCheckpointIsNamed() async throws {
        let database = try database()
        let audit = try await written(10, in: database)
        let mallory = try AuditKey(file: folder.path + "/other.key")
        let tail = try await database.auditTail()
        let forged = try AuditCheckpoint.sign(tail, at: Timestamp(milliseconds: 5), with: mallory)
        let verification = try await audit.verify(key: try key.publicKey, witnessed: [forged])
        #expect(verification.problems.map(\.kind) == [.forged])
        // One bit of any part of it, and the signature does not hold.
        for word in 2...4 {
            var words = try #require(witness.lines.withLock { $0.first }).split(separator: " ").map(String.init)
            words[word] = (words[word].hasPrefix("1") ? "2" : "1") + words[word].dropFirst()
            let changed = try #require(AuditCheckpoint(line: words.joined(separator: " ")))
            #expect(!changed.isSigned(by: try key.publicKey))
        }
        database.close()
    }

    @Test func pruningLeavesWhatCanBeVerified() async throws {
        let database = try database()
        let audit = try await written(50, in: database)
        let anna = try await database.findOrCreatePerson(name: "anna")
        // The third checkpoint was made two hours after the first.
        let cutoff = Timestamp(milliseconds: 1_000_000 + 2 * 3_600_000 + 1)
        #expect(try await audit.prune(before: cutoff, by: anna.id) == 30)
        let verification = try await audit.verify(key: try key.publicKey, witnessed: [])
        #expect(verification.isWhole, "\(verification.problems)")
        #expect(verification.rows == 21 && verification.prunedTo == 30 && verification.provableTo == 51)
        #expect(try await audit.rows(matching: AuditFilter()).first?.sequence == 31)
        #expect(try await audit.prune(before: Timestamp(milliseconds: 0), by: anna.id) == 0)
        database.close()
    }

    @Test(arguments: [
        // Nothing on record says that these were pruned.
        "DELETE FROM audit WHERE seq <= 20; DELETE FROM audit_payloads WHERE seq <= 20",
        // No checkpoint speaks for the row before the first.
        "DELETE FROM audit WHERE seq <= 15; DELETE FROM audit_payloads WHERE seq <= 15",
    ])
    func rowsThatAreGoneWithoutPruningAreMissed(sql: String) async throws {
        let database = try database()
        _ = try await written(30, in: database)
        database.close()
        try folder.tamper(sql)
        let reopened = try self.database()
        let verification = try await AuditLog.verify(reopened, key: try key.publicKey)
        #expect(verification.problems.first?.kind == .deleted)
        reopened.close()
    }

    /// More is gone than the record of the pruning says.
    @Test func moreThanWasPrunedIsMissed() async throws {
        let database = try database()
        let audit = try await written(50, in: database)
        let anna = try await database.findOrCreatePerson(name: "anna")
        _ = try await audit.prune(before: Timestamp(milliseconds: 1_000_000 + 3_600_001), by: anna.id)
        database.close()
        try folder.tamper("DELETE FROM audit WHERE seq <= 40; DELETE FROM audit_payloads WHERE seq <= 40")
        let reopened = try self.database()
        #expect(try await AuditLog.verify(reopened, key: try key.publicKey).problems.first?.kind == .deleted)
        reopened.close()
    }

    @Test func theKeyIsItsOwnersAlone() throws {
        let path = folder.path + "/k"
        let first = try AuditKey(file: path).publicKey
        #expect(try AuditKey(file: path).publicKey == first)
        #expect(AuditPublicKey(hex: first.hex) == first)
        chmod(path, 0o640)
        #expect(throws: StoreError.self) { try AuditKey(file: path) }
        chmod(path, 0o600)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        #expect(throws: StoreError.self) { try AuditKey(file: path) }
        symlink("/etc/hostname", folder.path + "/link")
        #expect(throws: StoreError.self) { try AuditKey(file: folder.path + "/link") }
    }

    /// A witness that was away is told the newest, once.
    @Test func aWitnessThatFailsIsToldTheNextTime() async throws {
        final class Flaky: AuditWitness {
            let name = "flaky"
            let told = Mutex<[Int64]>([])
            let isUp = Mutex(false)
            func record(_ checkpoint: AuditCheckpoint) async throws {
                guard isUp.withLock({ $0 }) else { throw StoreError(.failed, "away") }
                told.withLock { $0.append(checkpoint.sequence) }
            }
        }
        let database = try database()
        let audit = try await AuditLog.open(database)
        let flaky = Flaky()
        let notary = AuditNotary(
            audit: audit, key: try key, witnesses: [flaky, witness], logger: Logger(label: "test"))
        for _ in 0..<2 {
            try await audit.event("x")
            await notary.attest()
        }
        flaky.isUp.withLock { $0 = true }
        await notary.attest()
        await notary.attest()
        #expect(flaky.told.withLock { $0 } == [2])
        #expect(witness.checkpoints.map(\.sequence) == [1, 2])
        database.close()
    }

    @Test func aLineIsFoundInALog() throws {
        let tail = AuditTail(sequence: 7, digest: [UInt8](repeating: 5, count: 32))
        let line = try AuditCheckpoint.sign(tail, at: Timestamp(milliseconds: 9), with: try key).line
        #expect(AuditCheckpoint(line: line)?.sequence == 7)
        #expect(
            AuditCheckpoint(line: "2026-11-22 notice bulkhead: line=\(line) [Harness] audit checkpoint")?.sequence == 7)
        for bad in ["", line.replacing("audit 1", with: "audit 2"), String(line.dropLast()), "x " + line.dropFirst(20)]
        {
            #expect(AuditCheckpoint(line: bad) == nil, "\(bad)")
        }
    }
}
