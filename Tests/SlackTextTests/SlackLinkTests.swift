import MCP
import SlackText
import Testing

/// Where links lead, and what they say of it.
@Suite struct SlackLinkTests {
    /// What is shown, with what is followed in brackets.
    static func shown(_ markdown: String) -> String {
        MarkdownToSlack().render(markdown).messages.flatMap(\.blocks).flatMap { $0["elements"]?.arrayValue ?? [] }
            .flatMap { $0["elements"]?.arrayValue ?? [] }
            .map { run in
                let text = run["text"]?.stringValue ?? "?"
                return run["url"]?.stringValue.map { "‹\(text)→\($0)›" } ?? text
            }.joined()
    }

    @Test(arguments: [
        ("[docs](https://example.org/a?b=1&c=2)", "‹docs→https://example.org/a?b=1&c=2›"),
        ("see https://example.org/x. Then", "see ‹https://example.org/x→https://example.org/x›. Then"),
        ("(https://e.org/a_(b))", "(‹https://e.org/a_(b)→https://e.org/a_(b)›)"),
        ("[w](https://e.org/a_(b) \"title\")", "‹w→https://e.org/a_(b)›"),
        ("<https://e.org/>", "‹https://e.org/→https://e.org/›"),
        ("[mail](mailto:a@e.org)", "‹mail→mailto:a@e.org›"),
        ("**[b](https://e.org)**", "‹b→https://e.org›"),
        ("![chart](https://e.org/p.png)", "‹chart→https://e.org/p.png›"),
        ("[](https://e.org/p)", "‹e.org→https://e.org/p›"),
        ("[x](https://e.org/a|b<c>\u{E9})", "‹x→https://e.org/a%7Cb%3Cc%3E%C3%A9›"),
        ("http://localhost:8080/x", "‹http://localhost:8080/x→http://localhost:8080/x›"),
        ("[1](http://10.0.0.1/)", "‹1→http://10.0.0.1/›"),
    ])
    func leadsWhereItSays(markdown: String, expected: String) {
        #expect(Self.shown(markdown) == expected)
    }

    @Test(arguments: [
        ("[https://bank.example](https://evil.example)", "‹https://bank.example→https://evil.example› (evil.example)"),
        (
            "[bank.example](https://evil.example/bank.example)",
            "‹bank.example→https://evil.example/bank.example› (evil.example)"
        ),
        (
            "[go to bank.example now](https://evil.example)",
            "‹go to bank.example now→https://evil.example› (evil.example)"
        ),
        ("[bank。example](https://evil.example)", "‹bank。example→https://evil.example› (evil.example)"),
        ("[ceo@bank.example](mailto:x@evil.example)", "‹ceo@bank.example→mailto:x@evil.example› (x@evil.example)"),
        ("[http://bank](https://evil.example)", "‹http://bank→https://evil.example› (evil.example)"),
        ("[10.0.0.1](https://evil.example)", "‹10.0.0.1→https://evil.example› (evil.example)"),
        ("https://bücher.example/", "‹https://bücher.example/→https://xn--bcher-kva.example/› (xn--bcher-kva.example)"),
    ])
    func aClaimIsCorrected(markdown: String, expected: String) {
        #expect(Self.shown(markdown) == expected)
    }

    @Test(arguments: [
        ("[example.org](https://example.org/x)", "‹example.org→https://example.org/x›"),
        ("[www.example.org](https://example.org/x)", "‹www.example.org→https://example.org/x›"),
        ("[version 1.2 of it](https://example.org/x)", "‹version 1.2 of it→https://example.org/x›"),
        ("[e.g. this](https://example.org/x)", "‹e.g. this→https://example.org/x›"),
    ])
    func whatClaimsNothingStays(markdown: String, expected: String) {
        #expect(Self.shown(markdown) == expected)
    }

    @Test(arguments: [
        ("[x](javascript:alert(1))", "x (javascript:alert(1))"),
        ("[x](data:text/html,hi)", "x (data:text/html,hi)"),
        ("[x](file:///etc/passwd)", "x (file:///etc/passwd)"),
        ("[x](slack://channel?id=C1)", "x (slack://channel?id=C1)"),
        ("[x](https://bank.example@evil.example/)", "x (https://bank.example@evil.example/)"),
        ("[x](https://evil.example\\@bank.example/)", "x (https://evil.example\\@bank.example/)"),
        ("[x](https://[::1]/)", "x (https://[::1]/)"),
        ("[x](https://b\u{430}nk.example/)", "x (https://b\u{430}nk.example/)"),
        ("[x](https://e.org:99999999/)", "x (https://e.org:99999999/)"),
        ("[x](https://e.org:1:2/)", "x (https://e.org:1:2/)"), ("[x](https://:80/)", "x (https://:80/)"),
        ("[x](mailto:a@e.org?bcc=b@evil.example)", "x (mailto:a@e.org?bcc=b@evil.example)"),
        ("[x](//evil.example)", "x (//evil.example)"),
        ("[x](relative/path)", "x (relative/path)"),
        ("[x](https://e\u{202E}.org)", "x (https://e⟨U+202E⟩.org)"),
        ("hxxps://evil[.]example/x", "hxxps://evil[.]example/x"),
    ])
    func whatMustNotBeFollowedIsShown(markdown: String, expected: String) {
        #expect(Self.shown(markdown) == expected)
    }

    @Test func anAddressThatIsTooLongIsShown() {
        for (length, isLink) in [(1800, true), (3200, false)] {
            let url = "https://e.org/" + String(repeating: "a", count: length)
            #expect(Self.shown("<\(url)>").contains("→") == isLink || length > 2000)
            #expect(Self.shown("[x](\(url))").contains("→") == isLink)
        }
    }
}
