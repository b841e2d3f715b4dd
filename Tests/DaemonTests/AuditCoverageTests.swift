import Foundation
import Testing

extension SystemTests {
    /// What stands in the audit beside the calls of tools.
    @Suite struct AuditCoverageTests {
        @Test func modelCallsAndChangedSettingsAreOnRecord() async throws {
            try await withInstallation { bulkhead in
                #expect(try await bulkhead.chat("run true").answer != nil)
                let rows = try await bulkhead.bulkhead(["audit", "export"]).output.split(separator: "\n")
                let calls = rows.filter { $0.contains("\"model.call\"") }
                #expect(!calls.isEmpty, "\(rows)")
                #expect(calls.allSatisfy { $0.contains("\"provider\":\"offline\"") && $0.contains("inputTokens") })
                // Not what was said.
                #expect(!calls.contains { $0.contains("run true") })

                let settings = try String(contentsOfFile: bulkhead.configuration, encoding: .utf8)
                try settings.replacingOccurrences(of: "members: [nobody]", with: "members: []")
                    .write(toFile: bulkhead.configuration, atomically: true, encoding: .utf8)
                bulkhead.daemon?.signal(SIGHUP)
                try await eventually("the change is on record") {
                    let text = try await bulkhead.bulkhead(["audit", "export"]).output
                    return text.contains("\"settings.changed\"") && text.contains("people.members")
                }
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
            }
        }
    }
}
