import NetworkRules
import Testing

@Suite struct AuthorityTests {
    @Test(arguments: [
        ("example.com:443", "example.com:443"), ("EXAMPLE.Com:8443", "example.com:8443"),
        ("example.com.:443", "example.com:443"),
        ("xn--bcher-kva.example:1", "xn--bcher-kva.example:1"), ("a.b:65535", "a.b:65535"),
    ])
    func readsAHostAndItsPort(_ text: String, _ read: String) throws {
        #expect(try Authority(reading: text).description == read)
    }

    @Test func assumesAPortOnlyWhereToldTo() throws {
        #expect(try Authority(reading: "example.com", assumedPort: 80).port == 80)
        #expect(try Authority(reading: "example.com:81", assumedPort: 80).port == 81)
        #expect(throws: NetworkRuleError.self) { try Authority(reading: "example.com") }
    }

    /// Addresses in every spelling, and whatever a check and a dialler could read differently.
    @Test(arguments: [
        "", ":", ":443", "example.com", "example.com:", "example.com:0", "example.com:00443", "example.com:0443",
        "example.com:65536", "example.com:99999999999", "example.com:-1", "example.com:+443", "example.com:443:443",
        "example.com:44 3", "example.com:https", "example.com: 443", "example.com :443", " example.com:443",
        "example.com:443 ", "example.com\t:443", "example.com\0:443", "example.com\0.evil.test:443",
        "example.com:443\r\n",
        "example.com\n:443", "example.com:4\u{661}3", "user@example.com:443", "user:pass@example.com:443",
        "@example.com:443",
        "example.com@evil.test:443", "example.com%2eevil.test:443", "example.com%00:443", "ex%61mple.com:443",
        "example.com/:443", "example.com/path:443", "example.com?:443", "example.com#:443",
        "example.com\\evil.test:443",
        "http://example.com:443", "example..com:443", ".example.com:443", "example.com..:443", "-example.com:443",
        "example-.com:443", "exa_mple.com:443", "*.example.com:443", "bücher.example:443", "ｅxample.com:443",
        "example。com:443", "localhost:443", "com:443", "127.0.0.1:443", "127.1:443", "2130706433:443", "0x7f000001:443",
        "0x7f.0.0.1:443", "0177.0.0.1:443", "017700000001:443", "127.0.0.1.:443", "127.0.0.0x1:443", "0:443",
        "1.2.3:443",
        "[::1]:443", "::1:443", "[::ffff:127.0.0.1]:443", "[fe80::1%25eth0]:443", "example.com]:443",
        "[example.com]:443",
        "example.123:443", "１２７.0.0.1:443",
    ])
    func refusesWhatHasAnotherReading(_ text: String) {
        #expect(throws: NetworkRuleError.self) { try Authority(reading: text) }
    }

    @Test func aLongNameIsRefusedAndShownInPart() throws {
        let long = String(repeating: "a", count: 100_000)
        let error = #expect(throws: NetworkRuleError.self) { try Authority(reading: long) }
        #expect(try #require(error).description.utf8.count < 500)
    }

    @Test func userInformationIsNotRepeated() throws {
        let error = #expect(throws: NetworkRuleError.self) { try Authority(reading: "me:hunter2@example.com:443") }
        #expect(try #require(error).description.contains("hunter2") == false)
        #expect(Authority.shown("http://me:hunter2@a.test/x?key=s3cret#f".utf8) == "…@a.test/x")
    }
}

@Suite struct AbsoluteTargetTests {
    @Test(arguments: [
        ("http://example.com", "example.com:80", "/"),
        ("HTTP://Example.com:8080/a/b?c=d", "example.com:8080", "/a/b?c=d"),
        ("http://example.com?x=http://other.test/", "example.com:80", "/?x=http://other.test/"),
        ("http://example.com./x", "example.com:80", "/x"),
        ("http://a.test/%7Euser/@scope/p|q", "a.test:80", "/%7Euser/@scope/p|q"),
    ])
    func readsOnePlaceAndOnePath(_ text: String, _ authority: String, _ path: String) throws {
        let target = try AbsoluteTarget(reading: text)
        #expect(target.authority.description == authority && target.path == path)
    }

    @Test(arguments: [
        "", "/", "/path", "example.com/x", "https://example.com/", "ftp://example.com/", "http:/example.com/",
        "http:example.com",
        "http:///x", "http://", "http://:80/", "http://user@example.com/", "http://user:pw@example.com/",
        "http://a.test\\@b.test/",
        "http://a.test#@b.test/", "http://a.test/#fragment", "http://a.test/a b", "http://a.test/a\u{0}",
        "http://a.test/\r\nX: y",
        "http://a.test/\\x", "http://a.test/ü", "http://127.0.0.1/", "http://[::1]/", "http://2130706433/",
        "http://localhost/",
        "http://a.test:/", "http://a.test:80:80/", "http://a.test%2f.b.test/", "//a.test/", "http://http://a.test/",
    ])
    func refusesTheRest(_ text: String) {
        #expect(throws: NetworkRuleError.self) { try AbsoluteTarget(reading: text) }
    }
}
