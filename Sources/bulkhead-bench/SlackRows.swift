import Crypto
import Glibc
import Logging
import MCP
import Model
import Slack
import SlackAPI
import Store
import Synchronization

/// The way in from Slack: from a signed request to the answer that acknowledges it, the event durable by then.
enum SlackRows {
    private static let secret = "0123456789abcdef0123456789abcdef"

    static func measure(_ options: Options) async throws -> [Row] {
        let directory = try options.directory("slack")
        let database = try Database(directory: directory)
        defer { database.close() }
        let desk = EventDesk(
            secrets: { [secret] }, now: { Int64(time(nil)) },
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        ) { envelope in
            let now = WallClock.system.now()
            guard let draft = SlackEvent.draft(.object(envelope.payload), received: now) else {
                throw BenchError("the event is none")
            }
            try await database.acceptSlackEvents([draft])
            return nil
        }
        let (writers, each) = (64, 200)
        let requests = (0..<(100 + 2_000 + writers * each)).map(request)
        let next = Mutex(0)
        let take: @Sendable () async throws -> Void = {
            let number = next.withLock { number in
                defer { number += 1 }
                return number
            }
            let answer = await desk.answer(requests[number])
            guard answer.status == 200 else { throw BenchError("answered with \(answer.status)") }
        }
        _ = try await Samples.of(100, take)
        let alone = try await Samples.of(2_000, take)
        let start = ContinuousClock.now
        let together = try await withThrowingTaskGroup(of: Samples.self) { group in
            for _ in 0..<writers { group.addTask { try await Samples.of(each, take) } }
            var all = Samples()
            for try await samples in group { all.add(samples) }
            return all
        }
        let rate = Double(writers * each) / (ContinuousClock.now - start).inSeconds
        guard try await database.slackEventCounts().waiting == requests.count else {
            throw BenchError("not every event was kept")
        }
        let floor = try await Program.output(
            options.python, [options.root + "/Tests/Peers/slack_bolt_rate.py", secret, directory + "-peer.sqlite"]
        ).split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard floor.count == 3 else { throw BenchError("slack_bolt did not answer") }
        let peer = "slack_bolt, keeping them in SQLite, one by one"
        return [
            Row(
                name: "Slack event in, until acknowledged, p50", value: alone.p50, unit: "ms", better: .lower,
                target: "≤ 2", peerName: peer, peer: floor[0]),
            Row(
                name: "Slack event in, until acknowledged, p99", value: alone.p99, unit: "ms", better: .lower,
                target: "≤ 10", peerName: peer, peer: floor[1]),
            Row(
                name: "Slack events in, 64 at a time", value: rate, unit: "events/s", better: .higher,
                target: "≥ 1,000", peerName: peer, peer: floor[2]),
            Row(
                name: "Slack events in, 64 at a time, p99", value: together.p99, unit: "ms", better: .lower,
                target: "≤ 300", peerName: "none"),
        ]
    }

    /// A mention in a thread of its own.
    private static func request(_ number: Int) -> EventDesk.Request {
        let ts = "1700\(100_000_000 + number).000100".dropFirst(3)
        let text = "<@U0BOT> what does the plan say about item \(number)? " + String(repeating: "words ", count: 40)
        let payload: JSONObject = [
            "type": "event_callback", "team_id": "T0", "api_app_id": "A0", "event_id": .string("Ev\(number)"),
            "event": [
                "type": "message", "channel": .string("C\(number % 40)"), "user": .string("U\(number % 200)"),
                "ts": .string(String(ts)), "text": .string(text),
                "blocks": [
                    [
                        "type": "rich_text",
                        "elements": [
                            ["type": "rich_text_section", "elements": [["type": "text", "text": .string(text)]]]
                        ],
                    ]
                ],
            ],
        ]
        let body = payload.serialized()
        let now = String(time(nil))
        let signed = HMAC<SHA256>.authenticationCode(
            for: Array("v0:\(now):".utf8) + body, using: SymmetricKey(data: Array(secret.utf8)))
        let digits = signed.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
        return EventDesk.Request(
            body: body,
            headers: [
                "content-type": "application/json", "x-slack-request-timestamp": now,
                "x-slack-signature": "v0=" + digits,
            ])
    }
}
