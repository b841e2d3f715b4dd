import Budgets
import Testing

@Suite struct CostAlertTests {
    /// A week of a dollar a day, a tenth of it with the dearest tier, half of it from a cache.
    private static func usual() -> CostFigures {
        var figures = CostFigures()
        figures.daysBefore = 7
        (figures.before.microdollars, figures.before.calls, figures.before.bestCalls) = (7_000_000, 700, 70)
        (figures.before.tokens, figures.before.cachedTokens) = (7_000_000, 3_500_000)
        (figures.lastDay.microdollars, figures.lastDay.calls, figures.lastDay.bestCalls) = (1_000_000, 100, 10)
        (figures.lastDay.tokens, figures.lastDay.cachedTokens) = (1_000_000, 500_000)
        return figures
    }

    private static func keys(_ change: (inout CostFigures) -> Void) -> [String] {
        var figures = usual()
        change(&figures)
        return CostAlert.all(figures).map(\.key)
    }

    @Test func anOrdinaryDayIsNoAlert() {
        #expect(Self.keys { _ in } == [])
        #expect(CostAlert.all(CostFigures()) == [])
    }

    @Test func spendTwiceItsMeanIsOne() {
        #expect(Self.keys { $0.lastDay.microdollars = 1_999_999 } == [])
        #expect(Self.keys { $0.lastDay.microdollars = 2_000_000 } == ["spend"])
        // Cents vary by themselves, and two days are no habit.
        #expect(Self.keys { ($0.before.microdollars, $0.lastDay.microdollars) = (70_000, 900_000) } == [])
        #expect(Self.keys { ($0.daysBefore, $0.lastDay.microdollars) = (2, 9_000_000) } == [])
    }

    @Test func aTierUsedFarMoreThanUsualIsOne() {
        #expect(Self.keys { $0.lastDay.bestCalls = 24 } == [])
        #expect(Self.keys { $0.lastDay.bestCalls = 25 } == ["tier"])
        #expect(Self.keys { ($0.before.bestCalls, $0.lastDay.bestCalls) = (350, 60) } == [])
    }

    @Test func aCacheThatIsNotReadAnyMoreIsOne() {
        #expect(Self.keys { $0.lastDay.cachedTokens = 260_000 } == [])
        #expect(Self.keys { $0.lastDay.cachedTokens = 100_000 } == ["cache"])
    }

    @Test func aRunOutOfItsRangeIsOne() {
        func run(_ cost: Int64, _ earlier: [Int64]) -> [String] {
            Self.keys {
                $0.runs = [CostFigures.Run(task: "t", name: "report", run: "r9", microdollars: cost, earlier: earlier)]
            }
        }
        let earlier: [Int64] = [50_000, 60_000, 50_000, 900_000, 40_000]
        #expect(run(150_000, earlier) == ["run/r9"])
        #expect(run(140_000, earlier) == [] && run(900_000, [1, 2]) == [])
        #expect(run(99_000, [1, 1, 1, 1, 1]) == [])
    }

    @Test func aRunawayConversationIsOne() {
        func conversation(_ calls: Int64, _ cost: Int64) -> [String] {
            Self.keys {
                $0.conversations = [CostFigures.Conversation(id: "v1", title: "x", calls: calls, microdollars: cost)]
            }
        }
        #expect(conversation(299, 4_999_999) == [])
        #expect(conversation(300, 0) == ["conversation/v1"] && conversation(1, 5_000_000) == ["conversation/v1"])
    }
}
