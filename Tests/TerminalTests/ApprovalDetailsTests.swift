import MCP
import Terminal
import Testing

/// What a question is about is shown whole, and drawn rather than obeyed.
@Suite struct ApprovalDetailsTests {
    private static let details = "runs in /workspace/thread\nreport.sh: 15 bytes, sha256 0123…\n-old\u{1B}[2J\n+new"

    @Test func theCardHasThem() throws {
        let json: JSONValue = [
            "id": "a", "tool": "bash", "effect": "write", "arguments": ["command": "sh report.sh"], "reason": "asked",
            "requester": "anna", "expires": "2026-11-22T15:04:05.000Z", "details": .string(Self.details),
            "rule": "ask", "approvers": "an admin", "labels": [], "yours": true, "scopes": ["once"], "exact": true,
        ]
        let lines = ApprovalCard.lines(try Approval(ResponseReader(value: json, place: "test")), width: 80).map(\.plain)
        for line in ["┃ runs in /workspace/thread", "┃ report.sh: 15 bytes, sha256 0123…", "┃ -old␛[2J", "┃ +new"] {
            #expect(lines.contains(line), "\(lines)")
        }
        let shown = ApprovalsReport.details(json).map(\.plain)
        #expect(shown.contains("    runs in /workspace/thread") && shown.contains("    +new"), "\(shown)")
        #expect(!shown.contains { $0.unicodeScalars.contains("\u{1B}") })
    }
}
