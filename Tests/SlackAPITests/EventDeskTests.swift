import Crypto
import Foundation
import Logging
import MCP
import SlackAPI
import Synchronization
import Testing

/// What comes by HTTP: whose it is, whether it came before, and what Slack is told.
@Suite struct EventDeskTests {
    static let secret = "8f742231b10e8888abcd99yyyzzz85a5"
    static let event = #"{"type":"event_callback","event_id":"Ev1","event":{"type":"message"}}"#

    /// A desk at a time of its own, with what it handled.
    final class Desk: Sendable {
        let time = Mutex<Int64>(1_800_000_000)
        let handled = Mutex<[SlackEnvelope]>([])
        let failures = Mutex(0)
        let secrets: Mutex<[String]> = Mutex([EventDeskTests.secret])
        let clock = TestClock()

        func desk(_ handle: EventDesk.Handle? = nil) -> EventDesk {
            EventDesk(
                secrets: { self.secrets.withLock { $0 } }, now: { self.time.withLock { $0 } }, clock: clock.clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                handle: handle ?? { envelope in
                    let fails = self.failures.withLock { left in
                        defer { left = max(0, left - 1) }
                        return left > 0
                    }
                    if fails { throw CancellationError() }
                    self.handled.withLock { $0.append(envelope) }
                    return envelope.kind == .command ? ["text": "done"] : nil
                })
        }

        func request(
            _ body: String, type: String = "application/json", secret: String = EventDeskTests.secret,
            at time: Int64? = nil, _ more: [String: String] = [:]
        ) -> EventDesk.Request {
            let time = time ?? self.time.withLock { $0 }
            let code = HMAC<SHA256>.authenticationCode(
                for: Array("v0:\(time):\(body)".utf8), using: SymmetricKey(data: Array(secret.utf8)))
            let hex = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let headers = [
                "content-type": type, "x-slack-request-timestamp": "\(time)", "x-slack-signature": "v0=" + hex,
            ]
            return EventDesk.Request(body: Array(body.utf8), headers: headers.merging(more) { $1 })
        }
    }

    @Test func whatSlackSignedIsHandledAndThenAcknowledged() async {
        let scene = Desk()
        let desk = scene.desk()
        let answer = await desk.answer(
            scene.request(Self.event, ["x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"]))
        #expect(answer.status == 200 && answer.body.isEmpty)
        #expect(scene.handled.withLock { $0.map(\.eventID) } == ["Ev1"])
        #expect(scene.handled.withLock { $0.first?.retry } == .init(attempt: 1, reason: "http_timeout"))
        let command = await desk.answer(
            scene.request("command=%2Fbulkhead&text=help", type: "application/x-www-form-urlencoded"))
        #expect(command.status == 200 && command.contentType == "application/json; charset=utf-8")
        #expect(command.body == Array(#"{"text":"done"}"#.utf8))
    }

    @Test func theSameRequestASecondTimeIsRefused() async {
        let scene = Desk()
        let desk = scene.desk()
        let click = scene.request("payload=%7B%7D", type: "application/x-www-form-urlencoded")
        #expect(await desk.answer(click).status == 200)
        #expect(await desk.answer(click).status == 409)
        scene.time.withLock { $0 += 299 }
        #expect(await desk.answer(click).status == 409)
        #expect(scene.handled.withLock { $0.count } == 1)
        // Slack's own repetition is signed anew.
        #expect(await desk.answer(scene.request(Self.event)).status == 200)
    }

    /// Nor one that another process may have taken: its memory of signatures went with it.
    @Test func whatWasSignedBeforeTheStartIsRefused() async {
        let scene = Desk()
        let early = scene.request(Self.event)
        scene.time.withLock { $0 += 1 }
        #expect(await scene.desk().answer(early).status == 401)
        #expect(scene.handled.withLock { $0.isEmpty })
    }

    @Test func whatFailsIsNotAcknowledgedAndMayComeAgain() async {
        let scene = Desk()
        let desk = scene.desk()
        scene.failures.withLock { $0 = 1 }
        let request = scene.request(Self.event)
        #expect(await desk.answer(request).status == 503)
        #expect(await desk.answer(request).status == 200)
        #expect(scene.handled.withLock { $0.count } == 1)
    }

    @Test func whatTakesLongerThanSlackWaitsIsNotAcknowledged() async {
        let scene = Desk()
        let desk = scene.desk { _ in
            try await Task.sleep(for: .seconds(3600))
            return nil
        }
        async let answer = desk.answer(scene.request(Self.event))
        await scene.clock.sleepers(1)
        scene.clock.advance(by: .seconds(3))
        #expect(await answer.status == 503)
    }

    @Test func whatIsNotSlacksIsNotRead() async {
        let scene = Desk()
        let desk = scene.desk()
        let now = scene.time.withLock { $0 }
        for request in [
            scene.request("{", secret: "another secret of the same size"), scene.request(Self.event, at: now - 301),
            EventDesk.Request(body: Array(Self.event.utf8), headers: ["content-type": "application/json"]),
        ] {
            #expect(await desk.answer(request).status == 401)
        }
        let challenge = #"{"type":"url_verification","challenge":"abc123"}"#
        #expect(await desk.answer(scene.request(challenge, secret: "another secret of the same size")).status == 401)
        let verified = await desk.answer(scene.request(challenge))
        #expect(verified.status == 200 && verified.body == Array("abc123".utf8))
        #expect(await desk.answer(scene.request("{", at: now)).status == 400)
        #expect(scene.handled.withLock { $0.isEmpty })
        // Without a secret nothing is Slack's.
        scene.secrets.withLock { $0 = [] }
        #expect(await desk.answer(scene.request(Self.event)).status == 401)
        scene.secrets.withLock { $0 = [""] }
        #expect(await desk.answer(scene.request(Self.event, secret: "")).status == 401)
    }
}
