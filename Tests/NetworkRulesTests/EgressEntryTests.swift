import NetworkRules
import Testing

@Suite struct EgressEntryTests {
    private func target(_ text: String) throws -> Authority { try Authority(reading: text) }

    @Test(arguments: [
        ("example.com", "example.com:443", true), ("example.com", "example.com:80", true),
        ("example.com", "example.com:8443", false),
        ("example.com", "www.example.com:443", false), ("example.com", "example.com.evil.test:443", false),
        ("example.com", "notexample.com:443", false), ("example.com", "examp1e.com:443", false),
        ("*.example.com", "www.example.com:443", true), ("*.example.com", "a.b.example.com:443", true),
        ("*.example.com", "example.com:443", false), ("*.example.com", "notexample.com:443", false),
        ("*.example.com", "example.com.evil.test:443", false), ("example.com:8443", "example.com:8443", true),
        ("example.com:8443", "example.com:443", false), ("example.com:80,443,22", "example.com:22", true),
        ("example.com GET", "example.com:443", false), ("example.com /v1", "example.com:443", false),
    ])
    func aTunnel(_ entry: String, _ target: String, _ isAllowed: Bool) throws {
        #expect(try EgressEntry(line: entry).matches(self.target(target)) == isAllowed)
    }

    @Test(arguments: [
        ("example.com", "DELETE", "/x", true), ("example.com GET,HEAD", "GET", "/x", true),
        ("example.com GET", "POST", "/x", false),
        ("example.com GET", "get", "/x", false), ("example.com /v1", "POST", "/v1/x?q", true),
        ("example.com /v1", "POST", "/v2", false),
        ("example.com /v1", "GET", "/v1/../v2", false), ("example.com /v1", "GET", "/v1/%2e%2e/v2", false),
        ("example.com /v1 /v2/a", "GET", "/v2/a/b", true), ("example.com GET /v1", "GET", "/v1", true),
        ("example.com GET /v1", "POST", "/v1", false),
    ])
    func aRequest(_ entry: String, _ method: String, _ path: String, _ isAllowed: Bool) throws {
        #expect(try EgressEntry(line: entry).matches(target("example.com:80"), method: method, path: path) == isAllowed)
    }

    @Test func anEmptyListAllowsNothing() throws {
        #expect(EgressEntry.first(in: [], matching: try target("example.com:443")) == nil)
        let entries = try ["a.test", "*.b.test", "x.b.test"].map { try EgressEntry(line: $0) }
        #expect(EgressEntry.first(in: entries, matching: try target("x.b.test:443")) == entries[1])
    }

    @Test func aPrefixNobodyCanReadAllowsNothing() throws {
        let entry = EgressEntry(domain: try #require(DomainPattern("example.com")), pathPrefixes: ["../x"])
        #expect(!entry.matches(try target("example.com:80"), method: "GET", path: "/x"))
        #expect(
            !EgressEntry(domain: try #require(DomainPattern("example.com")), pathPrefixes: ["/x"]).matches(
                try target("example.com:80"), method: "GET", path: nil))
    }

    @Test(arguments: [
        "example.com", "*.example.com", "example.com:22,443", "example.com GET,POST", "example.com /v1/ /v2",
        "example.com:80 GET /v1",
        "*.example.com:8443 without-sni",
    ])
    func itsLineAndItsMembersAreReadBack(_ line: String) throws {
        let entry = try EgressEntry(line: line)
        #expect(entry.description == line)
        #expect(try EgressEntry(members: entry.members) == entry)
    }

    @Test(arguments: [
        "", " ", "*", "*.", "*.com", "com", "localhost", "127.0.0.1", "[::1]", "10.0.0.0/8", "https://example.com",
        "example.com/path",
        "*example.com", "www.*.com", "*.*.example.com", "example.com:", "example.com:0", "example.com:65536",
        "example.com:80,",
        "example.com:http", "example.com:80:80", "user@example.com", "example.com FETCH", "example.com CONNECT",
        "example.com GET,,POST",
        "example.com /a/../b", "example.com /a?b", "example.com GET /a b", "example.com GET without-sni",
        "example.com /v1 without-sni",
        "exa mple.com", "example.com\0", "example.com\tGET",
    ])
    func refusesWhatIsNoEntry(_ line: String) {
        #expect(throws: NetworkRuleError.self) { try EgressEntry(line: line) }
    }

    @Test func whatWasStoredIsNotInterpreted() throws {
        let wrong: [[String: [String]]] = [
            [:], ["domain": []], ["domain": ["a.test", "b.test"]], ["domain": ["A.test"]],
            ["domain": ["a.test"], "extra": []],
            ["domain": ["a.test"], "ports": ["443", "80"]], ["domain": ["a.test"], "ports": ["0443"]],
            ["domain": ["a.test"], "ports": []], ["domain": ["a.test"], "ports": ["x"]],
            ["domain": ["a.test"], "methods": ["get"]],
            ["domain": ["a.test"], "tls": ["any"]], ["domain": ["a.test"], "tls": ["unnamed", "unnamed"]],
            ["domain": ["a.test"], "paths": ["x"]],
        ]
        for members in wrong {
            #expect(throws: NetworkRuleError.self, "\(members)") { try EgressEntry(members: members) }
        }
    }
}
