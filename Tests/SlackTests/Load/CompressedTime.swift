import Foundation
import Model
import Slack
import SlackAPI

/// A time in which so many seconds pass in a real one, the same in every process that knows its three numbers.
struct CompressedTime: Sendable {
    /// At `real` (seconds since 1970) it was `simulated`.
    let real: Double
    let simulated: Double
    let rate: Double

    init(real: Double, simulated: Double, rate: Double) {
        self.real = real
        self.simulated = simulated
        self.rate = rate
    }

    init?(_ text: String) {
        let numbers = text.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 3 else { return nil }
        self.init(real: numbers[0], simulated: numbers[1], rate: numbers[2])
    }

    var text: String { "\(real) \(simulated) \(rate)" }

    var now: Double { simulated + (Date().timeIntervalSince1970 - real) * rate }

    func sleep(_ duration: Duration) async throws { try await Task.sleep(for: duration / rate) }

    var wall: WallClock { WallClock { Timestamp(milliseconds: Int64(now * 1000)) } }

    var slack: SlackTime { SlackTime(now: wall.now, sleep: sleep) }

    var calls: SlackClock {
        let start = ContinuousClock.now
        let now: @Sendable () -> ContinuousClock.Instant = { start + (ContinuousClock.now - start) * rate }
        return SlackClock(now: now, sleep: { try await Task.sleep(for: max($0 - now(), .zero) / rate) })
    }
}
