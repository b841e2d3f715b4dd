import Model
import Testing

@testable import Policy

/// Nobody becomes somebody by what they call themselves.
@Suite struct ChosenNameTests {
    private let eve = PersonID(trusted: "eve")

    @Test(arguments: ["anna", "Anna", "jörg", "jÖrg", "mar\u{212A}", "andre\u{301}", "01abc"])
    func aChosenNameIsNobodysInARule(_ label: String) throws {
        let name = PersonName.chosen(label, on: "slack")
        #expect(PersonName.isChosen(name))
        for entry in [label, name, label.lowercased()] {
            #expect(!People([entry]).contains(eve, named: name), "\(entry) means \(name)")
        }
        #expect(People([label]).contains(eve, named: label), "the operator's own word for them does")
        #expect(People(["eve"]).contains(eve, named: name), "and their id")
    }

    @Test(arguments: [
        ("Anna Schmidt", "Anna Schmidt"), ("  José-María O'Neil ", "José-María O'Neil"), ("李小龙", "李小龙"),
        ("Bob x@evil.example", "Bob x evil example"), ("<https://evil.example|Bob>", "https evil example Bob"),
        ("Eve (Slack)", "Eve Slack"), ("*Approved* by _Carla_", "Approved by Carla"), ("a\nb\u{202E}c", "a b c"),
        (String(repeating: "ab ", count: 30), "ab ab ab ab ab ab ab ab ab ab ab ab ab a"),
    ])
    func ofANameOnlyANameIsLeft(_ label: String, _ name: String) { #expect(PersonName.plain(label) == name) }

    @Test func whereNothingIsLeftThereIsNoName() {
        #expect(PersonName.plain("\u{200B}🙂 <>") == nil)
        #expect(PersonName.chosen("🙂", on: "slack", number: 2) == "somebody 2 (Slack)")
    }

    @Test(arguments: ["", "ﷺ", "𝕬", "字", "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}"])
    func noNameIsLongerThanTheStoreTakes(_ letter: String) {
        let name = PersonName.chosen(String(repeating: letter, count: 200), on: "slack", number: 1_000_000)
        #expect(name.utf8.count <= 100 && name.count <= 60)
    }

    @Test(arguments: [
        "rules:\n  - name: a\n    decision: deny\n    requester: Eve (Slack)",
        "rules:\n  - name: a\n    decision: ask\n    approvers: [anna, Eve (Slack)]",
        "groups:\n  finance: [Eve (Slack)]",
    ])
    func aPolicyThatNamesSomebodyByAChosenNameIsRefused(_ text: String) {
        let error = #expect(throws: PolicyError.self) {
            try Policy(yaml: "version: 1\n\(text)\n", file: "policy.yaml")
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("named by id here"))
    }
}
