import MCP
import Testing

@testable import Terminal

@Suite struct RoutePromptTests {
    @Test func idAndPromptAreTakenAsTheyCame() throws {
        let text = try RoutePrompt(Array(#"{"id": "a", "prompt": "hi", "more": 1}"#.utf8))
        #expect(text.id.stringValue == "a" && text.prompt == "hi")
        let number = try RoutePrompt(Array(#"{"id": 7, "prompt": ""}"#.utf8))
        #expect(number.id.intValue == 7 && number.prompt.isEmpty)
    }

    @Test(arguments: [
        ("", "no JSON"), ("nonsense", "no JSON"), (#"{"id": "a", "prompt": "x"} {}"#, "no JSON"),
        ("[1]", "not an object"),
        (#"{"prompt": "x"}"#, "\"id\""), (#"{"id": null, "prompt": "x"}"#, "\"id\""),
        (#"{"id": "a"}"#, "\"prompt\""), (#"{"id": "a", "prompt": 3}"#, "\"prompt\""),
        (#"{"id": "a", "id": "b", "prompt": "x"}"#, "no JSON"),
    ])
    func whatIsWrongIsSaid(line: String, words: String) {
        do throws(RoutePrompt.Wrong) {
            _ = try RoutePrompt(Array(line.utf8))
            Issue.record("\(line) was taken")
        } catch {
            #expect(error.reason.contains(words), "\(error.reason)")
        }
    }

    @Test(arguments: [
        (0.0, "0.00"), (0.004, "0.00"), (0.0567, "0.06"), (0.5, "0.50"), (0.999, "1.00"), (12.3, "12.30"),
    ])
    func numbersAreShownWithTwoDigits(value: Double, text: String) {
        #expect(RouteReport.rounded(value) == text)
    }
}
