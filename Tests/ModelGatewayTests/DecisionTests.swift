import MCP
import Testing

@testable import ModelGateway

@Suite struct EventSplitterTests {
    private static let events = [
        "event: a\ndata: {\"x\":1}\n\n", "data: one\r\ndata: two\r\n\r\n", "\n", ": comment\n\n", "data:tight\r\r",
        "event: ping\ndata: {}\n\n",
    ]

    private static func withoutLineEnds(_ texts: [String]) -> [[UInt8]] {
        texts.map { text in text.utf8.filter { $0 != 0x0A && $0 != 0x0D } }
    }

    /// However the bytes are cut, the same events come out, and every byte of them once.
    @Test func anyCutGivesTheSameEvents() throws {
        let bytes = Array(Self.events.joined().utf8)
        var generator = SplitMix(state: 3)
        for _ in 0..<2000 {
            var splitter = EventSplitter(maximumBytes: 1000)
            var found: [String] = []
            var position = 0
            while position < bytes.count {
                let end = min(bytes.count, position + 1 + generator.below(9))
                found += try splitter.append(bytes[position..<end]).map { String(decoding: $0, as: UTF8.self) }
                position = end
            }
            // The LF of a CRLF that was cut in two is left out; it means nothing.
            #expect(Self.withoutLineEnds(found) == Self.withoutLineEnds(Self.events))
            #expect(found.count == Self.events.count)
            #expect(!splitter.isInsideEvent)
        }
    }

    @Test func anUnfinishedEventStaysInside() throws {
        var splitter = EventSplitter(maximumBytes: 100)
        #expect(try splitter.append(Array("data: x\n".utf8)).isEmpty)
        #expect(splitter.isInsideEvent)
    }

    @Test func anEventHasABound() {
        var splitter = EventSplitter(maximumBytes: 100)
        #expect(throws: EventSplitter.TooLong.self) { try splitter.append([UInt8](repeating: 65, count: 101)) }
    }

    @Test func fieldsAreRead() {
        let event = StreamEvent(Array("event: x\r\nid: 1\r\ndata: one\ndata:two\ndata\n\n".utf8)[...])
        #expect(event.name == "x")
        #expect(String(decoding: event.data, as: UTF8.self) == "one\ntwo\n")
    }
}

