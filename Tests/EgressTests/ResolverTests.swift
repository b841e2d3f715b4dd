import Dispatch
import Model
import NetworkRules
import Testing

@testable import Egress

@Suite(.timeLimit(.minutes(5))) struct ResolverTests {
    private let one = SessionID(trusted: "one")
    private let other = SessionID(trusted: "other")

    @Test func namesThatNobodyAnswersTakeOneSessionsPlacesAlone() async throws {
        let answers = DispatchSemaphore(value: 0)
        let (begun, begin) = AsyncStream<HostName>.makeStream()
        let resolver = SystemResolver(maximumAtOnce: 6, ofOneSession: 4) { host in
            begin.yield(host)
            if host.description != "quick.example.org" { answers.wait() }
            return .success([IPAddress(8, 8, 8, 8)])
        }
        let stuck = try (0..<9).map { number in
            let host = try "slow-\(number).example.org".asHost
            return Task { try await resolver.addresses(of: host, for: one) }
        }
        var running = begun.makeAsyncIterator()
        for _ in 0..<4 { #expect(await running.next()?.description.hasPrefix("slow") == true) }
        #expect(try await resolver.addresses(of: "quick.example.org".asHost, for: other) == [IPAddress(8, 8, 8, 8)])
        // The fifth to begin was the other's, although five of the first waited for longer.
        #expect(await running.next()?.description == "quick.example.org")
        for _ in stuck { answers.signal() }
        for task in stuck { #expect(try await task.value.count == 1) }
    }

    @Test func whoWaitsIsServedInTurnAndWhoIsLateLeavesNothing() async throws {
        let places = ResolverPlaces(maximum: 3, ofOneSession: 2)
        try await places.enter(one)
        try await places.enter(one)
        let late = Task { try await places.enter(one) }
        while places.waiting < 1 { await Task.yield() }
        let next = Task { try await places.enter(one) }
        while places.waiting < 2 { await Task.yield() }
        // Past those that wait for their own session's places.
        try await places.enter(other)
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(places.waiting == 1)
        places.leave(one)
        try await next.value
        for session in [one, one, other] { places.leave(session) }
        // All are free again, of this session and in all.
        try await places.enter(one)
        try await places.enter(one)
        try await places.enter(other)
        #expect(places.waiting == 0)
    }

    @Test func whoWasCancelledBeforeItAskedGetsNoPlace() async throws {
        let places = ResolverPlaces(maximum: 1, ofOneSession: 1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await places.enter(one)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await places.enter(other)
    }
}
