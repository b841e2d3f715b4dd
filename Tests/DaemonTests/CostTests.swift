import Foundation
import Testing

extension SystemTests {
    /// Money, from the gateway to the command line: the offline model, billed as a dear one.
    @Suite struct CostTests {
        private static let billed = """
            model:
              fast: {targets: [{provider: offline, model: offline, labels: [untrusted, private], price: claude-opus-4-1}]}
              balanced: {targets: [{provider: offline, model: offline, labels: [untrusted, private], price: claude-opus-4-1}]}
              best: {targets: [{provider: offline, model: offline, labels: [untrusted, private], price: claude-opus-4-1}]}
            """

        private static func json(_ text: String) -> [String: Any] {
            ((try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]) ?? [:]
        }

        @Test func whatIsSpentIsToldAndABudgetHoldsUntilItIsRaised() async throws {
            let poor = "budgets:\n  company: {day: {hard: 0.05}}\n"
            try await withInstallation(settings: Self.billed + "\n" + poor) { bulkhead in
                // The first call may cost more than there is: the turn waits, and says so.
                let asked = try await bulkhead.chat("say hello")
                let conversation = try #require(
                    asked.answer?.conversation, "\(asked.result.output)\(asked.result.errors)")
                var lines = try await bulkhead.transcript(of: conversation)
                #expect(
                    lines.contains {
                        $0.contains("The company's budget of $0.05 a day does not reach for a model call that may cost")
                    }, "\(lines)")
                var cost = try await bulkhead.bulkhead(["cost", "--json"])
                #expect((Self.json(cost.output)["rows"] as? [Any])?.isEmpty == true, "\(cost.output)\(cost.errors)")

                let text = try String(contentsOfFile: bulkhead.configuration, encoding: .utf8)
                try text.replacing("hard: 0.05", with: "hard: 50")
                    .write(toFile: bulkhead.configuration, atomically: true, encoding: .utf8)
                _ = try await bulkhead.reload()
                try await eventually("the answer, by itself") {
                    lines = try await bulkhead.transcript(of: conversation)
                    return lines.contains { $0.hasPrefix("assistant") }
                }

                cost = try await bulkhead.bulkhead(["cost", "--by", "tier", "--json"])
                let report = Self.json(cost.output)
                let total = try #require(report["total"] as? [String: Any], "\(cost.output)\(cost.errors)")
                #expect((total["microdollars"] as? Int ?? 0) > 0 && (total["calls"] as? Int ?? 0) > 0, "\(cost.output)")
                #expect(report["scope"] as? String == "all" && report["zone"] as? String == "UTC")
                let budget = (report["budgets"] as? [[String: Any]])?.first { $0["scope"] as? String == "company" }
                #expect(budget?["spent"] as? Int == total["microdollars"] as? Int && budget?["reserved"] as? Int == 0)
                #expect(((report["forecast"] as? [String: Any])?["expected"] as? Int ?? 0) > 0)

                let csv = try await bulkhead.bulkhead(["cost", "--by", "person", "--csv"])
                #expect(csv.output.hasPrefix("person,name,dollars,calls,"), "\(csv.output)")
                #expect(csv.output.split(separator: "\n").count == 2)
                let table = try await bulkhead.bulkhead(["cost", "--by", "day"])
                #expect(table.output.contains("Company, this day: $"), "\(table.output)")

                let routes = try await bulkhead.bulkhead(["route", "report", "--json", "--thresholds", "0,1"])
                let decisions = Self.json(routes.output)
                #expect((decisions["decisions"] as? Int ?? 0) >= 2, "\(routes.output)\(routes.errors)")
                let names = (decisions["thresholds"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
                #expect(names.contains("as asked") && names.contains("all best"), "\(names)")
                // A tier is asked for beside the text, and the root user here is an owner.
                let best = try await bulkhead.chat("say hello", ["--tier", "best"])
                #expect(best.result.status == 0, "\(best.result.output)\(best.result.errors)")
                let wrong = try await bulkhead.chat("say hello", ["--tier", "finest"])
                #expect(wrong.result.errors.contains("tier is one of fast, balanced, best"), "\(wrong.result.errors)")
                let after = Self.json(try await bulkhead.bulkhead(["route", "report", "--json"]).output)
                #expect(after["requested"] as? Int == 1)
            }
        }

        /// What a daemon that was killed had under way is booked, and nothing stays reserved.
        @Test func aKilledDaemonLeavesNothingReserved() async throws {
            try await withInstallation(settings: Self.billed) { bulkhead in
                let first = try await bulkhead.chat("say hello")
                #expect(first.result.status == 0, "\(first.result.output)\(first.result.errors)")
                await bulkhead.killDaemon()
                try await bulkhead.start()
                let report = Self.json(try await bulkhead.bulkhead(["cost", "--json"]).output)
                let budget = (report["budgets"] as? [[String: Any]])?.first
                #expect(budget?["reserved"] as? Int == 0, "\(report)")
            }
        }
    }
}