@Suite struct StreamMeterTests {
    @Test func laterFiguresReplaceEarlierOnes() {
        var meter = StreamMeter()
        for text in [
            "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n",
            "data: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":7}}\n\n",
            "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":9}}\n\n",
            "event: something_new\ndata: not json\n\n", ": nothing\n\n",
        ] { #expect(meter.read(StreamEvent(Array(text.utf8)[...])) == nil) }
        #expect(meter.usage == TokenUsage(input: 10, output: 9))
        #expect(meter.stopReason == "end_turn")
        #expect(!meter.isComplete)
        #expect(meter.read(StreamEvent(Array("event: message_stop\ndata: {oops\n\n".utf8)[...])) != nil)
    }

    private static let oddUsages: [(JSONValue, TokenUsage)] = [
        (["input_tokens": -5, "output_tokens": 9_000_000_000_000_000_000], TokenUsage(output: 1_000_000_000)),
        (["input_tokens": "many", "output_tokens": 1.5, "cache_read_input_tokens": .null], TokenUsage()),
        (["cache_creation_input_tokens": 100], TokenUsage(cacheWrite5m: 100)),
        (
            ["cache_creation_input_tokens": 100, "cache_creation": ["ephemeral_1h_input_tokens": 40]],
            TokenUsage(cacheWrite5m: 60, cacheWrite1h: 40)
        ),
        (
            ["cache_creation_input_tokens": 10, "cache_creation": ["ephemeral_1h_input_tokens": 40]],
            TokenUsage(cacheWrite1h: 10)
        ),
        (
            ["cache_creation": ["ephemeral_1h_input_tokens": 4, "ephemeral_5m_input_tokens": 3]],
            TokenUsage(cacheWrite5m: 3, cacheWrite1h: 4)
        ),
    ]

    @Test(arguments: oddUsages)
    func oddUsageIsBounded(json: JSONValue, usage: TokenUsage) {
        var found = TokenUsage()
        found.update(from: json)
        #expect(found == usage)
    }
}

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy(maximumRetries: 6, longestWait: .seconds(60))

    private func decide(_ status: Int?, retries: Int = 0, _ change: (inout RetryPolicy.Failure) -> Void = { _ in })
        -> RetryPolicy.Decision
    {
        var failure = RetryPolicy.Failure(status: status)
        change(&failure)
        return policy.decide(failure, retries: retries, now: 784_111_777)
    }

    @Test(arguments: [408, 409, 429, 500, 502, 503, 504, 529, 599])
    func retries(status: Int) { #expect(decide(status) == .retry(after: .milliseconds(500))) }

    @Test(arguments: [400, 401, 402, 413])
    func neverRetries(status: Int) {
        #expect(decide(status) { $0.shouldRetry = "true" } == .giveUp)
    }

    @Test(arguments: [403, 404, 422, 200, 302])
    func retriesOnlyWhenTold(status: Int) {
        #expect(decide(status) == .giveUp)
        #expect(decide(status) { $0.shouldRetry = "true" } == .retry(after: .milliseconds(500)))
    }

    @Test func doublesUpToEightSeconds() {
        let waits = (0..<6).map { decide(529, retries: $0) }
        #expect(waits == [0.5, 1, 2, 4, 8, 8].map { .retry(after: .seconds($0)) })
        #expect(decide(529, retries: 6) == .giveUp)
    }

    @Test func obeysWhatItIsTold() {
        #expect(decide(500) { $0.shouldRetry = "false" } == .giveUp)
        #expect(decide(429) { $0.retryAfter = "7" } == .retry(after: .seconds(7)))
        #expect(decide(429) { $0.retryAfter = "1.5" } == .retry(after: .milliseconds(1500)))
        #expect(decide(429) { $0.retryAfter = "61" } == .giveUp)
        #expect(
            decide(429) { ($0.retryAfterMilliseconds, $0.retryAfter) = ("20", "7") } == .retry(after: .milliseconds(20))
        )
        #expect(decide(429) { $0.retryAfter = "Sun, 06 Nov 1994 08:49:47 GMT" } == .retry(after: .seconds(10)))
        #expect(decide(429) { $0.retryAfter = "Sun, 06 Nov 1994 08:00:00 GMT" } == .retry(after: .zero))
        for nonsense in ["", "soon", "-1", "nan", "inf", "1e300", "Sun, 99 Foo 1994 08:49:47 GMT"] {
            #expect(decide(429) { $0.retryAfter = nonsense } == .retry(after: .milliseconds(500)))
            #expect(decide(429) { $0.retryAfterMilliseconds = nonsense } == .retry(after: .milliseconds(500)))
        }
    }

    @Test func theSpendLimitIsTheEnd() {
        #expect(
            decide(429) {
                ($0.errorCode, $0.shouldRetry) = ("enforced_spend_limit_reached", "true")
            } == .giveUp)
        #expect(decide(429) { $0.errorCode = "other" } != .giveUp)
    }

    @Test func noAnswerAtAll() {
        #expect(decide(nil) == .retry(after: .milliseconds(500)))
        #expect(decide(nil) { $0.mayAskAgain = false } == .giveUp)
    }
}

@Suite struct JSONSpliceTests {
    @Test(arguments: [
        ("{\"model\":\"a\"}", "{\"model\":1}"), ("{ \"model\" : null }", "{ \"model\" : 1 }"),
        (
            "{\"x\":{\"model\":\"no\"},\"model\":[1,{\"y\":\"}\"}],\"z\":2}",
            "{\"x\":{\"model\":\"no\"},\"model\":1,\"z\":2}"
        ),
        ("{\"a\":\"\\\"model\\\":\",\"model\":-1.5e3\n}", "{\"a\":\"\\\"model\\\":\",\"model\":1\n}"),
        ("{\"\\u006dodel\":true,\"b\":1.0}", "{\"\\u006dodel\":1,\"b\":1.0}"),
    ])
    func replacesOneValueAndNothingElse(text: String, expected: String) {
        let result = JSONSplice.replacingMembers(of: Array(text.utf8), with: ["model": [UInt8(ascii: "1")]])
        #expect(result.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test(arguments: [
        "", "{", "[]", "{\"model\"", "{\"model\":", "{\"a\":1}", "{\"model\":\"\\", "{\"a\":\"", "{\"model\":[}",
    ])
    func whatIsNoObjectIsNotGuessedAt(text: String) {
        #expect(JSONSplice.replacingMembers(of: Array(text.utf8), with: ["model": [49]]) == nil)
    }
}
