import Foundation
import Model
import Schedules
import Testing

/// Held against what others understand by a cron expression.
@Suite struct DifferentialTests {
    static let zones = [
        "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Moscow", "Europe/Istanbul",
        "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns", "America/Caracas",
        "America/Havana", "America/Santiago", "Africa/Cairo", "Africa/Casablanca", "Asia/Kathmandu", "Asia/Kolkata",
        "Asia/Tehran", "Asia/Pyongyang", "Asia/Beirut", "Asia/Gaza", "Australia/Lord_Howe", "Australia/Adelaide",
        "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Antarctica/Troll",
    ]

    /// From a random moment of the years 1995 to 2040, and from just before a change of the clocks.
    static func questions(expressions: Int, seed: UInt64) throws -> [Oracle.Question] {
        var generator = CronGenerator(random: SeededGenerator(seed: seed))
        let (first, last) = (Timestamp(milliseconds: 788_918_400_000), Timestamp(milliseconds: 2_240_524_800_000))
        let changes = try zones.map { try Zone($0).changes(after: first, upTo: last) }
        var found: [Oracle.Question] = []
        while found.count < expressions * zones.count {
            let text = generator.expression()
            guard (try? CronExpression(text)) != nil else { continue }
            for (zone, changes) in zip(zones, changes) {
                var moment = Timestamp.random(in: first...last, using: &generator.random)
                if let change = changes.randomElement(using: &generator.random), Bool.random(using: &generator.random) {
                    moment = change.advanced(by: .seconds(Int.random(in: -90_000...0, using: &generator.random)))
                }
                found.append(
                    .init(expression: text, zone: zone, from: Int(moment.milliseconds / 1000), count: 5))
            }
        }
        return found
    }

    /// Every difference has one of the reasons that `docs/schedules.md` gives, and most answers are the same.
    @Test func whatDiffersFromTheOraclesIsKnown() async throws {
        let expressions = ProcessInfo.processInfo.environment["BULKHEAD_CRON_EXPRESSIONS"].flatMap { Int($0) } ?? 100
        let questions = try Self.questions(expressions: expressions, seed: 1)
        let answers = try await Oracle.ask(questions)
        #expect(answers.count == questions.count)
        var counts: [String: Int] = [:]
        for (question, answer) in zip(questions, answers) {
            let ours = try Self.ours(question)
            for (oracle, theirs) in [("cronsim", answer.cronsim), ("croniter", answer.croniter)] {
                let reason = theirs == .times(ours) ? "same" : reason(oracle, question, ours, theirs)
                counts["\(oracle): \(reason ?? "unknown")", default: 0] += 1
                #expect(reason != nil, "\(oracle) differs without a known reason: \(question), ours \(ours), \(theirs)")
            }
        }
        for (reason, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(count)\t\(reason)") }
        #expect(counts["cronsim: same", default: 0] > questions.count * 9 / 10)
        #expect(counts["croniter: same", default: 0] > questions.count * 7 / 10)
    }

    private func reason(
        _ oracle: String, _ question: Oracle.Question, _ ours: [Int], _ theirs: Oracle.Times
    ) -> String? {
        // `5-5`, `5-5/2`: cron runs at 5. cronsim takes the second for `5-59/2`, croniter both for something else.
        let single = question.expression.split { " ,".contains($0) }.contains { item in
            let parts = item.split { "-/".contains($0) }
            return item.contains("-") && parts[0] == parts[1] && (oracle == "croniter" || parts.count == 3)
        }
        if single { return "a range of one value" }
        if case .gaveUp(let error) = theirs { return oracle == "croniter" ? "gave up: \(error.prefix(20))" : nil }
        guard case .times(let times) = theirs, let zone = try? Zone(question.zone) else { return nil }
        let all = times + ours + [question.from]
        guard let first = all.min(), let last = all.max() else { return nil }
        let changes = zone.changes(
            after: Timestamp(milliseconds: Int64(first - 90_000) * 1000),
            upTo: Timestamp(milliseconds: Int64(last + 90_000) * 1000))
        let partOfHour = changes.contains { change in
            let before = zone.offset(at: Timestamp(milliseconds: change.milliseconds - 1000))
            return (zone.offset(at: change) - before) % 3600 != 0
                || before % 3600 != 0 && change.milliseconds % 3_600_000 != 0
        }
        let fields = question.expression.split(separator: " ")
        if oracle == "cronsim" {
            guard fields[0].hasPrefix("*") || fields[1].hasPrefix("*") else { return nil }
            // It takes midnight for a moment of every day.
            let skipsMidnight = changes.contains { change in
                let before = zone.offset(at: Timestamp(milliseconds: change.milliseconds - 1000))
                return zone.offset(at: change) > before && (Int(change.milliseconds / 1000) + before) % 86_400 == 0
            }
            return partOfHour ? "clocks changed by a part of an hour" : skipsMidnight ? "midnight skipped" : nil
        }
        return changes.isEmpty ? nil : "clocks changed"
    }

    static func ours(_ question: Oracle.Question) throws -> [Int] {
        let schedule = Schedule.cron(try CronExpression(question.expression), try Zone(question.zone))
        return schedule.occurrences(
            from: Timestamp(milliseconds: Int64(question.from) * 1000), count: question.count
        ).map { Int($0.milliseconds / 1000) }
    }
}

extension Timestamp {
    static func random(in range: ClosedRange<Timestamp>, using random: inout SeededGenerator) -> Timestamp {
        let seconds = range.lowerBound.milliseconds / 1000...range.upperBound.milliseconds / 1000
        return Timestamp(milliseconds: Int64.random(in: seconds, using: &random) * 1000)
    }
}
