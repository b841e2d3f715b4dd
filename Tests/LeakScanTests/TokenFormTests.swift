import LeakScan
import Model
import Testing

@Suite struct TokenFormTests {
    private let leaks = LeakGuard()

    // In pieces, so that nothing here looks like one to those who search sources.
    static let tokens: [(String, String)] = [
        ("AWS access key", "AKIA" + "IOSFODNN7EXAMPLE"), ("GitHub token", "ghp_" + String(repeating: "a1", count: 18)),
        ("GitHub token", "github_pat_" + String(repeating: "Z9_", count: 20)),
        ("Slack token", "xoxb-" + "1234567890-abcdef"), ("Anthropic key", "sk-ant-" + "api03-abcdefghijklmnop"),
        ("OpenAI key", "sk-proj-" + "abcdefghijklmnopqrst"), ("OpenAI key", "sk-" + String(repeating: "T3", count: 24)),
        ("Google key", "AIza" + String(repeating: "b", count: 35)),
        ("JWT", "eyJhbGciOi" + "JIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"),
        ("Stripe key", "sk_live_" + "abcdefghijklmnop"),
    ]

    @Test(arguments: tokens) func itIsReplacedWhole(_ name: String, _ token: String) {
        for (text, expected) in [
            ("token=\(token)", "token=[\(name) withheld]"), ("\"\(token)\",", "\"[\(name) withheld]\","),
            ("a\\n\(token)", "a\\n[\(name) withheld]"),
        ] {
            let result = leaks.screened(text, in: LeakSubject())
            #expect(result.value == expected)
            #expect(result.findings.map(\.source) == [.token])
        }
    }

    @Test(arguments: tokens) func inTheMiddleOfAWordOrCutShortItIsNone(_ name: String, _ token: String) {
        #expect(leaks.screened("x\(token)", in: LeakSubject()).findings.isEmpty)
        #expect(leaks.screened(String(token.prefix(10)), in: LeakSubject()).findings.isEmpty)
    }

    @Test func keyBlocksAreReplacedToTheirEnd() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwgg+/==\n"
        for kind in ["", "RSA ", "EC ", "OPENSSH "] {
            let block = "-----BEGIN \(kind)PRIVATE " + "KEY-----\n\(body)-----END \(kind)PRIVATE KEY-----"
            #expect(leaks.screened("a \(block) b", in: LeakSubject()).value == "a [private key withheld] b")
            let escaped = block.replacing("\n", with: "\\n")
            #expect(leaks.screened("\"\(escaped)\"", in: LeakSubject()).value == "\"[private key withheld]\"")
            let cut = String(block.prefix(60))
            #expect(!leaks.screened(cut, in: LeakSubject()).value.contains("MIIE"))
        }
    }

    @Test func whatTheRequesterWroteMayBeWorkedWithInThatSessionAlone() {
        let session = SessionID(trusted: "ses_1")
        let (mine, other) = ("ghp_" + String(repeating: "a1", count: 18), "ghp_" + String(repeating: "b2", count: 18))
        leaks.admitTokens(in: "please store \(mine)", to: session)
        let subject = LeakSubject(session: session)
        #expect(leaks.screened("\(mine) \(other)", in: subject).value == "\(mine) [GitHub token withheld]")
        #expect(leaks.screened(mine, in: LeakSubject()).findings.count == 1)
        // Once it is stored it is a secret as any other.
        leaks.replace(with: [LeakSecret(id: "1", name: "HUB", value: Array(mine.utf8))])
        #expect(leaks.screened(mine, in: subject).value == "[secret HUB withheld]")
    }
}
