import Conversations
import MCP
import Model
import Slack
import Testing

/// When a turn shows what, without any Slack.
@Suite struct TurnDisplayTests {
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func at(_ seconds: Double) -> Timestamp { Self.start.advanced(by: .milliseconds(Int64(seconds * 1000))) }

    private func display(
        status: Bool = false, stream: Bool = false, draft: Bool = true, progress: Bool = true
    ) -> TurnDisplay {
        TurnDisplay(
            start: Self.start, means: .init(status: status, stream: stream, draft: draft, progress: progress),
            progressAfter: .seconds(10))
    }

    private func tool(_ name: String, _ state: ToolActivity.State = .running) -> ConversationEvent {
        .tool(
            ToolActivity(
                call: CallID(trusted: "c"), tool: name, arguments: ["path": "/workspace/secret-plan.txt"], state: state)
        )
    }

    @Test func afterTenSecondsItSaysWhatItDoesAndNothingOfWhatItWorksOn() {
        var display = display()
        display.take(tool("read_file"), at: at(3))
        #expect(display.next(at: at(9)) == .wait(.seconds(1)))
        #expect(display.next(at: at(24)) == .progress("Reading files · 24 s", draft: ""))
        for event in [tool("bash"), .state("Placing secret-plan.txt"), .state("/data/x is full. Free some space.")] {
            display.take(event, at: at(24))
            guard case .progress(let text, _) = display.next(at: at(24)) else {
                Issue.record("nothing is said")
                continue
            }
            #expect(!text.contains("secret") && !text.contains("/data"))
        }
    }

    @Test func itIsChangedLessOftenTheLongerItTakes() {
        var display = display()
        let changes = (0..<1200).filter { second in
            let step = display.next(at: at(Double(second)))
            guard case .progress = step else { return false }
            display.did(step, at: at(Double(second)))
            return true
        }
        #expect(changes.prefix(3) == [10, 15, 20])
        #expect(changes.count { $0 < 60 } == 10)
        #expect(changes.count { (60..<600).contains($0) } <= 36)
        #expect(changes.count { $0 >= 600 } <= 10)
    }

    @Test func itGoesOnSayingForHowLong() {
        var display = display()
        var now = 10.0
        for _ in 0..<500 {
            switch display.next(at: at(now)) {
            case .wait(let limit):
                guard let limit else { return #expect(Bool(false), "after \(now) s it is never changed again") }
                now += max(0.001, Double(limit.components.seconds))
            case let step: display.did(step, at: at(now))
            }
        }
        #expect(now > 7200)
    }

    @Test func aStatusIsRenewedBeforeItLapses() {
        var display = display(status: true, progress: false)
        let first = display.next(at: at(0))
        #expect(first == .status("is starting…"))
        display.did(first, at: at(0))
        #expect(display.next(at: at(1)) == .wait(.seconds(89)))
        display.take(tool("grep"), at: at(2))
        // Not at once after the one before it.
        #expect(display.next(at: at(2)) == .wait(.seconds(3)))
        #expect(display.next(at: at(5)) == .status("is searching files…"))
        display.did(.status("is searching files…"), at: at(5))
        #expect(display.next(at: at(94)) == .wait(.seconds(1)))
        #expect(display.next(at: at(95)) == .status("is searching files…"))
    }

    @Test func aDraftIsStreamedInPiecesAndNoneOfItTwice() {
        var display = display(stream: true, progress: false)
        display.take(.draft(text: "Hel", reset: true), at: at(1))
        #expect(display.next(at: at(1)) == .wait(.milliseconds(1500)))
        display.take(.draft(text: "lo", reset: false), at: at(2))
        let first = display.next(at: at(2.5))
        #expect(first == .startStream("Hello"))
        display.take(.draft(text: " world", reset: false), at: at(2.6))
        display.did(first, at: at(2.7))
        #expect(display.next(at: at(3)) == .wait(.milliseconds(1200)))
        #expect(display.next(at: at(4.2)) == .append(" world"))
        display.did(.append(" world"), at: at(4.2))
        #expect(display.next(at: at(10)) == .wait(nil))
        // What was shown stays; another try goes below it.
        display.take(.draft(text: "Anew", reset: true), at: at(11))
        #expect(display.next(at: at(11)) == .check)
        display.did(.check, at: at(11))
        #expect(display.next(at: at(11)) == .append("\n\nAnew"))
    }

    @Test func whatBecomesPrivateIsTakenBack() {
        var display = display(stream: true, progress: true)
        display.take(.draft(text: "Hello", reset: true), at: at(1))
        display.did(.startStream("Hello"), at: at(3))
        display.withdraw()
        #expect(display.next(at: at(3)) == .retract)
        display.did(.retract, at: at(4))
        display.take(.draft(text: "secret", reset: true), at: at(5))
        display.take(.state("Working on something private"), at: at(5))
        #expect(display.next(at: at(20)) == .progress("Working on something private · 20 s", draft: ""))
    }

    @Test func whereSlackDoesNotStreamTheMessageShowsTheDraft() {
        var display = display(stream: true)
        display.take(.draft(text: "a <b> @channel", reset: true), at: at(1))
        display.streamBroke()
        #expect(
            display.next(at: at(10))
                == .progress("Writing · 10 s", draft: "a <b> @channel"))
    }

    @Test func nothingInADraftDoesAnything() {
        let pieces = ["x <", "!channel> and @", "here, see https:", "//evil.example"].map(DraftText.markdown)
        let text = pieces.joined()
        for active in ["<!", "@here", "://"] { #expect(!text.contains(active)) }
    }

    @Test func callsAreLeftOutWhereThereWouldBeTooMany() {
        let budget = CallBudget()
        let now = at(0)
        #expect((0..<100).filter { _ in budget.take(.progress, at: now) }.count == 17)
        #expect(!budget.take(.progress, at: at(3)))
        #expect(budget.take(.progress, at: at(4)))
        #expect(budget.take(.append, at: now))
    }
}
