import Harness
import MCP

/// Everything is kept: for tests that are about something else.
struct NoRedaction: CallRedactor {
    func redacted(_ arguments: JSONObject, of tool: String) -> (arguments: JSONObject, hasChanged: Bool) {
        (arguments, false)
    }
    func redacted(_ text: String) -> String { text }
    func digest(of arguments: JSONObject) -> String { "digest" }
}
