import LeakScan
import MCP
import Model
import Testing

@Suite struct LeakGuardTests {
    private let session = SessionID(trusted: "ses_1")
    private let value = "k9#Vq2-Zt7_Lm4/Xw8"

    private func leaks(_ values: [String: String]) -> LeakGuard {
        let leaks = LeakGuard()
        leaks.replace(with: values.map { LeakSecret(id: $0.key, name: $0.key, value: Array($0.value.utf8)) })
        return leaks
    }

    @Test func whatIsNoSecretIsLeftByteForByte() {
        let text = "Nothing to see here: 🙂 e\u{301} \u{0} k9#Vq2-Zt7_Lm4/Xw\n"
        let result = leaks(["MAIL": value]).screened(text, in: LeakSubject())
        #expect(Array(result.value.utf8) == Array(text.utf8) && result.findings.isEmpty)
    }

    /// Of an object whose names are ours a secret that is called like one takes nothing away; further down it does.
    @Test func ourOwnNamesStayAndTheirsDoNot() {
        let leaks = leaks(["WORD": "arguments"])
        let object: JSONObject = [
            "arguments": ["path": "a", "arguments": "b"], "error": "no arguments", "count": 3,
        ]
        let kept = leaks.screenedValues(of: object, in: LeakSubject()).value
        #expect(kept["arguments"]?["path"] == "a" && kept["count"] == 3)
        #expect(kept["arguments"]?["[secret WORD withheld]"] == "b" && kept["arguments"]?["arguments"] == nil)
        #expect(kept["error"] == "no [secret WORD withheld]")
        #expect(leaks.screenedValues(of: ["arguments": "none"], in: LeakSubject()).findings.isEmpty)
    }

    @Test func aSecretIsReplacedByItsName() {
        let result = leaks(["MAIL": value]).screened("before \(value) after \(value)!", in: LeakSubject())
        #expect(result.value == "before [secret MAIL withheld] after [secret MAIL withheld]!")
        #expect(result.findings.map(\.name) == ["MAIL"] && result.findings.map(\.form) == ["plain"])
    }

    @Test(arguments: [
        ("upper case", "K9#VQ2-ZT7_LM4/XW8"), ("reversed", "8wX/4mL_7tZ-2qV#9k"),
        ("hex", "6b3923567132 2d5a74375f4c6d342f587738"), ("upper hex", "6B39235671322D5A74375F4C6D342F587738"),
        ("url", "k9%23Vq2-Zt7_Lm4%2fXw8"), ("url, slashes kept", "k9%23Vq2-Zt7_Lm4/Xw8"),
        ("json", "k9#Vq2-Zt7_Lm4\\/Xw8"), ("wrapped", "k9#Vq2-Zt7\n_Lm4/X\r\n  w8"),
        ("base64", "azkjVnEyLVp0N19MbTQvWHc4"), ("after one byte", "AGs5I1ZxMi1adDdfTG00L1h3OA=="),
        ("after two bytes", "AABrOSNWcTItWnQ3X0xtNC9Ydzg="), ("wrapped base64", "azkjVnEyLVp0\nN19MbTQvWHc4\n"),
    ])
    func itIsFoundHoweverItIsWritten(_ way: String, _ text: String) {
        let result = leaks(["MAIL": value]).screened("<\(text)>", in: LeakSubject())
        #expect(result.value.contains("[secret MAIL withheld]"), "\(way): \(result.value)")
        #expect(result.findings.map(\.name) == ["MAIL"])
    }

