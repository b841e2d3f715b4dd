import MCP
import SlackAPI
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SlackFailureTests {
    // MARK: What is never done twice

    @Test(
        arguments: [
            ["kind": "lost_response"], ["kind": "status", "status": 502], ["kind": "malformed"],
            ["kind": "error", "error": "fatal_error"], ["kind": "error", "error": "internal_error"], ["kind": "reset"],
        ] as [JSONObject])
    func aPostOfUnknownFateIsNotRepeated(fault: JSONObject) async throws {
        try await SimulatedSlack.with { slack in
            var fault = fault
            fault["method"] = "chat.postMessage"
            fault["times"] = .null
            try await slack.fault(fault)
            let channel = try await slack.channel()
            try await slack.withClient { client in
                let error = await #expect(throws: SlackError.self) {
                    try await client.post(SlackPost(channel: channel, text: "once"))
                }
                #expect(error?.kind == .unknownOutcome, "\(String(describing: error))")
            }
            let struck = try await slack.journal("fault").count
            #expect(struck == 1, "it was sent \(struck) times")
            let wasPosted = fault["kind"] == "lost_response"
            #expect(try await slack.messages().count { $0["text"] == "once" } == (wasPosted ? 1 : 0))
        }
    }

    @Test func aPostThatIsNotAnsweredInTimeIsNotRepeated() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.fault(["method": "chat.postMessage", "kind": "timeout", "times": .null])
            var limits = SlackLimits.quick
            limits.answer = .milliseconds(300)
            let channel = try await slack.channel()
            try await slack.withClient(limits: limits) { client in
                let error = await #expect(throws: SlackError.self) {
                    try await client.post(SlackPost(channel: channel, text: "once"))
                }
                #expect(error?.kind == .unknownOutcome)
            }
            #expect(try await slack.journal("fault").count == 1)
        }
    }

    @Test(arguments: [
        SlackMethod.postEphemeral, .startStream, .appendStream, .stopStream, .viewsOpen, .filesCompleteUpload,
    ])
    func nothingThatPeopleWouldSeeTwiceIsRepeated(method: SlackMethod) async throws {
        try await SimulatedSlack.with { slack in
            try await slack.fault(["method": .string(method.name), "kind": "lost_response", "times": .null])
            try await slack.withClient { client in
                let error = await #expect(throws: SlackError.self) { try await client.call(method, ["channel": "C1"]) }
                #expect(error?.kind == .unknownOutcome)
            }
            #expect(try await slack.journal("fault").count == 1)
        }
    }

    @Test func whereNobodyListensNothingWasDone() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.withClient(base: "http://127.0.0.1:1/api/") { client in
                let error = await #expect(throws: SlackError.self) {
                    try await client.post(SlackPost(channel: "C1", text: "x"))
                }
                #expect(error?.kind == .transient && error?.code == "unreachable")
            }
        }
    }

    // MARK: What is

    @Test(
        arguments: [
            ["kind": "lost_response"], ["kind": "status", "status": 503], ["kind": "malformed"], ["kind": "reset"],
            ["kind": "error", "error": "internal_error"],
        ] as [JSONObject])
    func aReadIsRepeatedUntilItIsAnswered(fault: JSONObject) async throws {
        try await SimulatedSlack.with { slack in
            var fault = fault
            fault["method"] = "users.info"
            fault["times"] = 3
            try await slack.fault(fault)
            let ada = try await slack.user("ada")
            try await slack.withClient { client in
                let found = try await client.user(ada)
                #expect(found.name == "ada")
            }
            try await slack.fault(["method": "users.info", "kind": "status", "times": .null])
            try await slack.withClient { client in
                let error = await #expect(throws: SlackError.self) { try await client.user(ada) }
                #expect(error?.kind == .transient && error?.code == "http_503")
            }
            // Four tries, and not for ever.
            #expect(try await slack.journal("fault").count == 3 + 4)
        }
    }

    /// An answer that says to ask elsewhere is followed by nobody: what is sent has the token in it.
    @Test(arguments: [301, 302, 307, 308])
    func aRedirectIsNotFollowed(status: Int) async throws {
        try await SimulatedSlack.with { slack in
            try await SimulatedSlack.with { elsewhere in
                try await slack.fault([
                    "method": "auth.test", "kind": "status", "status": .int(Int64(status)),
                    "location": .string(elsewhere.url + "/api/auth.test"), "times": .null,
                ])
                try await slack.withClient { client in
                    _ = await #expect(throws: SlackError.self) { try await client.authTest() }
                }
                #expect(try await elsewhere.calls(of: "auth.test") == 0)
            }
        }
    }

    @Test func aReactionThatWasSetByTheLostTryIsNoError() async throws {
        try await SimulatedSlack.with { slack in
            let channel = try await slack.channel()
            try await slack.withClient { client in
                let posted = try await client.post(SlackPost(channel: channel, text: "x"))
                try await slack.fault(["method": "reactions.add", "kind": "lost_response"])
                try await client.react("eyes", to: posted)
                try await slack.fault(["method": "chat.delete", "kind": "lost_response"])
                try await client.delete(posted)
            }
        }
    }

    // MARK: Rates

    @Test func aPostRefusedByItsRateIsDoneOnceItMay() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.fault([
                "method": "chat.postMessage", "kind": "ratelimited", "retry_after": 7, "times": 2,
            ])
            let channel = try await slack.channel()
            let time = TestClock()
            try await slack.withClient(clock: time.clock) { client in
                async let posted = client.post(SlackPost(channel: channel, text: "once"))
                for _ in 0..<2 {
                    await time.sleepers(1)
                    time.advance(by: .seconds(6))
                    // Not a second early.
                    await time.sleepers(1)
                    time.advance(by: .seconds(1))
                }
                _ = try await posted
            }
            #expect(try await slack.messages().count { $0["text"] == "once" } == 1)
        }
    }

    @Test func whatSlackSaysOfARateHoldsForAllCallers() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.fault(["method": "users.info", "kind": "ratelimited", "retry_after": 30, "times": 1])
            let ada = try await slack.user("ada")
            let time = TestClock()
            try await slack.withClient(clock: time.clock) { client in
                async let first = client.user(ada)
                await time.sleepers(1)
                async let second = client.user(ada)
                async let third = client.user(ada)
                let channel = try await slack.channel()
                _ = try await client.channel(channel)  // Another method goes on.
                #expect(try await slack.calls("users.info").count == 1)
                time.advance(by: .seconds(30))
                _ = try await (first, second, third)
                #expect(try await slack.calls("users.info").count == 4)
            }
        }
    }

    @Test func aRateThatIsUsedUpForLongerThanTheCallHasIsTold() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.fault(["method": "users.info", "kind": "ratelimited", "retry_after": 90, "times": 1])
            try await slack.withClient { client in
                let ada = try await slack.user("ada")
                let error = await #expect(throws: SlackError.self) { try await client.user(ada) }
                #expect(error?.kind == .transient && error?.code == "ratelimited")
                #expect(error?.retryAfter.map { $0 > .seconds(80) } == true)
            }
        }
    }

    /// With the simulator's real limits on: posts into one channel, faster than Slack takes them.
    @Test func ourOwnRateKeepsSlackFromRefusing() async throws {
        try await SimulatedSlack.with { slack in
            let channel = try await slack.channel()
            try await slack.withClient { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<12 {
                        group.addTask { _ = try await client.post(SlackPost(channel: channel, text: "\(index)")) }
                    }
                    try await group.waitForAll()
                }
            }
            let refused = try await slack.calls("chat.postMessage").filter { $0["error"] == "ratelimited" }
            #expect(refused.isEmpty)
            #expect(try await slack.messages().count == 12)
        }
    }

    // MARK: Refusals

    @Test(arguments: ["invalid_auth", "account_inactive", "token_revoked", "token_expired"])
    func eachWayATokenEndsHasItsSentence(state: String) async throws {
        try await SimulatedSlack.with { slack in
            try await slack.control("POST", "apps/helper", ["token": .string(state)])
            try await slack.withClient { client in
                let error = await #expect(throws: SlackError.self) { try await client.authTest() }
                #expect(error?.kind == .auth && error?.code == state)
                #expect(error?.message.contains("bulkhead slack connect") == true, "\(String(describing: error))")
            }
            #expect(try await slack.calls("auth.test").count == 1)
        }
    }

    @Test func aScopeThatIsMissingIsNamed() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.control("POST", "apps/helper", ["revoke": ["reactions:write", "users:read"]])
            try await slack.withClient { client in
                let posted = SlackPosted(channel: try await slack.channel(), ts: "1.000000")
                let error = await #expect(throws: SlackError.self) { try await client.react("eyes", to: posted) }
                #expect(error?.kind == .auth && error?.code == "missing_scope")
                #expect(error?.neededScopes == ["reactions:write"])
                #expect(error?.message.contains("reactions:write") == true)
            }
        }
    }

    @Test func whereItIsNotIsToldApartFromWhatItMayNot() async throws {
        try await SimulatedSlack.with([
            "users": ["ada"], "apps": [["name": "helper"]],
            "channels": [
                ["name": "general", "members": ["ada"], "apps": ["helper"]], ["name": "other", "members": ["ada"]],
                ["name": "old", "members": ["ada"], "apps": ["helper"], "is_archived": true],
            ],
        ]) { slack in
            try await slack.withClient { client in
                for (channel, code) in [("other", "not_in_channel"), ("old", "is_archived")] {
                    let place = try await slack.channel(channel)
                    let error = await #expect(throws: SlackError.self) {
                        try await client.post(SlackPost(channel: place, text: "x"))
                    }
                    #expect(error?.kind == .notThere && error?.code == code)
                }
                let nowhere = await #expect(throws: SlackError.self) {
                    try await client.post(SlackPost(channel: "C0NOWHERE", text: "x"))
                }
                #expect(nowhere?.kind == .notThere && nowhere?.code == "channel_not_found")
                let channel = try await slack.channel()
                let empty = await #expect(throws: SlackError.self) {
                    try await client.post(SlackPost(channel: channel, text: ""))
                }
                #expect(empty?.kind == .permanent && empty?.code == "no_text")
            }
        }
    }

    // MARK: The token

    @Test func theTokenStandsInNothingThatIsPrinted() async throws {
        let secret = "xoxb-1234567890-SECRETSECRETSECRET"
        let token = try #require(SlackToken("  \(secret)\n"))
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped, "\([token])", "\(["a": token])"] {
            #expect(!text.contains("SECRET"), "\(text)")
        }
        try await SimulatedSlack.with { slack in
            try await slack.withClient(text: secret) { client in
                for call in [SlackMethod.authTest, .usersInfo, .postMessage] {
                    let error = await #expect(throws: SlackError.self) { try await client.call(call) }
                    #expect(error?.code == "invalid_auth")
                    #expect(!"\(String(describing: error)) \(String(reflecting: error))".contains("SECRET"))
                }
            }
            try await slack.withClient(text: secret, base: "http://127.0.0.1:1/api/") { client in
                let error = await #expect(throws: SlackError.self) { try await client.authTest() }
                #expect(!String(reflecting: error).contains("SECRET"))
            }
        }
    }

    @Test(arguments: [
        "", "xoxb-", "xoxb-short", "xoxp-1234567890-abcdef", "Bearer xoxb-123456789012", "xoxb-12345678\r\nHost: evil",
        "xoxb-123456789ü0", "xoxb 1234567890", "xoxb-" + String(repeating: "a", count: 600),
    ])
    func whatHasNotATokensFormIsNone(text: String) {
        #expect(SlackToken(text) == nil)
    }

    @Test func aCallThatIsCancelledSaysSo() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.fault(["method": "users.info", "kind": "timeout", "times": .null])
            try await slack.withClient { client in
                let task = Task { try await client.user("U1") }
                try await slack.wait("fault")
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test func anAnswerThatIsTooLargeIsRefused() async throws {
        try await SimulatedSlack.with { slack in
            let body = String(repeating: "x", count: 100_000)
            try await slack.fault(["method": "users.info", "kind": "malformed", "body": .string(body), "times": .null])
            var limits = SlackLimits.quick
            limits.answerBytes = 50_000
            try await slack.withClient(limits: limits) { client in
                let error = await #expect(throws: SlackError.self) { try await client.user("U1") }
                #expect(error?.code == "too_large")
            }
        }
    }
}
