import Model
import Schedules
import Testing

@Suite struct SpreadTests {
    @Test func theSameTaskIsLateByTheSameTime() {
        let limit = Duration.seconds(60)
        // Also in every later version: people would notice.
        #expect(Jitter.delay(of: "task-1", upTo: limit) == Jitter.delay(of: "task-1", upTo: limit))
        #expect(Jitter.delay(of: "task-1", upTo: .zero) == .zero)
        #expect(Jitter.delay(of: "task-1", upTo: .milliseconds(1)) == .zero)
        let delays = (0..<6000).map { Jitter.delay(of: "task-\($0)", upTo: limit) }
        #expect(delays.allSatisfy { $0 >= .zero && $0 < limit })
        // Spread over the whole minute: a hundred in each second, give or take.
        let seconds = Dictionary(grouping: delays) { $0.components.seconds }.mapValues(\.count)
        #expect(seconds.count == 60 && seconds.values.allSatisfy { (50...150).contains($0) })
    }

    @Test func waitsGrowUpToTheLongest() {
        let backoff = Backoff(first: 60, factor: 3, longest: 1000, attempts: 5)
        let waits = (1...5).compactMap { backoff.delay(before: $0, run: "r")?.components.seconds }
        for (wait, base) in zip(waits, [60, 180, 540, 1000, 1000]) as Zip2Sequence<[Int64], [Int64]> {
            #expect(wait >= base && wait <= base + base / 10)
        }
        #expect(waits.count == 5)
        #expect(backoff.delay(before: 6, run: "r") == nil && backoff.delay(before: 0, run: "r") == nil)
        #expect(backoff.delay(before: 1, run: "a") != backoff.delay(before: 1, run: "b"))
        let endless = Backoff(first: .max, factor: .max, longest: 3600, attempts: .max)
        #expect(endless.delay(before: .max, run: "r").map { $0 <= .seconds(3960) } == true)
        #expect(
            Backoff(first: 0, factor: 0, longest: 0, attempts: 1).delay(before: 1, run: "r") ?? .zero >= .seconds(1))
        #expect(Backoff(first: 60, factor: 2, longest: 3600, attempts: 0).delay(before: 1, run: "r") == nil)
    }
}
