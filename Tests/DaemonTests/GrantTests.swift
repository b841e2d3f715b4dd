import Foundation
import Testing

extension SystemTests {
    /// Answers for more than one call, from the question to the audit, in real conversations.
    @Suite struct GrantTests {
        private static let policy = """
            version: 1
            rules:
              - {name: files are asked about, tool: write_file, decision: ask}
              - {name: commands are asked about, tool: bash, decision: ask}

            """

        /// A conversation of root's and what was asked in it.
        private struct Talk {
            let bulkhead: Installation
            let channel: String
            var conversation: String?
            var said = 0

            /// Says something; gives the approval it comes to, or nil where it ran unasked.
            mutating func say(_ text: String) async throws -> (id: String, scopes: [String])? {
                var body = ["channel": channel, "text": text, "client_id": UUID().uuidString]
                body["conversation"] = conversation
                let receipt = try await bulkhead.api("POST", "messages", json: body)
                let id = try #require(receipt["conversation"] as? String, "\(receipt.body)")
                conversation = id
                said += 1
                let answers = said
                var asked: (id: String, scopes: [String])?
                try await eventually("an approval, or an answer") {
                    let open = try await bulkhead.api("GET", "approvals")["approvals"] as? [[String: Any]] ?? []
                    if let first = open.first(where: { $0["conversation"] as? String == id }) {
                        asked = (first["id"] as? String ?? "", first["scopes"] as? [String] ?? [])
                        return true
                    }
                    return try await bulkhead.transcript(of: id).count == answers * 2
                }
                return asked
            }

            /// The call's end, once its turn is over.
            func state() async throws -> String? {
                let (id, count) = (try #require(conversation), said * 2)
                try await eventually("an answer") { try await bulkhead.transcript(of: id).count == count }
                let entries = try await bulkhead.api("GET", "conversations/\(id)")["entries"] as? [[String: Any]]
                return ((entries?.last?["tools"] as? [[String: Any]])?.last)?["state"] as? String
            }
        }

        @Test func aYesForTheConversationHoldsThereAndNowhereElse() async throws {
            try await withInstallation(policy: Self.policy) { bulkhead in
                let channel = try await bulkhead.directChannel()
                var talk = Talk(bulkhead: bulkhead, channel: channel)
                let asked = try #require(try await talk.say("write a.txt: one"))
                #expect(asked.scopes == ["once", "conversation", "channel"])
                let given = try await bulkhead.bulkhead(["approvals", "approve", asked.id, "--for", "conversation"])
                #expect(given.status == 0 && given.output.contains("for this conversation"), "\(given)")
                #expect(try await talk.state() == "done")
                #expect(try await talk.say("write b.txt: two") == nil)
                #expect(try await talk.state() == "done")
                // Another conversation of the same channel.
                var other = Talk(bulkhead: bulkhead, channel: channel)
                let again = try #require(try await other.say("write a.txt: three"))
                #expect(try await bulkhead.bulkhead(["approvals", "deny", again.id]).status == 0)
                #expect(try await other.state() == "denied")

                // It is named where it decided, survives a restart, and ends when it is taken back.
                let grant = try await onlyGrant(bulkhead)
                let audit = try await bulkhead.bulkhead(["audit", "--json", "--limit", "500"]).output
                #expect(audit.contains("grant \(grant) for files are asked about (policy line 3)"))
                #expect(audit.contains("\"grant.given\""))
                await bulkhead.stopDaemon()
                try await bulkhead.startDaemon()
                #expect(try await talk.say("write c.txt: four") == nil)
                #expect(try await talk.state() == "done")
                let revoked = try await bulkhead.bulkhead(["grants", "revoke", grant])
                #expect(revoked.status == 0 && revoked.output.contains("asked again"), "\(revoked)")
                let last = try #require(try await talk.say("write d.txt: five"), "asked again")
                #expect(try await bulkhead.bulkhead(["approvals", "approve", last.id]).status == 0)
                #expect(try await talk.state() == "done")
                let shown = try await bulkhead.bulkhead(["grants", "show", grant])
                #expect(shown.output.contains("revoked by root"), "\(shown)")
                #expect(try await bulkhead.bulkhead(["grants"]).output.contains("every question is asked"))
                let twice = try await bulkhead.bulkhead(["grants", "revoke", grant])
                #expect(twice.status == 1 && twice.errors.contains("ended already"), "\(twice)")
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
            }
        }

        @Test func alwaysHereHoldsInTheWholeChannelAndCommandsHaveNone() async throws {
            try await withInstallation(policy: Self.policy) { bulkhead in
                let channel = try await bulkhead.directChannel()
                let room = try await bulkhead.api("POST", "channels", json: ["name": "finance"])
                var talk = Talk(bulkhead: bulkhead, channel: channel)
                let asked = try #require(try await talk.say("write a.txt: one"))
                #expect(
                    try await bulkhead.bulkhead(["approvals", "approve", asked.id, "--for", "channel"]).status == 0)
                #expect(try await talk.state() == "done")
                var near = Talk(bulkhead: bulkhead, channel: channel)
                #expect(try await near.say("write a.txt: two") == nil)
                #expect(try await near.state() == "done")
                var far = Talk(bulkhead: bulkhead, channel: try #require(room["id"] as? String, "\(room.body)"))
                let other = try #require(try await far.say("write a.txt: three"), "another channel asks")
                #expect(try await bulkhead.bulkhead(["approvals", "deny", other.id]).status == 0)
                #expect(try await far.state() == "denied")

                // A command: word for word, for the conversation at most.
                let command = try #require(try await talk.say("run echo one"))
                #expect(command.scopes == ["once", "conversation"])
                let tooMuch = try await bulkhead.bulkhead(["approvals", "approve", command.id, "--for", "channel"])
                #expect(tooMuch.status == 1 && tooMuch.errors.contains("smaller scope"), "\(tooMuch)")
                let given = try await bulkhead.bulkhead(["approvals", "approve", command.id, "--for", "conversation"])
                #expect(given.status == 0, "\(given)")
                #expect(try await talk.state() == "done")
                #expect(try await talk.say("run echo one") == nil)
                #expect(try await talk.state() == "done")
                let different = try #require(try await talk.say("run echo two"), "another command asks")
                #expect(try await bulkhead.bulkhead(["approvals", "deny", different.id]).status == 0)
                #expect(try await talk.state() == "denied")

                // A rule that grants nothing any more is asked each time, whatever was given.
                try bulkhead.write(
                    policy: Self.policy.replacing("tool: write_file,", with: "tool: write_file, grants: none,"))
                _ = try await bulkhead.reload()
                let strict = try #require(try await near.say("write b.txt: four"), "the policy has the last word")
                #expect(strict.scopes == ["once"])
                #expect(try await bulkhead.bulkhead(["approvals", "deny", strict.id]).status == 0)
                #expect(try await near.state() == "denied")
            }
        }

        private func onlyGrant(_ bulkhead: Installation) async throws -> String {
            let grants = try await bulkhead.api("GET", "grants")["grants"] as? [[String: Any]]
            #expect(grants?.count == 1)
            return try #require(grants?.first?["id"] as? String)
        }
    }
}
