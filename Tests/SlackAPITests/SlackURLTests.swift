import SlackAPI
import Testing

@Suite struct SlackURLTests {
    @Test(arguments: [
        ("https://slack.com/api/", "https://slack.com"), ("https://Slack.COM:443", "https://slack.com"),
        ("https://slack.com:8443/x?y=1", "https://slack.com:8443"), ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://localhost:3000/api", "http://localhost:3000"), ("http://[::1]:9/", "http://[::1]:9"),
    ])
    func anAddressIsShownWithoutWhatComesAfterTheHost(text: String, shown: String) {
        #expect(SlackURL(text)?.description == shown)
    }

    @Test(arguments: [
        "", "slack.com", "ftp://slack.com/", "HTTPS://slack.com/", "https://", "https:///x", "http://slack.com/",
        "http://127.0.0.2/", "http://127.1/", "http://0x7f000001/", "http://localhost.evil.test/",
        "https://user:pass@slack.com/", "https://slack.com@evil.test/", "https://evil.test\\@slack.com/",
        "https://slack.com#@evil.test/", "https://slack.com:0/", "https://slack.com:65536/", "https://slack.com:/",
        "https://slack.com:80:80/", "https://släck.com/", "https://slack.com/a b", "https://slack.com/\u{0}",
        "https://slack.com\n/", "https://.slack.com/", "https://slack.com./", "https://[::2]/", "https://[::1/",
        "https://slack..com/", "https://slack_com/", "wss://slack.com/",
    ])
    func whatTwoReadersCouldReadDifferentlyIsNone(text: String) {
        #expect(SlackURL(text) == nil, "\(text)")
    }

    @Test func webSocketsWithoutTLSGoToThisMachineAlone() {
        #expect(SlackURL("wss://wss-primary.slack.com/link/?ticket=1", .webSocket) != nil)
        #expect(SlackURL("ws://127.0.0.1:9/link/?ticket=1", .webSocket) != nil)
        #expect(SlackURL("ws://wss-primary.slack.com/link/", .webSocket) == nil)
        #expect(SlackURL("https://slack.com/", .webSocket) == nil)
    }

    @Test(arguments: ["https://slack.com/api?x=1", "http://slack.com/api/", "slack.com/api"])
    func anEndpointIsAnAddressWithoutAQuery(text: String) {
        #expect(SlackEndpoint(text) == nil)
    }

    @Test func anEndpointEndsWithASlash() {
        #expect(SlackEndpoint("https://slack.com/api") == SlackEndpoint(SlackEndpoint.usual))
        #expect(SlackEndpoint("https://slack.com/api")?.description == "https://slack.com/api/")
    }

    @Test(arguments: [
        ("https://files.slack.com/files-pri/T1-F1/a.txt", true), ("https://slack.com/files/a", true),
        ("https://acme.slack.com/files/a", true), ("https://other.slack.com/files/a", false),
        ("https://files.slack.com:8443/a", false), ("https://files.slack.com.evil.test/a", false),
        ("https://evilslack.com/a", false), ("http://127.0.0.1/a", false), ("https://evil.test/files.slack.com", false),
    ])
    func theTokenGoesToTheWorkspacesOwnHostsAlone(address: String, isTaken: Bool) throws {
        let endpoint = try #require(SlackEndpoint(SlackEndpoint.usual))
        let url = try #require(SlackURL(address))
        #expect(endpoint.servesFiles(url, workspace: SlackURL("https://acme.slack.com/")) == isTaken)
        // A workspace that calls itself something else is no reason to send it there.
        #expect(
            !endpoint.servesFiles(
                try #require(SlackURL("https://evil.test/a")), workspace: SlackURL("https://evil.test/")))
    }

    @Test(arguments: [
        ("https://hooks.slack.com/actions/T1/2/3", true), ("https://hooks.slack.com.evil.test/x", false),
        ("http://localhost/x", false), ("https://acme.slack.com/x", false), ("https://hooks.slack.com:444/x", false),
    ])
    func answersGoToSlackAlone(address: String, isTaken: Bool) throws {
        let endpoint = try #require(SlackEndpoint(SlackEndpoint.usual))
        #expect(endpoint.takesResponses(try #require(SlackURL(address))) == isTaken)
    }
}
