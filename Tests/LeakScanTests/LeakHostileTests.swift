import LeakScan
import Model
import Testing

@Suite struct LeakHostileTests {
    /// The plain way, slow and sure, is what the automaton is held against.
    @Test func theAutomatonFindsWhatALoopFinds() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let values = (0..<8).map { _ in
                String((0..<Int.random(in: 8...12, using: &generator)).map { _ in "ab".randomElement() ?? "a" })
            }
            let leaks = LeakGuard()
            leaks.replace(
                with: values.enumerated().map {
                    LeakSecret(id: "\($0.offset)", name: "\($0.offset)", value: Array($0.element.utf8))
                })
            let text = String((0..<80).map { _ in "ab".randomElement() ?? "a" })
            let expected = values.indices.filter {
                text.contains(values[$0]) || text.contains(String(values[$0].reversed()))
            }
            let found = leaks.screened(text, in: LeakSubject()).findings.map(\.name)
            #expect(Set(found) == Set(expected.map(String.init)))
        }
    }

    /// Long texts are read in several places at once: across their seams and within them nothing is missed.
    @Test func aSecretIsFoundAtEveryPlaceOfALongText() {
        let secret = "ababcababd-ababcababd-ab"
        let leaks = LeakGuard()
        leaks.replace(with: [LeakSecret(id: "1", name: "S", value: Array(secret.utf8))])
        let before = String(repeating: "ab", count: 600)
        for place in stride(from: 0, through: 1200, by: 1) {
            let text = String(before.prefix(place)) + "!" + secret + "!" + String(before.suffix(1200 - place))
            let result = leaks.screened(text, in: LeakSubject()).value
            #expect(!result.contains("babd-") && result.contains("![secret S withheld]!"), "\(place)")
        }
    }

    @Test func anyBytesAreTakenAndNothingTraps() {
        var generator = SystemRandomNumberGenerator()
        let leaks = LeakGuard()
        leaks.replace(
            with: (0..<50).map { index in
                LeakSecret(
                    id: "\(index)", name: "N\(index)",
                    value: (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    })
            })
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...200)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            var stream = LeakStream(leaks, subject: LeakSubject())
            _ = stream.append(text) + stream.append("-----BEGIN PRIVATE " + "KEY-----" + text) + stream.end()
            _ = leaks.screened([text, "", text], in: LeakSubject())
        }
    }

    /// Texts made to be slow: what begins like a secret again and again, and blanks without end.
    @Test func noTextTakesMoreThanItsLength() {
        let leaks = LeakGuard()
        leaks.replace(
            with: (0..<100).map {
                LeakSecret(
                    id: "\($0)", name: "\($0)", value: Array((String(repeating: "a", count: 200) + "\($0)").utf8))
            })
        let texts = [
            String(repeating: "a", count: 100_000), String(repeating: "a ", count: 50_000),
            String(repeating: " ", count: 100_000) + "a",
            String(repeating: "eyJhbGciOi", count: 10_000),
            String(repeating: "-----BEGIN PRIVATE KEY-----", count: 4000),
        ]
        let clock = ContinuousClock()
        for text in texts {
            let time = clock.measure { _ = leaks.screened(text, in: LeakSubject()) }
            // A loop that looks at everything from everywhere would take minutes.
            #expect(time < .seconds(20))
        }
    }

    /// Pairs of long values that differ at their ends alone: the table stays small, and each is found as itself.
    @Test func longValuesThatBeginTheSameAreToldApart() {
        let values = (0..<60).map { index in
            String(repeating: "\(index / 2)-long-beginning/", count: 40) + (index % 2 == 0 ? "even" : "odd.")
        }
        let leaks = LeakGuard()
        leaks.replace(
            with: values.enumerated().map {
                LeakSecret(id: "\($0.offset)", name: "N\($0.offset)", value: Array($0.element.utf8))
            })
        for (index, value) in values.enumerated() {
            let result = leaks.screened("a " + value + " b", in: LeakSubject())
            #expect(result.value == "a [secret N\(index) withheld] b")
        }
    }

    /// Unpaired surrogates and quotes: how JSON writes a value is one of its forms.
    @Test func valuesWithQuotesAndLinesAreFoundInJSON() {
        let value = "pa\"ss\\wo\nrd ü🙂 9"
        let leaks = LeakGuard()
        leaks.replace(with: [LeakSecret(id: "1", name: "S", value: Array(value.utf8))])
        for text in [
            #"{"a":"pa\"ss\\wo\nrd ü🙂 9"}"#, #"{"a":"pa\"ss\\wo\nrd \u00fc\ud83d\ude42 9"}"#,
        ] {
            #expect(leaks.screened(text, in: LeakSubject()).value == #"{"a":"[secret S withheld]"}"#)
        }
    }

    /// Values made to be slow to look for: each place of a run of one letter begins one, or is one.
    @Test func noValueMakesARunTakeMoreThanItsLength() {
        let values = [
            String(repeating: "a", count: 65_535) + "b", String(repeating: "a", count: 8),
            String(repeating: "a", count: 4095) + "c",
        ]
        let text = String(repeating: "a", count: 1 << 20)
        let clock = ContinuousClock()
        for value in values {
            let leaks = LeakGuard()
            leaks.replace(with: [LeakSecret(id: "1", name: "S", value: Array(value.utf8))])
            let time = clock.measure {
                #expect(leaks.screened(text + value, in: LeakSubject()).findings.map(\.name) == ["S"])
            }
            #expect(time < .seconds(20))
        }
    }

    /// Values that each stand in the next, as many as a channel may have: at each place of the text all of them end.
    @Test func valuesWithinValuesDoNotMultiplyTheTime() {
        let leaks = LeakGuard()
        leaks.replace(
            with: (0..<500).map {
                LeakSecret(id: "\($0)", name: "N\($0)", value: Array(String(repeating: "a", count: 8 + $0).utf8))
            })
        let text = String(repeating: "a", count: 1 << 20)
        let clock = ContinuousClock()
        let time = clock.measure {
            let result = leaks.screened("<" + text, in: LeakSubject())
            // Each of them is told, and nothing of any is left.
            #expect(result.findings.count >= 500 && !result.value.contains("aaaaaaaa"))
            #expect(result.value.utf8.count < 1000)
        }
        print("nested values: \(time)")
        #expect(time < .seconds(20))
    }

    @Test func aRunOfAValueIsOneNoteAndNothingOfItIsLeft() {
        let leaks = LeakGuard()
        leaks.replace(with: [LeakSecret(id: "1", name: "S", value: Array("abcabcabc".utf8))])
        let result = leaks.screened("<abcabcabcabcabc>", in: LeakSubject())
        #expect(result.value == "<[secret S withheld]>" && result.findings.map(\.form) == ["plain"])
    }

    /// Once too much was looked at, what follows is withheld without a look.
    @Test func aValueBehindATextThatTakesTooLongIsWithheld() {
        let leaks = LeakGuard()
        leaks.replace(
            with: [
                LeakSecret(id: "1", name: "A", value: Array((String(repeating: "a", count: 65_535) + "b").utf8)),
                LeakSecret(id: "2", name: "S", value: Array("k9#Vq2-Zt7_Lm4".utf8)),
            ])
        let text = String(repeating: "a", count: 1 << 20) + "<k9#Vq2-Zt7_Lm4>"
        #expect(!leaks.screened(text, in: LeakSubject()).value.contains("Zt7"))
    }
}
