import Foundation
import GRDB
import Audit
import MCP
import Model
import Store
import Testing

@Suite struct AuditTests {
    let folder = TemporaryFolder()

    /// A closed database with `count` events.
    private func written(_ count: Int) async throws {
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask { try await audit.event("test", details: ["number": .int(Int64(number))]) }
            }
            try await group.waitForAll()
        }
        #expect(try await audit.verify().isWhole)
        database.close()
    }

    private func verified() async throws -> AuditVerification {
        let database = try Store.Database(directory: folder.path)
        defer { database.close() }
        // Not through `open`, which would record what it finds.
        return try await AuditLog.verify(database)
    }

    @Test(arguments: [
        ("UPDATE audit SET decision = 'allow' WHERE seq = 30", AuditProblem.Kind.changed, 30, 29),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", .changed, 1, 0),
        ("UPDATE audit SET previous = zeroblob(32) WHERE seq = 30", .misplaced, 30, 29),
        ("UPDATE audit SET digest = zeroblob(32) WHERE seq = 30", .changed, 30, 29),
        ("UPDATE audit SET digest = zeroblob(3), previous = x'' WHERE seq = 30", .misplaced, 30, 29),
        ("DELETE FROM audit WHERE seq = 30", .deleted, 30, 29),
        ("DELETE FROM audit WHERE seq <= 3", .deleted, 1, 0),
        ("DELETE FROM audit WHERE seq >= 50", .cutShort, 50, 49),
        ("DELETE FROM audit", .cutShort, 1, 0),
        ("UPDATE audit_payloads SET body = CAST('{\"number\":7777}' AS BLOB) WHERE seq = 30", .payloadChanged, 30, 29),
        (
            "UPDATE audit_payloads SET body = (SELECT body FROM audit_payloads WHERE seq = 80) WHERE seq = 20",
            .payloadChanged, 20, 19
        ),
        (
            """
            UPDATE audit SET seq = -1 WHERE seq = 20; UPDATE audit SET seq = 20 WHERE seq = 21;
            UPDATE audit SET seq = 21 WHERE seq = -1
            """, .misplaced, 20, 19
        ),
        (
            "INSERT INTO audit (seq, at, kind, previous, digest) VALUES (101, 1, 'event', x'', x'')", .misplaced, 101,
            100
        ),
    ])
    func tamperingIsFound(sql: String, kind: AuditProblem.Kind, row: Int64, provable: Int64) async throws {
        try await written(100)
        try folder.tamper(sql)
        let verification = try await verified()
        let problem = try #require(verification.problems.first, "\(sql)")
        #expect(problem.kind == kind && problem.sequence == row, "\(problem)")
        #expect(verification.provableTo == provable)
    }

    @Test func erasedDetailsLeaveTheChainWholeAndLostOnesDoNot() async throws {
        try await written(10)
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        let anna = try await database.findOrCreatePerson(name: "anna")
        try await audit.erase(5, by: anna.id, reason: "a password")
        #expect(try await audit.verify().isWhole)
        #expect(try await audit.rows(matching: AuditFilter())[4].details == nil)
        // Nobody said that these would go.
        try await database.purgeAuditPayload(7)
        let verification = try await audit.verify()
        #expect(verification.problems.map(\.kind) == [.payloadMissing] && verification.problems.first?.sequence == 7)
        database.close()
    }

    /// Only the rows were cut off, and what stood beside them was left: the log opens, and says what happened.
    @Test func aCutTableWithItsDetailsLeftOpensWithTheGapOnRecord() async throws {
        try await written(10)
        try folder.tamper("DELETE FROM audit WHERE seq >= 8")
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        #expect(audit.gap?.kind == .cutShort)
        #expect(try await audit.rows(matching: AuditFilter()).last?.event == "audit.gap")
        database.close()
    }

    @Test func anOlderCopyPutBackIsFoundAndStaysOnRecord() async throws {
        try await written(10)
        let file = URL(fileURLWithPath: folder.path + "/bulkhead.sqlite")
        let copy = try Data(contentsOf: file)
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        #expect(audit.gap == nil)
        try await audit.event("later")
        database.close()
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path + suffix) }
        try copy.write(to: file)

        #expect(try await verified().problems.map(\.kind) == [.cutShort])
        let again = try Store.Database(directory: folder.path)
        let reopened = try await AuditLog.open(again)
        #expect(reopened.gap?.kind == .cutShort && reopened.gap?.sequence == 11)
        #expect(try await reopened.verify().problems.map(\.kind) == [.gap])
        again.close()
    }

    @Test func aChainWrittenAnewDoesNotFitItsWitness() async throws {
        try await written(10)
        let head = URL(fileURLWithPath: folder.path + "/audit.head")
        let witness = try Data(contentsOf: head)
        try folder.tamper("DELETE FROM audit; DELETE FROM audit_payloads")
        try FileManager.default.removeItem(at: head)
        try await written(10)
        try witness.write(to: head)
        let verification = try await verified()
        #expect(verification.problems.map(\.kind) == [.rewritten] && verification.provableTo == 9)
    }

    @Test func aLostWitnessIsFound() async throws {
        try await written(3)
        let head = URL(fileURLWithPath: folder.path + "/audit.head")
        try Data("nonsense".utf8).write(to: head)
        #expect(try await verified().problems.map(\.kind) == [.headLost])
        try FileManager.default.removeItem(at: head)
        #expect(try await verified().problems.map(\.kind) == [.headLost])
    }

    /// As the audit page reads it: newest first, each page before the oldest row of the one before.
    @Test func pagingBackLosesAndDoublesNothing() async throws {
        let database = try Store.Database(directory: folder.path)
        let audit = try await AuditLog.open(database)
        let (anna, ben) = (PersonID(trusted: "p-anna"), PersonID(trusted: "p-ben"))
        for number in 0..<53 {
            try await audit.event("test", subject: AuditSubject(requester: number % 3 == 0 ? anna : ben))
        }
        for person in [nil, anna, ben] {
            var filter = AuditFilter()
            filter.person = person
            let all = try await audit.rows(matching: filter).map(\.sequence)
            #expect(all.count == (person == nil ? 53 : person == anna ? 18 : 35))
            filter.newest = true
            filter.limit = 7
            var seen: [Int64] = []
            var sizes: [Int] = []
            while sizes.last != 0, sizes.count < 20 {
                let page = try await audit.rows(matching: filter).map(\.sequence)
                sizes.append(page.count)
                seen = page + seen
                filter.before = page.first
            }
            #expect(seen == all)
            #expect(sizes.dropLast(2).allSatisfy { $0 == 7 }, "\(sizes)")
        }
        var between = AuditFilter()
        (between.after, between.before) = (10, 14)
        #expect(try await audit.rows(matching: between).map(\.sequence) == [11, 12, 13])
        database.close()
    }

    @Test func aGroupThatFailsLeavesTheChainWhole() async throws {
        let database = try Store.Database(directory: folder.path, maximumPages: 300)
        let audit = try await AuditLog.open(database)
        var written = 0
        let long = String(repeating: "x", count: 3000)
        while written < 500, (try? await audit.event("test", details: ["text": .string(long)])) != nil { written += 1 }
        #expect(written > 20 && written < 500)
        await #expect(throws: StoreError.self) { try await audit.event("test", details: ["text": .string(long)]) }
        let verification = try await audit.verify()
        #expect(verification.isWhole && verification.rows == written)
        database.close()
    }
}
