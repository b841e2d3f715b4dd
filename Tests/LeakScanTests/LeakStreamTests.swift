import LeakScan
import Model
import Testing

@Suite struct LeakStreamTests {
    private func leaks(_ value: String) -> LeakGuard {
        let leaks = LeakGuard()
        leaks.replace(with: [LeakSecret(id: "1", name: "S", value: Array(value.utf8))])
        return leaks
    }

    /// Cut at every place into two and into single characters: nothing of it is ever shown.
    @Test func aSplitSecretDoesNotSlipOut() {
        let secret = "k9#Vq2-Zt7_Lm4"
        let text = "The password is \(secret), or in base64 \(LeakGuardTests.base64(Array(secret.utf8))) 🙂."
        let expected = "The password is [secret S withheld], or in base64 [secret S withheld] 🙂."
        let leaks = leaks(secret)
        for cut in text.indices {
            var stream = LeakStream(leaks, subject: LeakSubject())
            let shown = [stream.append(String(text[..<cut])), stream.append(String(text[cut...])), stream.end()]
            #expect(shown.joined() == expected)
            #expect(shown.allSatisfy { !$0.contains("k9#V") && !$0.contains("Lm4") })
        }
        var stream = LeakStream(leaks, subject: LeakSubject())
        var shown = ""
        for character in text {
            shown += stream.append(String(character))
            #expect(!shown.contains("k9#V"))
        }
        #expect(shown + stream.end() == expected)
        #expect(Set(stream.findings.map(\.form)) == ["plain", "base64"])
    }

    @Test func whatCannotBecomeASecretIsShownAtOnce() {
        var stream = LeakStream(leaks("k9#Vq2-Zt7_Lm4"), subject: LeakSubject())
        #expect(stream.append("Hello, ") == "Hello, ")
        #expect(stream.append("world: k9#Vq") == "world: ")
        #expect(stream.append("!") == "k9#Vq!")
        #expect(stream.end() == "")
    }

    @Test func aTokenIsHeldUntilItIsOver() {
        var stream = LeakStream(LeakGuard(), subject: LeakSubject())
        let token = "ghp_" + String(repeating: "a1", count: 18)
        #expect(stream.append("use \(token)") == "use ")
        #expect(stream.append("b2") == "")
        #expect(stream.append(" now") == "[GitHub token withheld] now")
    }

    /// Whoever streams for ever what could be a token is not held for ever.
    @Test func whatIsHeldHasAnEnd() {
        var stream = LeakStream(LeakGuard(), subject: LeakSubject())
        var shown = stream.append("ghp_")
        for _ in 0..<200 { shown += stream.append("aaaaaaaaaa") }
        #expect(shown.hasPrefix("[GitHub token withheld]aaa"))
    }

    /// Random texts over few letters, so that beginnings of beginnings are common: as the whole, so in pieces.
    @Test func piecesComeToTheSameAsTheWhole() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let secret = String((0..<9).map { _ in "ab".randomElement(using: &generator) ?? "a" })
            let leaks = leaks(secret)
            let text = String((0..<60).map { _ in "aaabb c".randomElement(using: &generator) ?? "a" })
            var stream = LeakStream(leaks, subject: LeakSubject())
            var shown = ""
            var rest = text[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...7, using: &generator))
                rest = rest.dropFirst(piece.count)
                shown += stream.append(String(piece))
            }
            shown += stream.end()
            let whole = leaks.screened(text, in: LeakSubject()).value
            #expect(shown.contains("[secret") == whole.contains("[secret"))
            #expect(!shown.contains(secret))
        }
    }
}
