import Model
import Store
import Testing

@Suite struct GroupCommitTests {
    @Test func aWriteThatFailsHarmsNoOther() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let codes = await withTaskGroup(of: (Int, StoreError.Code?).self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let failure = await code {
                        if number.isMultiple(of: 7) {
                            try await database.addMember(PersonID(trusted: "nobody"), to: fixture.room.id)
                        } else {
                            try await database.setSetting("\(number)", to: "x")
                        }
                    }
                    return (number, failure)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for (number, failure) in codes {
            #expect(failure == (number.isMultiple(of: 7) ? .notFound : nil))
            #expect(try await database.setting("\(number)") == (number.isMultiple(of: 7) ? nil : "x"))
        }
    }

    /// A row that cannot be inserted costs its neighbours nothing, and leaves no hole.
    @Test func anAuditRowThatFailsLeavesTheOthersTheirPlaces() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let numbers = await withTaskGroup(of: Int64?.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try? await database.appendAudit { tail in
                        var row = AuditRow(at: Timestamp(milliseconds: 0), kind: "event")
                        // The first row's place is taken from the second row on.
                        row.sequence = number.isMultiple(of: 10) && tail.sequence > 0 ? 1 : tail.sequence + 1
                        row.digest = [UInt8](repeating: UInt8(truncatingIfNeeded: row.sequence), count: 32)
                        row.previous = tail.digest
                        return SealedAuditRow(row: row, payload: [1])
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let stored = numbers.compactMap(\.self).sorted()
        #expect((450...451).contains(stored.count))
        #expect(stored == Array(1...Int64(stored.count)))
        var selection = AuditSelection()
        selection.limit = 1000
        let rows = try await database.auditRows(selection).map(\.row)
        #expect(rows.map(\.sequence) == stored)
        for (row, next) in zip(rows, rows.dropFirst()) { #expect(next.previous == row.digest) }
    }

    @Test func aCancelledCallersWriteIsStillDone() async throws {
        let fixture = try await Fixture()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await fixture.database.setSetting("cancelled", to: "yes")
        }
        try await task.value
        #expect(try await fixture.database.setting("cancelled") == "yes")
    }

    @Test func checkpointsRunBesideTheWriter() async throws {
        let fixture = try await Fixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fixture.database.run() }
            for number in 0..<300 { try await fixture.database.setSetting("\(number)", to: "x") }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(try await fixture.database.setting("299") == "x")
    }
}
