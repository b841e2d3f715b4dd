import Testing
import WorkspaceTools

@Suite struct StragglersTests {
    private typealias Process = Stragglers.Process

    /// The tools are 7, the command that is ended 50, another one that runs 60.
    private static let leader = Process(id: 50, parent: 7, session: 50, start: 1000)
    private static let others = [
        Process(id: 1, parent: 0, session: 1, start: 1), Process(id: 7, parent: 1, session: 1, start: 2), leader,
        Process(id: 60, parent: 7, session: 60, start: 1100), Process(id: 61, parent: 60, session: 60, start: 1101),
        // Detached by a command that ended before, on purpose.
        Process(id: 40, parent: 1, session: 40, start: 900), Process(id: 41, parent: 40, session: 40, start: 1200),
        // In the background of the other one, its parent gone.
        Process(id: 62, parent: 1, session: 60, start: 1102),
    ]

    private func ended(_ more: [(Int32, Int32, Int32, UInt64)], ownsAll: Bool = true) -> [Int32] {
        let processes = Self.others + more.map { Process(id: $0.0, parent: $0.1, session: $0.2, start: $0.3) }
        return Stragglers.ours(of: Self.leader, among: processes, supervisor: 7, ownsAll: ownsAll).map(\.id)
    }

    @Test func nobodyElseIsEnded() {
        #expect(ended([]).isEmpty)
    }

    @Test func whatHangsOnTheCommandOrStaysInItsSessionIs() {
        #expect(ended([(51, 50, 50, 1001), (52, 51, 52, 1002), (53, 1, 50, 1003)]) == [51, 52, 53])
    }

    @Test func whoLeftSessionAndParentIsToo() {
        #expect(ended([(54, 1, 54, 1004), (55, 54, 55, 1005)]) == [54, 55])
    }

    /// Outside a container processes without a parent are the machine's.
    @Test func whereOthersRunTooOnlyTheCommandsOwnAreEnded() {
        #expect(ended([(51, 50, 50, 1001), (54, 1, 54, 1004), (55, 54, 55, 1005)], ownsAll: false) == [51])
    }
}
