import Foundation
import Hooks
import MCP
import Policy
import Testing

/// The hooks that come along, as they are run.
@Suite(.serialized) struct SampleTests {
    private static let samples =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/samples/hooks/"

    private static func text(_ name: String) throws -> String {
        try String(contentsOfFile: samples + name, encoding: .utf8)
    }

    @Test func credentialsAreKeptOut() async throws {
        // Put together here, so that nobody's scanner takes this file for a leak.
        let secrets = [
            "AKIA" + "ABCDEFGHIJKLMNOP", "ghp_" + String(repeating: "a1B2", count: 9), "xoxb-" + "1234567890-abcdef",
            "sk-ant-" + String(repeating: "x9", count: 12), "postgres://app:" + "hunter22@db/prod",
            "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIabc\n-----END RSA " + "PRIVATE KEY-----",
        ]
        try await HookStage.with(["secret-scan": try Self.text("secret-scan")]) { stage in
            func ask(_ event: HookEvent, _ facts: JSONObject) async throws -> HookAnswer {
                try await stage.ask("secret-scan", event, facts).answer.get()
            }
            for secret in secrets {
                let denied = try await ask(.toolBefore, ["arguments": ["a": [["b": .string("x \(secret) y")]]]])
                #expect(denied.decision == .deny, "\(secret)")
                #expect(!denied.reason.contains(secret))
                for (event, key) in [(HookEvent.messageOut, "text"), (.messageIn, "text"), (.toolAfter, "result")] {
                    let cleaned = try #require(try await ask(event, [key: .string("see \(secret) there")]).text)
                    #expect(!cleaned.contains(secret) && cleaned.contains("removed]"), "\(cleaned)")
                    #expect(cleaned.hasPrefix("see ") && cleaned.hasSuffix("there"))
                }
            }
            #expect(try await ask(.toolBefore, ["arguments": ["command": "ls -l; echo sk-it"]]).decision == .proceed)
            let harmless = try await ask(.messageOut, ["text": "The task is done: see https://example.org/a@b"])
            #expect(harmless.decision == .proceed && harmless.text == nil)
        }
    }

    @Test func changesAreHeldWhileTheyAreFrozen() async throws {
        try await HookStage.with(["change-freeze": try Self.text("change-freeze")]) { stage in
            func ask(_ effect: String) async throws -> HookDesk.Run {
                try await stage.ask("change-freeze", .toolBefore, ["effect": .string(effect), "arguments": [:]])
            }
            func worked(_ effect: String) async throws -> Bool {
                if case .success = try await ask(effect).answer { return true }
                return false
            }
            let calendar = stage.folder + "/hooks/change-freeze.json"
            func write(_ text: String) throws { try text.write(toFile: calendar, atomically: true, encoding: .utf8) }
            // Without a calendar nobody knows: it fails, and that denies.
            #expect(try await !worked("external"))
            try write(
                #"[{"from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "why": "closing", "approvers": "admins"}]"#
            )
            let held = try await ask("external").answer.get()
            #expect(held.decision == .ask && held.approvers == .admins && held.reason.contains("closing"))
            #expect(try await ask("destructive").answer.get().decision == .ask)
            #expect(try await ask("write").answer.get().decision == .proceed)
            try write(#"[{"from": "2020-01-01T00:00:00Z", "until": "2020-02-01T00:00:00Z", "why": "over"}]"#)
            #expect(try await ask("external").answer.get().decision == .proceed)
            try write(
                #"[{"from": "2020-01-01T00:00:00Z", "until": "2099-02-01T00:00:00Z", "why": "no", "decision": "deny"}]"#
            )
            #expect(try await ask("external").answer.get().decision == .deny)
            try write(#"[{"from": "2020-01-01", "until": "2099-02-01", "why": "no zone"}]"#)
            #expect(try await !worked("external"))
        }
    }
}
