import MCP
import SlackAPI
import Synchronization
import TestSupport
import Testing

/// What arrived, and how each envelope is to be handled.
final class Received: Sendable {
    private let envelopes = Mutex<[SlackEnvelope]>([])

    var all: [SlackEnvelope] { envelopes.withLock { $0 } }
    var texts: [String] { all.compactMap { $0.event?["text"]?.stringValue } }

    func note(_ envelope: SlackEnvelope) { envelopes.withLock { $0.append(envelope) } }
}

extension SimulatedSlack {
    static let events: JSONObject = ["type": "message"]

    /// Runs Socket Mode as long as `body` runs, from when all connections are there.
    func connected<Result>(
        _ options: SocketOptions = .quick,
        handle: @escaping @Sendable (SlackEnvelope) async throws -> JSONValue?,
        _ body: (SocketMode) async throws -> Result
    ) async throws -> Result {
        try await withClient(token: "app_token") { client in
            let socket = SocketMode(client: client, options: options, logger: Self.logger)
            let running = Task { await socket.run(handle: handle) }
            let result: Swift.Result<Result, any Error>
            do {
                try await wait("connected", count: options.connections)
                result = .success(try await body(socket))
            } catch {
                result = .failure(error)
            }
            running.cancel()
            await running.value
            return try result.get()
        }
    }

    @discardableResult
    func disturb(_ verb: String, _ more: JSONObject = [:]) async throws -> JSONValue {
        var body = more
        body["do"] = .string(verb)
        return try await control("POST", "connections", body)
    }

    func say(_ text: String) async throws {
        try await act("ada", "post", ["channel": "general", "text": .string(text)])
    }
}

extension SocketOptions {
    static var quick: SocketOptions {
        var options = SocketOptions()
        options.connections = 1
        options.backoff = Backoff(first: .milliseconds(5), longest: .milliseconds(50))
        options.refusedBackoff = Backoff(first: .milliseconds(50), longest: .milliseconds(100))
        return options
    }
}

