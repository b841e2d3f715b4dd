import Foundation
import MCP
import SlackAPI
import Testing

@Suite struct RequestSignatureTests {
    // The example of https://docs.slack.dev/authentication/verifying-requests-from-slack, to the byte.
    private static let secret = "8f742231b10e8888abcd99yyyzzz85a5"
    private static let body = Array(
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
            .utf8)
    private static let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    private static let time: Int64 = 1_531_420_618

    private func refusal(
        secrets: [String] = [RequestSignatureTests.secret], body: [UInt8] = RequestSignatureTests.body,
        timestamp: String? = "1531420618", signature: String? = RequestSignatureTests.signature,
        now: Int64 = RequestSignatureTests.time
    ) throws -> RequestSignature.Refusal? {
        let check = try #require(RequestSignature(secrets: secrets))
        do {
            try check.check(body: body, timestamp: timestamp, signature: signature, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func slacksOwnExampleIsAccepted() throws {
        #expect(try refusal() == nil)
    }

    @Test func aBodyThatWasChangedIsNot() throws {
        for index in [0, Self.body.count / 2, Self.body.count - 1] {
            var body = Self.body
            body[index] ^= 1
            #expect(try refusal(body: body) == .wrong)
        }
        #expect(try refusal(body: Self.body + [32]) == .wrong)
        #expect(try refusal(secrets: ["another secret of the same size"]) == .wrong)
    }

    @Test func bothSecretsHoldWhileOneIsExchanged() throws {
        #expect(try refusal(secrets: ["another secret of the same size", Self.secret]) == nil)
        #expect(try refusal(secrets: [Self.secret, "another secret of the same size"]) == nil)
    }

    @Test(arguments: [(-300, true), (300, true), (-301, false), (301, false), (86_400, false)])
    func fiveMinutesAreTheLimit(apart: Int64, isTaken: Bool) throws {
        #expect(try refusal(now: Self.time + apart) == (isTaken ? nil : .stale))
    }

    @Test(
        arguments: [
            nil, "", "v0=", "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b5",
            "v0=A2114D57B48EAC39B9AD189DD8316235A7B4A8D21A10BD27519666489C69B503",
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503 ",
            "v0=g2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        ] as [String?])
    func whatHasNotTheFormOfASignatureIsNone(signature: String?) throws {
        #expect(try refusal(signature: signature) == .unsigned)
    }

    @Test(arguments: [nil, "", "now", "-1531420618", "1531420618.0", " 1531420618", "9999999999999"] as [String?])
    func whatIsNoTimeIsNone(timestamp: String?) throws {
        #expect(try refusal(timestamp: timestamp) == .unsigned)
    }

    @Test func withoutASecretNobodyIsSlack() {
        #expect(RequestSignature(secrets: []) == nil)
        #expect(RequestSignature(secrets: [""]) == nil)
        #expect(RequestSignature(secrets: [Self.secret, "  \n"]) == nil)
    }

    /// Slack's own library signs, we check; and what it refuses we refuse.
    @Test func slacksLibraryAgrees() async throws {
        let script = """
            import json, sys
            from slack_sdk.signature import Clock, SignatureVerifier
            class At(Clock):
                def __init__(self, t): self.t = t
                def now(self): return self.t
            out = []
            for case in json.load(sys.stdin):
                verifier = SignatureVerifier(case["secret"], At(case["now"]))
                signature = case["signature"] or verifier.generate_signature(timestamp=case["time"], body=case["body"])
                out.append([signature, verifier.is_valid(body=case["body"], timestamp=case["time"], signature=signature)])
            print(json.dumps(out))
            """
        var cases: [JSONValue] = []
        for (body, apart, signature) in [
            ("{\"a\":\"ü€😀\"}", 0, ""), ("", 299, ""), ("x", 301, ""), ("x", -300, ""), ("x", 0, Self.signature),
        ] as [(String, Int64, String)] {
            cases.append([
                "secret": .string(Self.secret), "time": "1531420618", "now": .int(Self.time + apart),
                "body": .string(body), "signature": .string(signature),
            ])
        }
        let answers = try Python.run(script, input: JSONValue.array(cases))
        for (index, given) in cases.enumerated() {
            let answer = try #require(answers[index]?.arrayValue)
            let signature = try #require(answer.first?.stringValue)
            let isValid = answer.last == true
            let found = try refusal(
                body: Array((given["body"]?.stringValue ?? "").utf8), signature: signature,
                now: given["now"]?.intValue ?? 0)
            #expect((found == nil) == isValid, "case \(index): \(String(describing: found))")
        }
    }
}

/// Short programs in the peers' Python.
enum Python {
    static func run(_ script: String, input: JSONValue) throws -> JSONValue {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(
            filePath: ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"]
                ?? root.appending(path: ".build/peers/bin/python").path)
        process.arguments = ["-c", script]
        let (standardInput, output) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.serialized()))
        try standardInput.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try JSONValue(parsing: Array(data))
    }
}
