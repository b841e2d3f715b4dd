import Model
import Policy
import Testing

@Suite struct CircumstanceTests {
    private func rule(_ condition: String, head: String = "") throws -> Policy {
        try Policy(
            yaml: """
                version: 1
                \(head)
                deny:
                  - name: r
                    \(condition)
                """, file: "p")
    }

    /// 2026-11-22T00:00:00Z, a Sunday.
    private let midnight = Timestamp(milliseconds: 1_795_305_600_000)

    @Test(arguments: [
        ("hours: 08:00-18:00", 8, 0, true), ("hours: 08:00-18:00", 17, 59, true), ("hours: 08:00-18:00", 18, 0, false),
        ("hours: 22:00-06:00", 23, 0, true), ("hours: 22:00-06:00", 5, 59, true), ("hours: 22:00-06:00", 6, 0, false),
        ("days: sun", 12, 0, true), ("days: [mon, sat]", 12, 0, false),
        // The night that began on Saturday is Saturday's.
        ("hours: 22:00-06:00\n    days: sat", 3, 0, true), ("hours: 22:00-06:00\n    days: sat", 23, 0, false),
        ("hours: 00:00-24:00", 23, 59, true),
    ])
    func hoursAndDays(condition: String, hour: Int, minute: Int, holds: Bool) throws {
        var asked = question(.read, .auto)
        asked.time = midnight.advanced(by: .seconds(hour * 3600 + minute * 60))
        #expect(midnight.rfc3339 == "2026-11-22T00:00:00.000Z")
        #expect(try (rule(condition).evaluate(asked).word == "deny") == holds)
    }

    @Test func hoursAreThoseOfTheTimeZone() throws {
        let policy = try rule("hours: 08:00-09:00", head: "timeZone: Europe/Berlin")
        var asked = question(.read, .auto)
        asked.time = midnight.advanced(by: .seconds(7 * 3600 + 1800))
        #expect(policy.evaluate(asked).word == "deny")
        // In summer the same hour comes earlier.
        asked.time = asked.time.advanced(by: .seconds(-120 * 86_400))
        #expect(policy.evaluate(asked).word == "allow")
        asked.time = asked.time.advanced(by: .seconds(-3600))
        #expect(policy.evaluate(asked).word == "deny")
    }

    @Test func groupsArePeople() throws {
        let head = "groups: {finance: [Anna, ben], guests: [carl]}"
        #expect(try rule("group: finance", head: head).evaluate(question(.read, .auto)).word == "deny")
        #expect(try rule("group: guests", head: head).evaluate(question(.read, .auto)).word == "allow")
        #expect(
            try rule("group: guests\n    requester: anna", head: head).evaluate(question(.read, .auto)).word == "deny")
        let error = #expect(throws: PolicyError.self) { try rule("group: sales", head: head) }
        #expect(error?.description.contains("finance, guests") == true && error?.line == 5)
    }

    @Test func placeAndLabels() throws {
        var direct = question(.read, .auto)
        direct.audience = .requesterOnly
        #expect(try rule("place: direct").evaluate(direct).word == "deny")
        #expect(try rule("place: direct").evaluate(question(.read, .auto)).word == "allow")
        #expect(try rule("place: room").evaluate(question(.read, .auto)).word == "deny")
        let both = try rule("labels: [untrusted, private]")
        #expect(both.evaluate(question(.read, .auto, labels: .untrusted)).word == "allow")
        #expect(both.evaluate(question(.read, .auto, labels: [.untrusted, .private])).word == "deny")
    }
}
