import MCP
import SlackAPI
import Testing

@Suite struct EventRequestTests {
    private func read(_ body: String, _ type: String? = "application/json") throws -> EventRequest {
        try EventRequest(body: Array(body.utf8), contentType: type)
    }

    @Test func anEventIsTheVeryEnvelopeOfSocketMode() throws {
        let body =
            #"{"type":"event_callback","event_id":"Ev1","team_id":"T1","api_app_id":"A1","event":{"type":"app_mention"}}"#
        let request = try EventRequest(
            body: Array(body.utf8), contentType: "application/json; charset=utf-8", retryNumber: "2",
            retryReason: "http_timeout")
        guard case .envelope(let envelope) = request else {
            Issue.record("\(request)")
            return
        }
        #expect(
            envelope.kind == .event && envelope.eventID == "Ev1" && envelope.teamID == "T1" && envelope.appID == "A1")
        #expect(envelope.retry == SlackEnvelope.Retry(attempt: 2, reason: "http_timeout") && !envelope.takesAnswer)
        let payload = try JSONValue(parsing: body).objectValue
        #expect(envelope.payload == payload)
    }

    @Test func clicksAndCommandsAreForms() throws {
        let form = "application/x-www-form-urlencoded"
        let click = try read(
            "payload=%7B%22type%22%3A%22block_actions%22%2C%22team%22%3A%7B%22id%22%3A%22T1%22%7D%7D", form)
        #expect(
            click
                == .envelope(
                    SlackEnvelope(
                        .interaction, payload: ["type": "block_actions", "team": ["id": "T1"]], takesAnswer: true)))
        let command = try read("command=%2Fbulkhead&text=a+b%2Bc+%C3%BC&team_id=T1&user_id=U1&empty=", form)
        #expect(
            command
                == .envelope(
                    SlackEnvelope(
                        .command,
                        payload: [
                            "command": "/bulkhead", "text": "a b+c ü", "team_id": "T1", "user_id": "U1", "empty": "",
                        ], takesAnswer: true)))
        #expect(try read("ssl_check=1&token=x", form) == .certificateCheck)
    }

    @Test func theAddressIsVerified() throws {
        #expect(
            try read(#"{"type":"url_verification","token":"t","challenge":"3eZbrw1aB.x_-9"}"#)
                == .verification(challenge: "3eZbrw1aB.x_-9"))
    }

    @Test(
        arguments: [
            ("", "application/json"), ("[]", "application/json"), ("{", "application/json"), ("{}", nil),
            (#"{"a":1,"a":2}"#, "application/json"), ("{}", "text/plain"), ("{}", "application/jsonx"),
            (#"{"type":"url_verification"}"#, "application/json"),
            (#"{"type":"url_verification","challenge":"<script>"}"#, "application/json"),
            ("", "application/x-www-form-urlencoded"), ("payload=x", "application/x-www-form-urlencoded"),
            ("payload=%7B%7D&payload=%7B%7D", "application/x-www-form-urlencoded"),
            ("payload=%7", "application/x-www-form-urlencoded"), ("command=%FF", "application/x-www-form-urlencoded"),
            ("command=%zz", "application/x-www-form-urlencoded"), ("text=x", "application/x-www-form-urlencoded"),
            ("=x&command=a", "application/x-www-form-urlencoded"),
        ] as [(String, String?)])
    func anythingElseIsRefused(body: String, type: String?) {
        #expect(throws: EventRequest.Malformed.self) { try read(body, type) }
    }

    @Test func formsAndBodiesHaveTheirLimits() {
        let many = (0..<300).map { "a\($0)=1" }.joined(separator: "&") + "&command=x"
        #expect(throws: EventRequest.Malformed.self) { try read(many, "application/x-www-form-urlencoded") }
        let large = "{\"a\":\"" + String(repeating: "x", count: EventRequest.mostBytes) + "\"}"
        #expect(throws: EventRequest.Malformed.self) { try read(large) }
    }

    /// Bytes of all kinds, and cut ones of a good request: refused or read, and no trap.
    @Test func noBytesBringItDown() {
        var generator = SystemRandomNumberGenerator()
        let good = Array("payload=%7B%22type%22%3A%22x%22%7D&command=%2Fb&text=%C3%BC".utf8)
        for round in 0..<2000 {
            var bytes = round.isMultiple(of: 2) ? Array(good.prefix(Int.random(in: 0...good.count))) : good
            for _ in 0..<Int.random(in: 0...8) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255, using: &generator)
            }
            for type in ["application/json", "application/x-www-form-urlencoded"] {
                _ = try? EventRequest(body: bytes, contentType: type)
            }
        }
    }
}
