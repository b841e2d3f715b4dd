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
