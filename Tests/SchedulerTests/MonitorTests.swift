import MCP
import Model
@testable import Scheduler
import Store
import Testing

@Suite struct MonitorTests {
    private func changes(_ rules: JSONValue, _ before: JSONValue, _ after: JSONValue) throws -> [String] {
        SnapshotDiff(rules: try MonitorRules(rules)).changes(from: before, to: after).map(\.path)
    }

    @Test func onlyWhatTheRulesCareAboutIsNews() throws {
        let before: JSONValue = [
            "load": 1.0, "at": "9:00",
            "hosts": [["id": "a", "seen": 1, "up": true], ["id": "b", "seen": 1, "up": true]],
        ]
        let after: JSONValue = [
            "load": 1.3, "at": "9:15",
            "hosts": [["id": "b", "seen": 2, "up": false], ["id": "a", "seen": 2, "up": true]],
        ]
        #expect(try changes([:], before, after) == ["/at", "/hosts/b/seen", "/hosts/b/up", "/hosts/a/seen", "/load"])
        let rules: JSONValue = ["ignore": ["/at", "/hosts/*/seen"], "thresholds": ["/load": 0.5]]
        #expect(try changes(rules, before, after) == ["/hosts/b/up"])
        #expect(try changes(["thresholds": ["/load": 0.3]], ["load": 1.0], ["load": 1.5]) == ["/load"])
        #expect(try changes([:], before, before).isEmpty)
    }

    @Test func newItemsOnlyMeansThatNothingElseCounts() throws {
        let before: JSONValue = ["alerts": [["id": 1, "text": "a"], ["id": 2, "text": "b"]]]
        let after: JSONValue = ["alerts": [["id": 3, "text": "c"], ["id": 2, "text": "B"]]]
        #expect(try changes(["new_items_only": ["/alerts"]], before, after) == ["/alerts/3"])
        #expect(try changes([:], before, after) == ["/alerts/3", "/alerts/2/text", "/alerts/1"])
    }

    @Test func itemsWithoutNamesAreComparedByTheirPlace() throws {
        #expect(try changes([:], [1.5, 2.5], [1.5, 3.5, 4.5]) == ["/1", "/2"])
        #expect(try changes([:], ["a"], ["b", "a"]) == ["/b"])
        #expect(try changes([:], ["x": 1], ["x": [1]]) == ["/x"])
    }

    @Test(
        arguments: [
            (["ignor": []], "a monitor has"), (["ignore": "/a"], "a list"), (["ignore": ["a"]], "begins with /"),
            (["thresholds": ["/a": 0]], "above 0"), (["quiet_hours": "22-7"], "22:00-07:00"),
            (["quiet_hours": "25:00-07:00"], "22:00-07:00"), (["cooldown_minutes": -1], "0 to 10080"),
            (["zone": "Mars"], "Mars"),
        ] as [(JSONValue, String)])
    func rulesThatCannotBeAreRefused(rules: JSONValue, words: String) {
        #expect {
            _ = try MonitorRules(rules)
        } throws: {
            "\($0)".contains(words)
        }
    }

    @Test func quietHoursGoOverMidnightInTheirZone() throws {
        let rules = try MonitorRules(["quiet_hours": "22:00-07:00", "zone": "Europe/Berlin"])
        for (time, isQuiet) in [
            ("2026-01-10T20:59:00.000Z", false), ("2026-01-10T21:00:00.000Z", true), ("2026-01-10T05:59:00.000Z", true),
            ("2026-01-10T06:00:00.000Z", false), ("2026-07-10T20:00:00.000Z", true),
            ("2026-07-10T05:00:00.000Z", false),
        ] {
            #expect(rules.isQuiet(at: Bench.time(time)) == isQuiet, "\(time)")
        }
    }

    @Test func atNightOnlyWhatIsUrgentIsToldAndNothingIsForgotten() async throws {
        let bench = try await Bench(at: "2026-03-02T21:00:00.000Z")
        let task = try await bench.task(
            ["kind": "interval", "seconds": 3600, "anchor": "2026-03-02T00:00:00Z"],
            ["check": "look", "monitor": ["quiet_hours": "22:00-07:00", "zone": "UTC", "ignore": ["/severity"]]])
        func look(_ snapshot: String, hours: Int64 = 1) async throws -> TaskRunRecord.State? {
            bench.hands.set { $0.check = { #"{"wakeAgent": true, "data": \#(snapshot)}"# } }
            await bench.pass(.seconds(hours * 3600), step: .seconds(1800))
            await bench.settle()
            return try await bench.runs(of: task).last?.state
        }
        #expect(try await look(#"{"n": 1}"#) == .quiet)
        #expect(try await bench.database.task(task.id)?.snapshot == #"{"n":1}"#)
        #expect(try await look(#"{"n": 2}"#) == .quiet)
        #expect(try await look(#"{"n": 3, "severity": "urgent"}"#) == .succeeded)
        #expect(try await look(#"{"n": 4}"#) == .quiet)
        #expect(bench.hands.started.count == 1)
        // The morning: what changed in the night is told, against what was told last.
        #expect(try await look(#"{"n": 4}"#, hours: 6) == .succeeded)
        #expect(bench.hands.started.last?.text.contains(#""before":3"#) == true)
        #expect(try await look(#"{"n": 4}"#) == .quiet)
    }

    @Test func whatIsLowOrTooSoonWaits() throws {
        let rules = try MonitorRules(["cooldown_minutes": 60])
        let now = Bench.time("2026-03-02T12:00:00.000Z")
        func verdict(_ severity: String, minutes: Int64) -> Bool {
            let spoke = Timestamp(milliseconds: now.milliseconds - minutes * 60_000)
            if case .speak = rules.verdict(
                before: ["n": 1], now: ["n": 2, "severity": .string(severity)], spoke: spoke, at: now)
            {
                return true
            }
            return false
        }
        #expect(!verdict("normal", minutes: 59) && verdict("normal", minutes: 61))
        #expect(!verdict("low", minutes: 1439) && verdict("low", minutes: 1441))
        #expect(verdict("urgent", minutes: 0))
    }
}
