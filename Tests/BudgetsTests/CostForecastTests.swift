import Budgets
import Model
import Schedules
import Testing

@Suite struct CostForecastTests {
    private static let day: Int64 = 86_400_000
    /// 2026-11-16T00:00:00Z: half of a month of thirty days.
    private static let now = Timestamp(milliseconds: 1_794_787_200_000)

    @Test func aMonthGoesOnAsTheLastTwoWeeksDid() {
        let forecast = CostForecast(
            spent: 20_000_000, trailing: 14_000_000, first: Timestamp(milliseconds: 0), now: Self.now, zone: .utc)
        // A dollar a day, fifteen days to go.
        #expect(forecast.expected == 35_000_000 && forecast.spent == 20_000_000)
    }

    @Test func whoBeganLaterIsReckonedFromThere() {
        let first = Timestamp(milliseconds: Self.now.milliseconds - 2 * Self.day)
        let forecast = CostForecast(spent: 4_000_000, trailing: 4_000_000, first: first, now: Self.now, zone: .utc)
        #expect(forecast.expected == 4_000_000 + 15 * 2_000_000)
        // Five minutes of figures are not taken for the pace of a month.
        let minutes = Timestamp(milliseconds: Self.now.milliseconds - 300_000)
        let early = CostForecast(spent: 1_000_000, trailing: 1_000_000, first: minutes, now: Self.now, zone: .utc)
        #expect(early.expected == 16_000_000)
    }

    @Test func nothingIsExpectedOfNothing() {
        let forecast = CostForecast(spent: 0, trailing: 0, first: nil, now: Self.now, zone: .utc)
        #expect(forecast.expected == 0)
        let huge = CostForecast(spent: 0, trailing: .max, first: Self.now, now: Self.now, zone: .utc)
        #expect(huge.expected >= 0)
    }
}
