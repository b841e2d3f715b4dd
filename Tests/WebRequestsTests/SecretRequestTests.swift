import MCP
import Model
import Testing
import ToolServers
import Vault

@testable import WebRequests

@Suite struct SecretRequestTests {
    private let value = "v4lue-\"of\"-the key"

    @Test func aSecretGoesWhereItIsBoundAndNotIntoTheArguments() async throws {
        let stage = try Stage()
        stage.authority.allow([])
        try stage.secret(
            "KEY", value: value, places: [.header("authorization"), .query("token"), .body])
        let arguments: JSONObject = [
            "method": "POST", "url": .string("\(stage.base)/echo"),
            "headers": ["Authorization": "Bearer {{secret:KEY}}", "content-type": "application/json"],
            "query": ["token": "{{secret:KEY}}"], "body": "{\"password\":\"{{secret:KEY}}\"}",
        ]
        let demand = try await stage.tool.demand(for: "http_request", arguments: arguments, context: stage.context)
        #expect(demand?.word == .requester)
        let details = try await stage.tool.evidence(for: "http_request", arguments: arguments, like: nil)?.details
        #expect(details?.contains("the secret KEY in the header authorization") == true)
        let result = try await stage.call(arguments)
        #expect(!result.isError, "\(result.text)")
        let sent = try #require(stage.server.requests.first)
        let request = try JSONValue(parsing: Array(sent.utf8))
        #expect(request["headers"]?["authorization"]?.stringValue == "Bearer \(value)")
        #expect(request["path"]?.stringValue == "/echo?token=v4lue-%22of%22-the%20key")
        #expect(request["body"]?.stringValue == #"{"password":"v4lue-\"of\"-the key"}"#)
        // The host need not be granted beside.
        #expect(stage.authority.asked.isEmpty && stage.vault.uses.count == 3)
        let record = try #require(stage.host.records.first)
        #expect(record.secrets == ["KEY"] && record.rule == "bound: KEY" && record.path == "/echo")
    }

    /// Host, port, method, path and place: one that is not the binding's, and nothing is sent.
    @Test(
        arguments: [
            ["places": "header:authorization", "use": "header:x-other"],
            ["places": "header:authorization", "use": "query"],
            ["places": "header:authorization", "use": "body"], ["places": "query", "use": "header:authorization"],
            ["places": "body", "use": "query"], ["host": "other.example.test"], ["host": "*.api.example.test"],
            ["port": "443"], ["methods": "GET"], ["paths": "/v1"], ["paths": "/ech"],
        ] as [[String: String]])
    func itGoesNowhereElse(_ change: [String: String]) async throws {
        let stage = try Stage()
        func place(_ text: String) -> SecretPlace {
            text == "query" ? .query("token") : text == "body" ? .body : .header(String(text.dropFirst(7)))
        }
        try stage.secret(
            "KEY", value: value, methods: change["methods"].map { [$0] } ?? [],
            paths: change["paths"].map { [$0] } ?? [],
            host: change["host"] ?? "api.example.test", port: change["port"].flatMap(UInt16.init),
            places: [place(change["places"] ?? "header:authorization")])
        var arguments: JSONObject = ["method": "POST", "url": .string("\(stage.base)/echo")]
        switch place(change["use"] ?? change["places"] ?? "header:authorization") {
        case .header(let name): arguments["headers"] = .object([name: "{{secret:KEY}}"])
        case .query(let name): arguments["query"] = .object([name: "{{secret:KEY}}"])
        case .body: arguments["body"] = "{{secret:KEY}}"
        }
        let result = try await stage.call(arguments)
        #expect(result.isError && stage.server.requests.isEmpty && stage.vault.uses.isEmpty, "\(result.text)")
    }

    @Test func withoutAPlaceOfItsOwnItIsTheAuthorizationHeadersAlone() async throws {
        let stage = try Stage()
        try stage.secret("KEY", value: "v4lue-of-the-key")
        let url = JSONValue.string("\(stage.base)/echo")
        #expect(try await !stage.call(["url": url, "headers": ["Authorization": "{{secret:KEY}}"]]).isError)
        #expect(try await stage.call(["url": url, "headers": ["X-Token": "{{secret:KEY}}"]]).isError)
        #expect(stage.server.requests.count == 1)
    }

    @Test func aCredentialOfTheAgentsOwnIsNotTakenWhereASecretIsBound() async throws {
        let stage = try Stage()
        stage.host.bind("api.example.test")
        try stage.secret("KEY", value: "v4lue-of-the-key")
        let url = JSONValue.string("\(stage.base)/echo")
        for headers: JSONValue in [
            ["Authorization": "Bearer mine"], ["Cookie": "a=b"], ["X-Api-Key": "mine"], ["PRIVATE-TOKEN": "mine"],
            ["Authorization": "{{secret:KEY}}", "X-Auth": "mine"],
        ] {
            let result = try await stage.call(["url": url, "headers": headers])
            #expect(result.isError && result.text.contains("credential of your own"), "\(result.text)")
        }
        for query in ["?api_key=mine", "?access_token=mine", "?key=x", "?sig=x"] {
            #expect(try await stage.call(["url": .string("\(stage.base)/echo\(query)")]).isError)
        }
        #expect(try await stage.call(["url": url, "query": ["token": "mine"]]).isError)
        #expect(stage.server.requests.isEmpty)
        // Without a credential it is a host as any other, and where no secret is bound the person's word was enough.
        #expect(try await !stage.call(["url": url, "headers": ["Accept": "text/plain"]]).isError)
        let free = try Stage()
        #expect(
            try await !free.call(["url": .string("\(free.base)/echo"), "headers": ["Authorization": "x"]]).isError)
    }

    @Test(arguments: ["{{secret:}}", "{{secret:KEY", "{{secret:A B}}", "{{secret:../x}}", "{{secret:ABSENT}}"])
    func aMarkThatNamesNoSecretIsNeverSent(_ mark: String) async throws {
        let stage = try Stage()
        let result = try await stage.call([
            "url": .string("\(stage.base)/echo"), "headers": .object(["authorization": .string(mark)]),
        ])
        #expect(result.isError && stage.server.requests.isEmpty)
    }

    @Test func aSecretGoesOverHTTPSAloneAndNotAcrossLines() async throws {
        let stage = try Stage()
        try stage.secret("KEY", value: "two\r\nlines: here")
        let plain = try await stage.call([
            "url": .string("http://api.example.test:\(stage.server.port)/echo"),
            "headers": ["authorization": "{{secret:KEY}}"],
        ])
        #expect(plain.isError && plain.text.contains("https"))
        let lines = try await stage.call([
            "url": .string("\(stage.base)/echo"), "headers": ["authorization": "{{secret:KEY}}"],
        ])
        #expect(lines.isError && lines.text.contains("line end") && !lines.text.contains("two"))
        #expect(stage.server.requests.isEmpty)
    }
}
