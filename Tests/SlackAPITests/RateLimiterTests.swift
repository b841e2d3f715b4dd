import SlackAPI
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct RateLimiterTests {
    private static let bucket = RateLimiter.Bucket(method: "chat.update")
    private static let limit = RateLimit(calls: 3, window: .seconds(60))

    private let time = TestClock()
    private var far: ContinuousClock.Instant { time.now + .seconds(86_400) }

    /// Enters `count` times, each in a task of its own, one queued after the other; what came through, in order.
    private final class Callers: Sendable {
        let passed = Mutex<[Int]>([])
        let failed = Mutex<[Int: any Error]>([:])

        func note(_ index: Int) { passed.withLock { $0.append(index) } }
        var order: [Int] { passed.withLock { $0 } }
    }

    /// The task of a caller that is in the queue when this returns.
    private func caller(_ index: Int, _ limiter: RateLimiter, _ callers: Callers, queued: Int) async -> Task<
        Void, Never
    > {
        let (far, bucket, limit) = (far, Self.bucket, Self.limit)
        let task = Task {
            do {
                try await limiter.enter(bucket, limit, until: far)
                callers.note(index)
            } catch {
                callers.failed.withLock { $0[index] = error }
            }
        }
        while await limiter.waiting(bucket) < queued { await Task.yield() }
        return task
    }

    @Test func noMoreThanTheLimitInAnyWindow() async throws {
        var window = RateWindow(Self.limit)
        let start = time.now
        var sent: [Duration] = []
        var now = start
        for step in 0..<40 {
            now = max(now, window.next(now))
            window.take(now)
            sent.append(now - start)
            now += .seconds(step % 7)
        }
        for at in sent {
            let inWindow = sent.count { $0 > at - .seconds(60) && $0 <= at }
            #expect(inWindow <= 3, "\(inWindow) calls in the minute before \(at)")
        }
        // And it is not slower than it need be: three at once, then three more when a minute is surely over.
        #expect(sent.count { $0 <= .seconds(63 * 13) } >= 39)
    }

    @Test func callsPassInTheOrderTheyCame() async throws {
        let limiter = RateLimiter(clock: time.clock)
        let callers = Callers()
        for _ in 0..<3 { try await limiter.enter(Self.bucket, Self.limit, until: far) }
        var tasks: [Task<Void, Never>] = []
        for index in 0..<6 {
            tasks.append(await caller(index, limiter, callers, queued: index + 1))
        }
        await time.sleepers(1)
        #expect(callers.order.isEmpty)
        time.advance(by: .seconds(64))
        for task in tasks.prefix(3) { await task.value }
        await time.sleepers(1)
        #expect(callers.order == [0, 1, 2])
        time.advance(by: .seconds(64))
        for task in tasks { await task.value }
        #expect(callers.order == [0, 1, 2, 3, 4, 5])
    }

    @Test func whoIsCancelledLeavesAndTheNextOneGetsTheTurn() async throws {
        let limiter = RateLimiter(clock: time.clock)
        let callers = Callers()
        for _ in 0..<3 { try await limiter.enter(Self.bucket, Self.limit, until: far) }
        let first = await caller(0, limiter, callers, queued: 1)
        let second = await caller(1, limiter, callers, queued: 2)
        let third = await caller(2, limiter, callers, queued: 3)
        await time.sleepers(1)
        second.cancel()
        await second.value
        first.cancel()
        await first.value
        #expect(await limiter.waiting(Self.bucket) == 1)
        await time.sleepers(1)
        time.advance(by: .seconds(64))
        await third.value
        #expect(callers.order == [2])
        #expect(callers.failed.withLock { $0.values.allSatisfy { $0 is CancellationError } && $0.count == 2 })
    }

    @Test func whatSlackSaidHoldsForAllWhoWait() async throws {
        let limiter = RateLimiter(clock: time.clock)
        let callers = Callers()
        await limiter.close(Self.bucket, Self.limit, for: .seconds(30))
        let task = await caller(0, limiter, callers, queued: 1)
        await time.sleepers(1)
        // Said again while somebody sleeps: until then it is.
        await limiter.close(Self.bucket, Self.limit, for: .seconds(90))
        time.advance(by: .seconds(31))
        await time.sleepers(1)
        #expect(callers.order.isEmpty)
        time.advance(by: .seconds(60))
        await task.value
        #expect(callers.order == [0])
        // Other methods are not concerned.
        await limiter.close(Self.bucket, Self.limit, for: .seconds(90))
        try await limiter.enter(RateLimiter.Bucket(method: "users.info"), Self.limit, until: time.now)
        try await limiter.enter(RateLimiter.Bucket(method: "chat.update", channel: "C1"), Self.limit, until: time.now)
    }

    @Test func aQueueThatIsFullAndATurnThatComesTooLateAreToldAtOnce() async throws {
        let limiter = RateLimiter(longestQueue: 1, clock: time.clock)
        let callers = Callers()
        for _ in 0..<3 { try await limiter.enter(Self.bucket, Self.limit, until: far) }
        let late = await #expect(throws: SlackError.self) {
            try await limiter.enter(Self.bucket, Self.limit, until: time.now + .seconds(59))
        }
        #expect(late?.kind == .transient && late?.code == "ratelimited" && late?.retryAfter == Self.limit.span)
        let waiting = await caller(0, limiter, callers, queued: 1)
        let full = await #expect(throws: SlackError.self) {
            try await limiter.enter(Self.bucket, Self.limit, until: far)
        }
        #expect(full?.code == "too_many_waiting" && full?.kind == .transient)
        waiting.cancel()
        await waiting.value
    }

    @Test func waitsBetweenTriesDoubleAndDiffer() {
        let backoff = Backoff(first: .seconds(1), longest: .seconds(60))
        #expect(
            (1...8).map { backoff.wait(before: $0, random: 1) } == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        #expect(backoff.wait(before: 3, random: 0) == .seconds(2))
        #expect(backoff.wait(before: .max, random: 1) == .seconds(60))
        #expect(Set((0..<50).map { _ in backoff.wait(before: 5) }).count > 10)
    }
}