@Suite(.timeLimit(.minutes(5))) struct SocketModeTests {
    private static let messages: JSONObject = ["payload.event.type": "message"]

    @Test func whatPeopleDoArrivesAndIsAcknowledged() async throws {
        try await SimulatedSlack.with([
            "users": ["ada"],
            "apps": [
                [
                    "name": "helper", "commands": ["/helper"],
                    "shortcuts": [["name": "Ask", "type": "message", "callback_id": "ask"]],
                ]
            ], "channels": [["name": "general", "members": ["ada"], "apps": ["helper"]]],
        ]) { slack in
            let received = Received()
            try await slack.connected(
                handle: { envelope in
                    received.note(envelope)
                    return envelope.kind == .command ? ["text": "right away"] : nil
                },
                { socket in
                    try await slack.say("hello ü😀")
                    try await slack.wait("acked")
                    let command = try await slack.act(
                        "ada", "command", ["command": "/helper", "text": "a b", "channel": "general"])
                    #expect(command["acknowledged"] == true && command["response"]?["text"] == "right away")
                    let ts = try await slack.messages().first?["ts"] ?? .null
                    let shortcut = try await slack.act(
                        "ada", "shortcut", ["callback_id": "ask", "ts": ts, "channel": "general"])
                    #expect(shortcut["acknowledged"] == true)
                    let message = try #require(received.all.first)
                    #expect(message.kind == .event && message.event?["text"] == "hello ü😀")
                    #expect(message.eventID?.hasPrefix("Ev") == true && message.teamID != nil && message.retry == nil)
                    #expect(received.all.map(\.kind) == [.event, .command, .interaction])
                    #expect(
                        received.all[1].payload["text"] == "a b" && received.all[2].payload["type"] == "message_action")
                    #expect(socket.status.state == .connected && socket.status.connections == 1)
                    #expect(socket.status.received == 3 && socket.status.lastEnvelope != nil)
                })
            // It says goodbye.
            try await slack.wait("closed")
        }
    }

    @Test func whatCouldNotBeHandledComesAgain() async throws {
        try await SimulatedSlack.with { slack in
            struct Full: Error {}
            let received = Received()
            try await slack.connected(
                handle: { envelope in
                    received.note(envelope)
                    if received.all.count == 1 { throw Full() }
                    return nil
                },
                { _ in
                    try await slack.say("again")
                    try await slack.wait("sent", Self.messages)
                    try await slack.control("POST", "clock", ["advance": 4])
                    try await slack.wait("acked")
                    #expect(received.all.count == 2)
                    #expect(received.all.first?.eventID == received.all.last?.eventID)
                    #expect(received.all.last?.retry == SlackEnvelope.Retry(attempt: 1, reason: "timeout"))
                })
        }
    }

    @Test func messagesInPiecesAndLargeOnesAreWhole() async throws {
        try await SimulatedSlack.with { slack in
            let received = Received()
            try await slack.connected(
                handle: {
                    received.note($0); return nil
                },
                { _ in
                    let text = String(repeating: "ü😀x", count: 8_000)
                    try await slack.fault(["envelope": "events_api", "kind": "fragment", "pieces": 200])
                    try await slack.say(text)
                    try await slack.wait("acked")
                    try await slack.say(text)
                    try await slack.wait("acked", count: 2)
                    #expect(received.texts == [text, text])
                })
        }
    }

    @Test func aMessageThatIsTooLargeEndsTheConnectionAndNotTheProgram() async throws {
        try await SimulatedSlack.with { slack in
            let received = Received()
            var options = SocketOptions.quick
            options.largestMessage = 20_000
            try await slack.connected(
                options,
                handle: {
                    received.note($0); return nil
                },
                { _ in
                    for pieces in [0, 50] {
                        let mark = try await slack.mark()
                        if pieces > 0 {
                            try await slack.fault([
                                "envelope": "events_api", "kind": "fragment", "pieces": .int(Int64(pieces)),
                            ])
                        }
                        try await slack.say(String(repeating: "x", count: 30_000))
                        try await slack.wait("closed", after: mark)
                        try await slack.wait("connected", after: mark)
                    }
                    try await slack.say("small")
                    try await slack.wait("acked")
                    #expect(received.texts == ["small"])
                })
        }
    }

    @Test func oneSlowEnvelopeHoldsUpNoOther() async throws {
        try await SimulatedSlack.with { slack in
            let received = Received()
            let (gate, opener) = AsyncStream<Void>.makeStream()
            try await slack.connected(
                handle: { envelope in
                    received.note(envelope)
                    if envelope.event?["text"] == "slow" { for await _ in gate {} }
                    return nil
                },
                { _ in
                    try await slack.say("slow")
                    for index in 0..<5 { try await slack.say("\(index)") }
                    try await slack.wait("acked", count: 5)
                    #expect(received.texts.count == 6)
                    opener.finish()
                    try await slack.wait("acked", count: 6)
                })
        }
    }

    @Test func whatIsTooMuchAtATimeIsLeftToBeRepeated() async throws {
        try await SimulatedSlack.with { slack in
            let received = Received()
            let (gate, opener) = AsyncStream<Void>.makeStream()
            var options = SocketOptions.quick
            options.mostInFlight = 2
            try await slack.connected(
                options,
                handle: { envelope in
                    received.note(envelope)
                    for await _ in gate {}
                    return nil
                },
                { socket in
                    for index in 0..<5 { try await slack.say("\(index)") }
                    while socket.status.received < 5 { await Task.yield() }
                    #expect(received.all.count == 2 && socket.status.dropped == 3)
                    opener.finish()
                    try await slack.wait("acked", count: 2)
                    try await slack.control("POST", "clock", ["advance": 4])
                    try await slack.wait("acked", count: 5)
                    #expect(Set(received.texts) == ["0", "1", "2", "3", "4"])
                })
        }
    }

    // MARK: Connections come and go

    @Test(arguments: ["warning", "refresh_requested"])
    func aNewConnectionIsThereBeforeTheOldOneGoes(reason: String) async throws {
        try await SimulatedSlack.with { slack in
            let received = Received()
            try await slack.connected(
                handle: {
                    received.note($0); return nil
                },
                { socket in
                    let mark = try await slack.mark()
                    try await slack.disturb("disconnect", ["reason": .string(reason), "grace": 600])
                    let second = try await slack.wait("connected", after: mark)
                    #expect(second["count"] == 2, "the old one was gone already")
                    try await slack.say("on the new one")
                    try await slack.wait("acked")
                    try await slack.control("POST", "clock", ["advance": 600])
                    try await slack.wait("closed")
                    try await slack.say("still")
                    try await slack.wait("acked", count: 2)
                    #expect(received.texts == ["on the new one", "still"])
                    #expect(socket.status.connections == 1 && socket.status.state == .connected)
                    // Once, and not in circles.
                    #expect(try await slack.journal("connected").count == 2)
                })
        }
    }

    @Test(arguments: ["drop", "close"])
    func aConnectionThatBreaksIsMadeAnew(verb: String) async throws {
        try await SimulatedSlack.with { slack in
            let received = Received()
            try await slack.connected(
                handle: {
                    received.note($0); return nil
                },
                { socket in
                    for round in 1...3 {
                        let mark = try await slack.mark()
                        try await slack.disturb(verb)
                        try await slack.wait("connected", after: mark)
                        try await slack.say("\(round)")
                        try await slack.wait("acked", count: round)
                    }
                    #expect(received.texts == ["1", "2", "3"])
                    #expect(socket.status.connections == 1)
                })
        }
    }

    @Test func whileOneConnectionIsGoneTheOtherBringsEverything() async throws {
        try await SimulatedSlack.with { slack in
            let received = Received()
            var options = SocketOptions.quick
            options.connections = 2
            try await slack.connected(
                options,
                handle: {
                    received.note($0); return nil
                },
                { socket in
                    #expect(try await slack.control("GET", "connections")["connections"]?.arrayValue?.count == 2)
                    let first = try await slack.control("GET", "connections")["connections"]?[0]?["id"] ?? .null
                    try await slack.disturb("refuse", ["count": 3])
                    let mark = try await slack.mark()
                    try await slack.disturb("drop", ["id": first])
                    for index in 0..<4 { try await slack.say("\(index)") }
                    try await slack.wait("acked", count: 4)
                    #expect(Set(received.texts).count == 4)
                    try await slack.wait("connected", after: mark)
                })
        }
    }

    @Test func aDeadConnectionIsFoundOut() async throws {
        try await SimulatedSlack.with { slack in
            var options = SocketOptions.quick
            options.pingInterval = .milliseconds(50)
            options.staleAfter = .seconds(2)
            try await slack.connected(
                options, handle: { _ in nil },
                { _ in
                    // As long as it answers pings, it is none.
                    try await slack.wait("connected")
                    let mark = try await slack.mark()
                    try await slack.disturb("stale")
                    try await slack.wait("connected", after: mark)
                    try await slack.say("alive")
                    try await slack.wait("acked")
                })
        }
    }

    /// Quiet for longer than that, it is kept: pings are traffic.
    @Test func aQuietConnectionIsNotDead() async throws {
        try await SimulatedSlack.with { slack in
            let time = TestClock()
            try await slack.withClient(token: "app_token", clock: time.clock) { client in
                let socket = SocketMode(client: client, options: .quick, logger: SimulatedSlack.logger)
                let running = Task { await socket.run { _ in nil } }
                try await slack.wait("connected")
                while socket.status.state != .connected { await Task.yield() }
                let id = try #require(
                    try await slack.control("GET", "connections")["connections"]?[0]?["id"]?.stringValue)
                for round in 1...10 {
                    await time.sleepers(1)
                    time.advance(by: .seconds(5))
                    // What came is read before time goes on.
                    try await slack.say("tick")
                    try await slack.wait("acked", count: round)
                }
                let now = try await slack.control("GET", "connections")["connections"]?.arrayValue ?? []
                #expect(now.map { $0["id"]?.stringValue } == [id])
                running.cancel()
                await running.value
                #expect(socket.status.state == .stopped && socket.status.connections == 0)
            }
        }
    }

    // MARK: Refusals

    @Test func socketModeThatIsOffIsToldAndTriedAgainSlowly() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.connected(
                handle: { _ in nil },
                { socket in
                    try await slack.control("POST", "apps/helper", ["socket_mode": false])
                    while socket.status.state != .refused { await Task.yield() }
                    #expect(socket.status.lastError?.message.contains("Socket Mode") == true)
                    #expect(socket.status.lastError?.kind == .auth)
                    let mark = try await slack.mark()
                    try await slack.control("POST", "apps/helper", ["socket_mode": true])
                    try await slack.wait("connected", after: mark)
                    while socket.status.state != .connected { await Task.yield() }
                    #expect(socket.status.lastError == nil)
                })
        }
    }

    @Test(arguments: ["invalid_auth", "token_revoked", "account_inactive"])
    func aTokenThatIsNoneIsNotTriedInARush(state: String) async throws {
        try await SimulatedSlack.with { slack in
            try await slack.control("POST", "apps/helper", ["token": .string(state)])
            let time = TestClock()
            try await slack.withClient(token: "app_token", clock: time.clock) { client in
                let socket = SocketMode(client: client, logger: SimulatedSlack.logger)
                let running = Task { await socket.run { _ in nil } }
                // Both lanes have tried, and sleep.
                await time.sleepers(2)
                #expect(socket.status.state == .refused && socket.status.lastError?.code == state)
                time.advance(by: .seconds(29))
                let tries = try await slack.calls("apps.connections.open").count
                #expect(tries == 2)
                running.cancel()
                await running.value
            }
        }
    }

    @Test func tooManyConnectionsAreNotAnsweredWithMore() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.connected(
                handle: { _ in nil },
                { socket in
                    let mark = try await slack.mark()
                    try await slack.disturb("disconnect", ["reason": "too_many_websockets"])
                    try await slack.wait("connected", after: mark)
                    while socket.status.connections != 1 { await Task.yield() }
                })
        }
    }

    @Test func handshakesThatAreRefusedAreTriedAgain() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.disturb("refuse", ["count": 3])
            try await slack.connected(
                handle: { _ in nil },
                { _ in
                    try await slack.say("in")
                    try await slack.wait("acked")
                })
            #expect(try await slack.calls("apps.connections.open").count == 4)
        }
    }

    @Test func stoppingDoesNotWaitForSlack() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.fault(["method": "apps.connections.open", "kind": "timeout", "times": .null])
            try await slack.withClient(token: "app_token") { client in
                let socket = SocketMode(client: client, options: .quick, logger: SimulatedSlack.logger)
                let running = Task { await socket.run { _ in nil } }
                try await slack.wait("fault")
                running.cancel()
                await running.value
                #expect(socket.status.state == .stopped)
            }
        }
    }
}
