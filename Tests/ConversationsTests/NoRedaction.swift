import Harness
import MCP
import Model

/// Everything is kept: for tests that are about something else.
struct NoRedaction: CallRedactor {
    func redacted(
        _ arguments: JSONObject, of tool: String, secret: Set<String>, for requester: PersonID?
    ) -> (arguments: JSONObject, hasChanged: Bool) {
        (arguments, false)
    }
    func redacted(_ text: String, for requester: PersonID?) -> String { text }
    func digest(of arguments: JSONObject) -> String { "digest" }
}
