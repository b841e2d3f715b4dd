import Egress
import MCP
import Model
import NetworkRules
import ToolServers
import Testing

@testable import WebRequests

@Suite struct WebRequestTests {
    @Test func aRequestIsSentAsItIsWrittenAndItsAnswerIsRead() async throws {
        let stage = try Stage()
        let result = try await stage.call([
            "method": "POST", "url": .string("\(stage.base)/echo?a=1"), "headers": ["X-Own": "yes"],
            "query": ["q": "a b&c", "list": ["1", "2"]], "body": "hello",
        ])
        #expect(!result.isError && result.text.hasPrefix("HTTP 200"), "\(result.text)")
        let sent = try #require(stage.server.requests.first)
        #expect(
            sent.contains("\"path\": \"/echo?a=1&q=a%20b%26c&list=1&list=2\"") && sent.contains("\"body\": \"hello\""))
        #expect(sent.contains("\"x-own\": \"yes\"") && sent.contains("\"accept-encoding\": \"identity\""))
        // No session that nobody granted begins here.
        #expect(result.text.contains("x-request-id: r1") && !result.text.contains("set-cookie"))
        let record = try #require(stage.host.records.first)
        #expect(record.status == 200 && record.method == "POST" && record.path == "/echo" && record.failure == nil)
        #expect(record.address == "127.0.0.1" && record.rule == "test" && record.bytesDown > 0 && record.bytesUp == 5)
        let asked = try #require(stage.authority.asked.first)
        #expect(asked.method == "POST" && asked.path == "/echo?a=1" && asked.door == .workspace)
    }

    /// Headers by which a server or a proxy on the way would take the request for another one than was decided on.
    @Test(arguments: [
        "Host", "host", "HOST", "Transfer-Encoding", "Content-Length", "Connection", "Keep-Alive", "Upgrade", "TE",
        "Trailer", "Expect", "Accept-Encoding", "Via", "Forwarded", "X-HTTP-Method-Override", "X-HTTP-Method",
        "X-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Original-URI", "X-Original-Host", "X-Host",
        "Proxy-Authorization", "Proxy-Connection", "X-Forwarded-Host", "X-Forwarded-For", "Sec-Fetch-Site",
        "X-Envoy-Original-Path",
    ])
    func aHeaderThatFramesOrRoutesIsNotTheAgents(_ name: String) async throws {
        let stage = try Stage()
        let result = try await stage.call([
            "method": "POST", "url": .string("\(stage.base)/echo"), "headers": [name: "other.example.test"],
            "body": "x",
        ])
        #expect(result.isError && result.text.contains("not the agent's to set"), "\(result.text)")
        #expect(stage.server.requests.isEmpty)
    }

    @Test func whatFramesARequestIsOurs() async throws {
        let stage = try Stage()
        _ = try await stage.call(["method": "POST", "url": .string("\(stage.base)/echo"), "body": "hello"])
        let sent = try #require(stage.server.requests.first)
        #expect(
            sent.contains("\"host\": \"api.example.test:\(stage.server.port)\"")
                && sent.contains("\"content-length\": \"5\""))
        #expect(!sent.contains("transfer-encoding"))
    }

    @Test func aHostThatIsNotGrantedIsNotReached() async throws {
        let stage = try Stage()
        stage.authority.allow([])
        let result = try await stage.call(["url": .string("\(stage.base)/echo")])
        #expect(result.isError && result.text.contains("is not granted"))
        #expect(stage.server.requests.isEmpty && stage.host.records.first?.failure != nil)
    }

    @Test func aPrivateSessionSendsNothingOut() async throws {
        let stage = try Stage()
        stage.host.set(labels: .private)
        try stage.secret("KEY", value: "v4lue-of-the-key")
        for arguments: JSONObject in [
            ["url": .string("\(stage.base)/echo")],
            ["url": .string("\(stage.base)/echo"), "headers": ["authorization": "{{secret:KEY}}"]],
        ] {
            let result = try await stage.call(arguments)
            #expect(result.isError && result.text.contains("private data"))
        }
        #expect(stage.server.requests.isEmpty && stage.vault.uses.isEmpty)
    }

    @Test func aRedirectComesBackAsItIs() async throws {
        let stage = try Stage()
        let result = try await stage.call(["url": .string("\(stage.base)/redirect")])
        #expect(result.text.hasPrefix("HTTP 302") && result.text.contains("location: https://10.0.0.1/"))
        #expect(stage.server.requests.count == 1)
        // And asking for where it leads is a new question.
        let next = try await stage.call(["url": "https://10.0.0.1/latest/meta-data"])
        #expect(next.isError)
    }

    @Test func tlsIsVerifiedForTheNameThatWasAsked() async throws {
        let untrusting = try Stage(isTrusted: false)
        let refused = try await untrusting.call(["url": .string("\(untrusting.base)/echo")])
        #expect(refused.isError && untrusting.server.requests.isEmpty, "\(refused.text)")
        let stage = try Stage()
        stage.authority.allow(["other.example.test"])
        let other = try await stage.call(["url": .string("https://other.example.test:\(stage.server.port)/echo")])
        #expect(other.isError && stage.server.requests.isEmpty, "\(other.text)")
    }

    struct Fixed: Resolver {
        let answers: [IPAddress]
        func addresses(of host: HostName, for session: SessionID) async throws -> [IPAddress] { answers }
    }

    @Test func aNameWithAPrivateAddressIsNotDialled() async throws {
        for addresses in [
            [IPAddress(127, 0, 0, 1)], [IPAddress(10, 0, 0, 1)],
            [IPAddress(93, 184, 216, 34), IPAddress(169, 254, 169, 254)],
        ] {
            let stage = try Stage(reach: EgressReach(resolver: Fixed(answers: addresses)))
            let result = try await stage.call(["url": .string("\(stage.base)/echo")])
            #expect(result.isError && result.text.contains("only public addresses"), "\(result.text)")
            #expect(stage.server.requests.isEmpty && stage.host.records.first?.address == nil)
        }
    }

    @Test func whatIsLongIsCutAndWhatIsEndlessIsLeft() async throws {
        var limits = WebRequestLimits()
        limits.responseBytes = 100_000
        let stage = try Stage(limits: limits)
        let result = try await stage.call(["url": .string("\(stage.base)/big")])
        #expect(result.text.contains("[cut:") && result.text.utf8.count < 110_000)
        #expect(stage.host.records.first?.bytesDown == 100_000)
    }

    @Test(arguments: ["silent", "drip"]) func whatIsSlowHasAnEnd(_ path: String) async throws {
        let stage = try Stage()
        let started = ContinuousClock.now
        let result = try await stage.call(["url": .string("\(stage.base)/\(path)"), "timeout": 1])
        #expect(result.isError && result.text.contains("in time"), "\(result.text)")
        #expect(ContinuousClock.now - started < .seconds(15))
        #expect(stage.host.records.first?.failure != nil)
    }

    @Test func aCancelledCallEndsItsRequestAndIsOnRecord() async throws {
        let stage = try Stage()
        let call = Task { try await stage.call(["url": .string("\(stage.base)/silent")]) }
        while stage.server.requests.isEmpty { await Task.yield() }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(stage.host.records.first?.failure?.contains("cancelled") == true)
    }

    @Test func whatComesPackedIsNotUnpacked() async throws {
        let stage = try Stage()
        let result = try await stage.call(["url": .string("\(stage.base)/bomb"), "timeout": 30])
        #expect(result.text.contains("packed (gzip)"), "\(result.text.prefix(300))")
        #expect((stage.host.kept.first?.count ?? 0) <= 1 << 20)
    }

    @Test func pagesAreReadAsTextAndPicturesAreKept() async throws {
        let stage = try Stage()
        let page = try await stage.call(["url": .string("\(stage.base)/html")])
        #expect(page.text.contains("Head & more") && page.text.contains("link (https://other.test/x)"))
        #expect(!page.text.contains("alert") && !page.text.contains("<p>"))
        let picture = try await stage.call(["url": .string("\(stage.base)/binary")])
        #expect(picture.text.contains("kept in /workspace/session/downloads/call_1") && stage.host.kept.count == 1)
    }

    @Test(arguments: [
        "", "ftp://api.example.test/", "https://user:pass@api.example.test/", "https://127.0.0.1/", "https://[::1]/",
        "https://0x7f.1/", "https://2130706433/", "https://api.example.test\\@evil.test/", "https://localhost/",
        "https://api.example.test/#x", "https://api.example.test/a b", "https://api.example.test/\r\nX: y",
        "https://api.example.test:0/", "https://api.example.test:99999/", "https://api.example.test/?k={{secret:KEY}}",
        "//api.example.test/", "https:///x", "https://api%2eexample.test/",
    ])
    func anAddressThatCouldBeReadInTwoWaysIsNone(_ url: String) async throws {
        let stage = try Stage()
        let result = try await stage.call(["url": .string(url)])
        #expect(result.isError && stage.authority.asked.isEmpty && stage.server.requests.isEmpty)
    }

    @Test(
        arguments: [
            ["Host": "evil.test"], ["Content-Length": "1"], ["Transfer-Encoding": "chunked"], ["Connection": "x"],
            ["Proxy-Authorization": "x"], ["X-A": "b\r\nHost: evil.test"], ["X A": "b"], ["Upgrade": "h2c"], ["": "x"],
            ["X-A": "a", "x-a": "b"],
        ] as [[String: String]])
    func headersThatFrameOrRouteAreNotTheAgents(_ headers: [String: String]) async throws {
        let stage = try Stage()
        let object = JSONObject(headers.map { ($0.key, JSONValue.string($0.value)) })
        let result = try await stage.call(["url": .string("\(stage.base)/echo"), "headers": .object(object)])
        #expect(result.isError && stage.server.requests.isEmpty)
    }

    @Test func itIsExternalAndUntrustedWhateverTheMethod() {
        #expect(WebRequestServer.tool.effect == .external && WebRequestServer.tool.labels == .untrusted)
        #expect(!WebRequestServer.tool.isHarness)
    }
}
