import Drill
import Testing

@Suite struct DrillAttemptTests {
    private func attempt(refused: Bool, audited: Bool?, control: Bool) -> DrillAttempt {
        DrillAttempt(
            id: "x", group: "network", title: "", wasRefused: refused, wasAudited: audited, control: control, detail: ""
        )
    }

    @Test func whatIsNotProvedIsNotGreen() {
        #expect(attempt(refused: true, audited: nil, control: true).isGreen)
        #expect(attempt(refused: true, audited: true, control: true).isGreen)
        #expect(!attempt(refused: true, audited: true, control: false).isGreen)
        #expect(!attempt(refused: true, audited: false, control: true).isGreen)
        #expect(!attempt(refused: false, audited: true, control: true).isGreen)
    }
}
