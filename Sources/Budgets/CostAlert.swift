/// Something about costs that an operator would want to look at.
package struct CostAlert: Hashable, Sendable {
    /// What it is about: of one of these people are told once a day.
    package var key: String
    /// In a sentence or two, with what to look at.
    package var text: String

    /// From when on something is worth a line. Small sums and few calls vary by themselves.
    private enum Least {
        static let day: Int64 = 1_000_000
        static let run: Int64 = 100_000
        static let hour: Int64 = 5_000_000
        static let calls: Int64 = 20
        static let callsOfAnHour: Int64 = 300
        static let tokens: Int64 = 200_000
    }

    /// What is out of the ordinary; pure, and the same for the same figures.
    package static func all(_ figures: CostFigures) -> [CostAlert] {
        [spend(figures), tier(figures), cache(figures)].compactMap(\.self) + figures.runs.compactMap(run)
            + figures.conversations.compactMap(runaway)
    }

    private static func spend(_ figures: CostFigures) -> CostAlert? {
        guard figures.daysBefore >= 3 else { return nil }
        let mean = figures.before.microdollars / Int64(figures.daysBefore)
        let spent = figures.lastDay.microdollars
        guard spent >= Least.day, mean == 0 || spent / 2 >= mean else { return nil }
        return CostAlert(
            key: "spend",
            text: "\(Dollars.text(spent)) were spent on models in the last day; the mean of the days before is "
                + "\(Dollars.text(mean)). `bulkhead cost --since 1d --by person` says for whom.")
    }

    private static func tier(_ figures: CostFigures) -> CostAlert? {
        let (day, before) = (figures.lastDay, figures.before)
        guard day.calls >= Least.calls, before.calls >= Least.calls else { return nil }
        let (now, usual) = (percent(day.bestCalls, day.calls), percent(before.bestCalls, before.calls))
        guard now >= 25, now >= usual * 2 else { return nil }
        return CostAlert(
            key: "tier",
            text: "\(now)% of the model calls of the last day went to `best`; in the days before it was \(usual)%. "
                + "`bulkhead route report --since 1d` says why.")
    }

    private static func cache(_ figures: CostFigures) -> CostAlert? {
        let (day, before) = (figures.lastDay, figures.before)
        guard day.tokens >= Least.tokens, before.tokens >= Least.tokens else { return nil }
        let (now, usual) = (percent(day.cachedTokens, day.tokens), percent(before.cachedTokens, before.tokens))
        guard usual >= 20, now * 2 <= usual else { return nil }
        return CostAlert(
            key: "cache",
            text:
                "\(now)% of what models were sent in the last day came from a cache; in the days before it was \(usual)%. "
                + "Something that changes may have come to stand at the beginning of prompts.")
    }

    /// Against the median of earlier runs, which one run that went wrong does not move.
    private static func run(_ run: CostFigures.Run) -> CostAlert? {
        guard run.earlier.count >= 5, run.microdollars >= Least.run else { return nil }
        let median = run.earlier[run.earlier.count / 2]
        guard run.microdollars / 3 >= median else { return nil }
        return CostAlert(
            key: "run/\(run.run)",
            text: "A run of the task \(run.name) cost \(Dollars.text(run.microdollars)); usually it is "
                + "\(Dollars.text(median)) (run \(run.run)).")
    }

    private static func runaway(_ conversation: CostFigures.Conversation) -> CostAlert? {
        guard conversation.calls >= Least.callsOfAnHour || conversation.microdollars >= Least.hour else { return nil }
        return CostAlert(
            key: "conversation/\(conversation.id)",
            text: "The conversation “\(conversation.title)” made \(conversation.calls) model calls in an hour, for "
                + "\(Dollars.text(conversation.microdollars)) (\(conversation.id)).")
    }

    private static func percent(_ part: Int64, _ whole: Int64) -> Int64 {
        whole > 0 ? Int64(Double(part) / Double(whole) * 100) : 0
    }
}
