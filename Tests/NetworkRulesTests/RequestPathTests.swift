import NetworkRules
import Testing

@Suite struct RequestPathTests {
    @Test(arguments: [
        "/a/../b", "/..", "/.", "/a/.", "/a/..", "/%2e%2e/b", "/%2E/b", "/a/%2e", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b",
        "/a//b",
        "//a", "/a%00b", "/a%0ab", "/a%7fb", "/a%25b", "/%252e%252e/b", "/a;x=y/b", "/a/..;/b", "/a%3b/b", "/a%3fb",
        "/a%23b", "/a#b",
        "", "a/b", "/a%", "/a%2", "/a%zz", "/a b", "/ä", "/a%2",
    ])
    func whatServersReadDifferentlyIsNone(_ text: String) {
        #expect(RequestPath(text) == nil)
    }

    @Test func encodedLettersAreTheLetters() throws {
        #expect(RequestPath("/v1/%72epos") == RequestPath("/v1/repos"))
        #expect(RequestPath("/v1/") == RequestPath("/v1"))
        #expect(RequestPath("/v1?x=/../") == RequestPath("/v1"))
    }

    @Test(arguments: [
        ("/v1", "/v1", true), ("/v1", "/v1/", true), ("/v1", "/v1/x", true), ("/v1/", "/v1/x", true),
        ("/v1", "/v10", false),
        ("/v1", "/", false), ("/v1", "/V1/x", false), ("/", "/anything", true), ("/v1/a", "/v1/%61/b", true),
        ("/v1", "/x/v1", false),
    ])
    func aPrefixEndsAtASegment(_ prefix: String, _ path: String, _ isBelow: Bool) throws {
        #expect(try #require(RequestPath(path)).isBelow(try #require(RequestPath(prefix))) == isBelow)
    }
}
