import Model
import Schedules
import Testing

@Suite struct CronExpressionTests {
    @Test(arguments: [
        ("0 9 * * 1-5", "Europe/Berlin", "2026-11-30T08:00:00Z", "2026-12-01T09:00:00+01:00"),
        ("*/15 * * * *", "UTC", "2026-11-30T08:00:00Z", "2026-11-30T08:15:00Z"),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    ])
    func nextIs(expression: String, zone: String, from: String, expected: String) throws {
        let zone = try Zone(zone)
        let next = try CronExpression(expression).next(after: try RFC3339.time(from), in: zone)
        #expect(next.map { RFC3339.string($0, in: zone) } == expected)
    }
}
