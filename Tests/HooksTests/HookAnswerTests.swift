import Hooks
import MCP
import Testing

/// What is not understood could have been a denial.
@Suite struct HookAnswerTests {
    @Test(arguments: [
        (#"{"decision":"continue"}"#, HookEvent.sessionEnd), (#"{"decision":"continue","note":"n"}"#, .toolAfter),
        (#"{"decision":"ask","reason":"r","approvers":"admins"}"#, .toolBefore),
        (#" {"decision":"deny","reason":"r"} "#, .messageIn), (#"{"decision":"continue","text":"t"}"#, .messageOut),
        (#"{"decision":"continue","arguments":{"a":1}}"#, .toolBefore),
    ])
    func anAnswerIsTaken(text: String, event: HookEvent) throws {
        _ = try HookAnswer(parsing: Array(text.utf8), for: event)
    }

    @Test(arguments: [
        ("", HookEvent.toolBefore), ("{}", .toolBefore), ("null", .toolBefore), ("[]", .toolBefore),
        ("ok", .toolBefore), (#"{"decision":"allow"}"#, .toolBefore), (#"{"decision":"deny"}"#, .toolBefore),
        (#"{"decision":"ask","reason":""}"#, .toolBefore), (#"{"decision":"continue","argument":{}}"#, .toolBefore),
        (#"{"decision":"continue","arguments":[]}"#, .toolBefore),
        (#"{"decision":"continue","text":"t"}"#, .toolBefore),
        (#"{"decision":"ask","reason":"r"}"#, .messageIn), (#"{"decision":"deny","reason":"r"}"#, .sessionEnd),
        (#"{"decision":"ask","reason":"r","approvers":"anybody"}"#, .toolBefore),
        (#"{"decision":"continue","arguments":{}}"#, .messageOut), (#"{"decision":"continue","text":1}"#, .messageOut),
        (#"{"decision":"continue"}{"decision":"deny","reason":"r"}"#, .toolBefore),
        (#"{"decision":"continue","decision":"deny","reason":"r"}"#, .toolBefore),
    ])
    func anythingElseIsNoAnswer(text: String, event: HookEvent) {
        #expect(throws: HookFailure.self) { try HookAnswer(parsing: Array(text.utf8), for: event) }
    }
}