    /// Whatever stands before it in a group of three bytes, and in both alphabets.
    @Test func base64IsFoundInEveryAlignmentOfEveryValue() {
        var generator = SystemRandomNumberGenerator()
        for length in 8...40 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0x21...0x7E, using: &generator) }
            let leaks = LeakGuard()
            leaks.replace(with: [LeakSecret(id: "s", name: "S", value: bytes)])
            for before in 0..<4 {
                for after in 0..<3 {
                    let around = (0..<before).map { _ in UInt8.random(in: 0...255, using: &generator) }
                    let all = around + bytes + [UInt8](repeating: 7, count: after)
                    let standard = Self.base64(all)
                    let url = standard.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
                    for text in [standard, url] {
                        let result = leaks.screened(text, in: LeakSubject())
                        #expect(result.findings.first?.form == "base64", "\(length) \(before) \(after) \(text)")
                    }
                }
            }
        }
    }

    @Test func whatBeginsInOnePartAndEndsInTheNextIsFound() {
        let result = leaks(["MAIL": value]).screened(["is k9#Vq2-", "Zt7_Lm4", "/Xw8 it"], in: LeakSubject())
        #expect(
            result.value == ["is [secret MAIL withheld]", "[secret MAIL withheld]", "[secret MAIL withheld] it"])
        #expect(result.findings.count == 1)
    }

    @Test func overlappingSecretsAreBothToldAndNothingOfThemIsLeft() {
        let result = leaks(["A": "abcdefgh1234", "B": "efgh1234zzzz"]).screened("<abcdefgh1234zzzz>", in: LeakSubject())
        #expect(Set(result.findings.map(\.name)) == ["A", "B"])
        #expect(result.value == "<[secret A withheld]>")
    }

    @Test func aSecretWithinAnotherAndTwoOfTheSameValueAreTold() {
        let result = leaks(["IN": "12345678", "OUT": "ab12345678cd", "SAME": "ab12345678cd"])
            .screened("ab12345678cd", in: LeakSubject())
        #expect(Set(result.findings.map(\.name)) == ["IN", "OUT", "SAME"])
        #expect(!result.value.contains("1234"))
    }

    @Test func shortValuesAreNotLookedForAndWhoeverStoresThemCanTell() {
        #expect(leaks(["PIN": "1234567"]).screened("1234567", in: LeakSubject()).findings.isEmpty)
        #expect(!LeakSecret.isSearched(Array("1 2 3 4 5 6 7".utf8)))
        #expect(LeakSecret.isSearched(Array("12345678".utf8)))
    }

    @Test func onlyTheSessionThatWasGivenItMayHaveIt() {
        let leaks = leaks(["A": "first-value-1", "B": "other-value-2"])
        leaks.exempt("A", in: session)
        let subject = LeakSubject(session: session)
        #expect(leaks.screened("first-value-1 other-value-2", in: subject).value == "first-value-1 [secret B withheld]")
        let other = LeakSubject(session: SessionID(trusted: "ses_2"))
        #expect(leaks.screened("first-value-1", in: other).findings.count == 1)
        #expect(leaks.screened("first-value-1", in: LeakSubject()).findings.count == 1)
        leaks.forget(session)
        #expect(leaks.screened("first-value-1", in: subject).findings.count == 1)
    }

    @Test func whatIsReplacedIsNotLookedForAnyMore() {
        let leaks = leaks(["A": "first-value-1"])
        leaks.replace(with: [LeakSecret(id: "B", name: "B", value: Array("other-value-2".utf8))])
        let result = leaks.screened("first-value-1 other-value-2", in: LeakSubject())
        #expect(result.value == "first-value-1 [secret B withheld]")
        leaks.replace(with: [])
        #expect(leaks.screened("other-value-2", in: LeakSubject()).findings.isEmpty)
    }

    @Test func nobodyLearnsWhatAnotherPersonCallsASecretNorHidesEverydayWordsFromOthers() {
        let (ann, bob) = (PersonID(trusted: "per_ann"), PersonID(trusted: "per_bob"))
        let leaks = LeakGuard()
        leaks.replace(with: [
            LeakSecret(id: "1", name: "HERS", value: Array("Qz81-rT55-mmPx".utf8), owner: ann),
            LeakSecret(id: "2", name: "WORDS", value: Array("quarterly report".utf8), owner: ann),
        ])
        let text = "Qz81-rT55-mmPx in the quarterly report"
        let hers = leaks.screened(text, in: LeakSubject(requester: ann))
        #expect(hers.value == "[secret HERS withheld] in the [secret WORDS withheld]")
        let his = leaks.screened(text, in: LeakSubject(requester: bob))
        #expect(his.value == "[a secret withheld] in the quarterly report")
        #expect(his.findings.first?.source == .secret(id: "1", owner: ann))
    }

    @Test func aKeyOfManyLinesIsFoundLineByLine() {
        let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
        let value =
            "-----BEGIN THING-----\n\(line)\nsecond+line+second+line+second+line+second+line1\n-----END THING-----\n"
        let leaks = leaks(["KEY": value])
        #expect(leaks.screened(line, in: LeakSubject()).value == "[secret KEY withheld]")
        #expect(leaks.screened(value, in: LeakSubject()).value == "[secret KEY withheld]\n")
        let escaped = value.replacing("\n", with: "\\n")
        #expect(leaks.screened(escaped, in: LeakSubject()).value == "[secret KEY withheld]")
    }

    @Test func manySecretsThatBeginAlikeAreAllFound() {
        let values = Dictionary(
            uniqueKeysWithValues: (0..<300).map { ("S\($0)", "https://hooks.example.com/T\($0)/x") })
        let leaks = leaks(values)
        for index in stride(from: 0, to: 300, by: 7) {
            let result = leaks.screened("see https://hooks.example.com/T\(index)/x", in: LeakSubject())
            #expect(result.findings.map(\.name) == ["S\(index)"])
        }
        #expect(leaks.screened("https://hooks.example.com/T300/x", in: LeakSubject()).findings.isEmpty)
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(16 - $1.offset * 8) }
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[Int(word >> UInt32(18 - place * 6) & 63)] : "=")
            }
        }
        return text
    }

    /// Where nobody is named whose record it is, everybody's secrets are kept out; others read it, so none is named.
    @Test func aRecordSparesNoPersonalSecret() {
        let (ann, bob) = (PersonID(trusted: "per_ann"), PersonID(trusted: "per_bob"))
        let leaks = LeakGuard()
        leaks.replace(with: [
            LeakSecret(id: "2", name: "WORDS", value: Array("quarterly report".utf8), owner: ann)
        ])
        let text = "the quarterly report"
        for requester in [ann, nil] {
            let subject = LeakSubject(requester: requester, isRecord: true)
            #expect(leaks.screened(text, in: subject).value == "the [a secret withheld]")
        }
        #expect(leaks.screened(text, in: LeakSubject(requester: bob, isRecord: true)).value == text)
        #expect(leaks.screened(text, in: LeakSubject()).value == text)
    }
}
