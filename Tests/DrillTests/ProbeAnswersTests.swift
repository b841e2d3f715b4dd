import Drill
import Testing

/// What comes out of a container is a claim by whatever ran there.
@Suite struct ProbeAnswersTests {
    private func line(_ nonce: String, refused: Bool = true, control: Bool = true, detail: String = "EPERM") -> String {
        #"{"nonce": "\#(nonce)", "refused": \#(refused), "control": \#(control), "detail": "\#(detail)"}"#
    }

    @Test func anAnswerCountsByTheNonceItsProbeWasGiven() {
        let answers = ProbeAnswers(
            "noise\n" + line("a") + "\n" + line("b", refused: false) + "\n[exit status 0]", nonces: ["a", "b", "c"])
        #expect(answers["a"]?.wasRefused == true && answers["a"]?.detail == "EPERM")
        #expect(answers["b"]?.wasRefused == false)
        // No answer is none: whoever kills the probe proves nothing.
        #expect(answers["c"] == nil)
    }

    @Test func answersToNoncesThatWereNotGivenOutAreNone() {
        #expect(ProbeAnswers(line("guessed"), nonces: ["a"])["guessed"] == nil)
    }

    @Test func twoAnswersToOneNonceAreNone() {
        let answers = ProbeAnswers(line("a") + "\n" + line("a"), nonces: ["a"])
        #expect(answers["a"] == nil && answers.isContested("a"))
    }

    @Test(arguments: [
        "", "{", "null", "[]", #"{"nonce": "a"}"#, #"{"nonce": "a", "refused": "yes", "control": true}"#,
        #"{"nonce": "a", "refused": 1, "control": 1}"#, #" {"nonce": "a", "refused": true, "control": true}"#,
        #"{"nonce": "a", "refused": false, "refused": true, "control": true}"#,
        #"{"nonce": "a", "refused": true, "control": true, "x": [[[[[[[]]]]]]]}"#,
    ])
    func whatIsNoAnswerIsNone(_ text: String) {
        #expect(ProbeAnswers(text, nonces: ["a"])["a"] == nil, "\(text)")
    }

    @Test func whatItSaysOfItselfIsBoundedAndHarmless() {
        let hostile = ProbeAnswers(
            line("a", detail: #"\u001b[2Jcleared\u202e"# + String(repeating: "x", count: 1000)), nonces: ["a"])
        let detail = hostile["a"]?.detail ?? ""
        #expect(detail.count == ProbeAnswers.maximumDetail)
        #expect(detail.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) })
        let long = String(repeating: "z", count: 5000)
        #expect(ProbeAnswers(line("a", detail: long), nonces: ["a"])["a"] == nil)
        let late = String(repeating: "y\n", count: ProbeAnswers.maximumText / 2) + line("a")
        #expect(ProbeAnswers(late, nonces: ["a"])["a"] == nil)
    }
}
