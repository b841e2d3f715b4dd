import Testing

extension SystemTests {
    /// The operator's rules, changed while people work.
    @Suite struct PolicyTests {
        fileprivate static func rule(_ decision: String) -> String {
            "version: 1\nrules:\n  - name: commands here\n    tool: bash\n    decision: \(decision)\n"
        }

        @Test func aChangedRuleHoldsWithoutARestart() async throws {
            try await withInstallation(policy: Self.rule("allow")) { bulkhead in
                let free = try await bulkhead.chat("run echo one")
                #expect(free.answer?.tools?.map(\.state) == ["done"], "\(free.result.output)")
                let thread = try #require(free.answer?.conversation)

                try bulkhead.write(policy: Self.rule("deny"))
                var said = try await bulkhead.reload()
                #expect(said.contains("policy=changed"), "\(said)")
                let denied = try await bulkhead.chat("run echo two", ["--thread", thread])
                #expect(denied.answer?.tools?.map(\.state) == ["denied"], "\(denied.result.output)")
                #expect(denied.answer?.tools?.first?.result?.contains("commands here") == true)

                // Refused, by file and line; what held still holds, and so do the settings that came along.
                try bulkhead.write(policy: "version: 1\nrules:\n  - name: x\n    tool: bash\n    decision: perhaps\n")
                said = try await bulkhead.reload()
                #expect(said.contains("policy.yaml:5"), "\(said)")
                #expect(said.contains("the last good"), "\(said)")
                let still = try await bulkhead.chat("run echo three", ["--thread", thread])
                #expect(still.answer?.tools?.map(\.state) == ["denied"], "\(still.result.output)")

                // A rule that asks is answered by a person.
                try bulkhead.write(policy: Self.rule("ask") + "    approvers: requester\n")
                _ = try await bulkhead.reload()
                let refused = try await bulkhead.chat("run echo secret-word", ["--approve", "deny"])
                #expect(refused.answer?.tools?.map(\.state) == ["denied"], "\(refused.result.output)")
                let allowed = try await bulkhead.chat("run echo other-word", ["--approve", "allow"])
                #expect(allowed.answer?.tools?.map(\.state) == ["done"], "\(allowed.result.output)")

                // What came into force, and what did not, is on record.
                let audit = try await bulkhead.bulkhead(["audit", "--json", "--limit", "500"]).output
                #expect(audit.contains("policy.changed"))
                #expect(audit.contains("policy.refused"))
            }
        }

        /// The first policy an operator writes needs no restart, and taking it away later loosens nothing.
        @Test func aFirstPolicyHoldsAtSIGHUPAndDoesNotVanish() async throws {
            try await withInstallation { bulkhead in
                try bulkhead.write(policy: Self.rule("deny"))
                var said = try await bulkhead.reload()
                #expect(said.contains("policy=changed"), "\(said)")
                let denied = try await bulkhead.chat("run echo two")
                #expect(denied.answer?.tools?.map(\.state) == ["denied"], "\(denied.result.output)")
                try await Command.shell("rm \(bulkhead.home)/policy.yaml")
                said = try await bulkhead.reload()
                #expect(said.contains("the last good"), "\(said)")
                let still = try await bulkhead.chat("run echo two")
                #expect(still.answer?.tools?.map(\.state) == ["denied"], "\(still.result.output)")
            }
        }

        @Test func aBrokenSettingsFileChangesNothing() async throws {
            try await withInstallation { bulkhead in
                try await Command.shell("echo 'session: {idle_end: never}' >> \(bulkhead.configuration)")
                let said = try await bulkhead.reload()
                #expect(said.contains("bulkhead.yaml:") && said.contains("allowed"), "\(said)")
                // The command line reads the file too, so a door that does not.
                let answer = try await bulkhead.api(
                    "POST", "messages",
                    json: ["channel": try await bulkhead.directChannel(), "client_id": "c", "text": "echo still here"])
                let conversation = try #require(answer["conversation"] as? String)
                try await eventually("an answer") {
                    try await bulkhead.transcript(of: conversation).last?.hasSuffix("still here") == true
                }
            }
        }
    }
}

extension SystemTests.PolicyTests {
    /// Asked in one terminal, answered in another.
    @Test func approvalsAreListedShownAndAnsweredOnTheCommandLine() async throws {
        try await withInstallation(policy: Self.rule("ask") + "    approvers: requester\n") { bulkhead in
            let channel = try await bulkhead.directChannel()
            /// Says something and gives the conversation and the approval it comes to.
            func ask(_ text: String, _ client: String) async throws -> (conversation: String, approval: String) {
                let receipt = try await bulkhead.api(
                    "POST", "messages", json: ["channel": channel, "text": text, "client_id": client])
                let conversation = try #require(receipt["conversation"] as? String, "\(receipt.body)")
                var id = ""
                try await eventually("an approval waits") {
                    let listed = try await bulkhead.bulkhead(["approvals", "--json"]).output
                    guard let range = listed.firstRange(of: #""id":""#) else { return false }
                    id = String(listed[range.upperBound...].prefix { $0 != "\"" })
                    return true
                }
                return (conversation, id)
            }
            func reply(in conversation: String) async throws -> String {
                try await eventually("an answer") { try await bulkhead.transcript(of: conversation).count == 2 }
                return try await bulkhead.api("GET", "conversations/\(conversation)").body
            }
            let (first, no) = try await ask("run echo one", "a")
            let shown = try await bulkhead.bulkhead(["approvals", "show", no])
            #expect(shown.output.contains("echo one") && shown.output.contains("approvals approve \(no)"), "\(shown)")
            let stranger = try await Command.run(
                "/usr/bin/setpriv",
                [
                    "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", bulkhead.home + "/bin/bulkhead",
                    "approvals", "--json", "--config", bulkhead.configuration,
                ])
            #expect(stranger.output.contains("\"approvals\":[]"), "\(stranger)")
            let denied = try await bulkhead.bulkhead(["approvals", "deny", no, "--reason", "not on a Sunday"])
            #expect(denied.status == 0, "\(denied)")
            #expect(try await reply(in: first).contains("not on a Sunday"))

            let (second, id) = try await ask("run echo two", "b")
            #expect(try await bulkhead.bulkhead(["approvals", "approve", id]).status == 0)
            #expect(try await reply(in: second).contains("\"state\":\"done\""))
            // Late and twice change nothing.
            let again = try await bulkhead.bulkhead(["approvals", "deny", id])
            #expect(again.status != 0 && again.errors.contains("answered already"), "\(again)")
            #expect(try await bulkhead.bulkhead(["approvals"]).output.contains("Nothing waits"))
        }
    }
}
