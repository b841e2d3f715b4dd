import Foundation
import Testing

extension SystemTests {
    /// `bulkhead people` and approvals that name people, over a whole installation with several users of this machine.
    @Suite struct PeopleCommandTests {
        private static let member = "bulkhead-test-1"
        private static let stranger = "bulkhead-test-2"

        /// `nobody` and `bulkhead-test-1` are members; `bulkhead-test-2` is in no list.
        private func withPeople(policy: String? = nil, _ body: (Installation) async throws -> Void) async throws {
            try await withInstallation(policy: policy, isStarted: false) { bulkhead in
                for user in [Self.member, Self.stranger] {
                    try await Command.shell(
                        "id \(user) >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin \(user)"
                    )
                }
                let text = try String(contentsOfFile: bulkhead.configuration, encoding: .utf8)
                try text.replacingOccurrences(of: "members: [nobody]", with: "members: [nobody, \(Self.member)]")
                    .write(toFile: bulkhead.configuration, atomically: true, encoding: .utf8)
                try await bulkhead.start()
                try await body(bulkhead)
            }
        }

        private func run(
            _ arguments: [String], as user: String, _ bulkhead: Installation
        ) async throws -> Command.Result {
            try await Command.run(
                "/usr/bin/setpriv",
                ["--reuid", user, "--regid", "nogroup", "--clear-groups", bulkhead.home + "/bin/bulkhead"] + arguments
                    + ["--config", bulkhead.configuration])
        }

        @Test func twoAccountsOfThisMachineBecomeOnePerson() async throws {
            try await withPeople { bulkhead in
                let stranger = try await run(["people"], as: Self.stranger, bulkhead)
                #expect(stranger.status != 0 && stranger.errors.contains("No person is known"), "\(stranger)")
                let made = try await run(["people", "link"], as: "nobody", bulkhead)
                let code = try #require(made.output.split(separator: "\n").first.map(String.init), "\(made)")
                let wrong = try await run(["people", "link", "AAAAA-AAAAA"], as: Self.stranger, bulkhead)
                #expect(wrong.status != 0 && wrong.errors.contains("wrong, used up"), "\(wrong)")
                let own = try await run(["people", "link", code], as: Self.member, bulkhead)
                #expect(own.status != 0 && own.errors.contains("in the settings"), "\(own)")
                let linked = try await run(["people", "link", code], as: Self.stranger, bulkhead)
                #expect(linked.output.contains("nobody's from now on"), "\(linked)")
                let again = try await run(["people", "link", code], as: Self.stranger, bulkhead)
                #expect(again.status != 0, "\(again)")
                let shown = try await run(["people", "show", "nobody"], as: Self.stranger, bulkhead)
                #expect(
                    shown.output.contains("os:\(Self.stranger)") && shown.output.contains("linked by code"), "\(shown)")
                // Without being an admin one sees oneself.
                #expect(!(try await run(["people"], as: Self.stranger, bulkhead)).output.contains(Self.member))
                let unlinked = try await bulkhead.bulkhead(["people", "unlink", Self.stranger])
                #expect(unlinked.status == 0, "\(unlinked)")
                #expect((try await run(["people"], as: Self.stranger, bulkhead)).status != 0)
                let audit = try await bulkhead.bulkhead(["audit", "--json", "--limit", "200"]).output
                for event in ["account.code_made", "account.linked", "account.link_refused", "account.unlinked"] {
                    #expect(audit.contains(event), "\(event)")
                }
                #expect(!audit.contains(code.filter { $0 != "-" }) && !audit.contains(code))
            }
        }

        @Test func whoeverIsDeactivatedIsOutAtOnceAndAfterARestart() async throws {
            try await withPeople { bulkhead in
                let user = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
                let turn = try Command(
                    "/usr/bin/setpriv",
                    user + [
                        bulkhead.home + "/bin/bulkhead", "chat", "--once", "run sleep 300", "--json", "--config",
                        bulkhead.configuration,
                    ])
                try await bulkhead.wait(forTool: "bash")
                let client = try Command(
                    "/usr/bin/setpriv",
                    user + [
                        bulkhead.home + "/bin/bulkhead", "mcp", "--channel", "nobody", "--config",
                        bulkhead.configuration,
                    ], holdsInput: true)
                try await eventually("both sessions are live") {
                    try await bulkhead.api("GET", "sessions").body.ranges(of: "\"state\":\"live\"").count == 2
                }
                #expect(client.isRunning)
                let refused = try await run(["people", "deactivate", Self.member], as: "nobody", bulkhead)
                #expect(refused.status != 0 && refused.errors.contains("Only an owner or admin"), "\(refused)")
                let out = try await bulkhead.bulkhead(["people", "deactivate", "nobody"])
                #expect(out.status == 0 && out.output.contains("is out"), "\(out)")
                let ended = await turn.finish(within: .seconds(30))
                #expect(ended.status != 0 || ended.output.contains("may not use Bulkhead any more"), "\(ended)")
                try await eventually("the MCP client's session ends") { !client.isRunning }
                #expect(try await !bulkhead.api("GET", "sessions").body.contains("\"state\":\"live\""))
                for attempt in 0..<2 {
                    let after = try await run(["chat", "--once", "echo hi"], as: "nobody", bulkhead)
                    #expect(
                        after.status != 0 && after.errors.contains("deactivated by an admin"), "\(attempt) \(after)")
                    if attempt == 0 {
                        await bulkhead.stopDaemon()
                        try await bulkhead.startDaemon()
                    }
                }
                #expect(try await bulkhead.bulkhead(["people"]).output.contains("deactivated"))
                let back = try await bulkhead.bulkhead(["people", "activate", "nobody"])
                #expect(back.output.contains("as member"), "\(back)")
                #expect((try await run(["people"], as: "nobody", bulkhead)).output.contains("member"))
                let own = try await bulkhead.bulkhead(["people", "deactivate", "root"])
                #expect(own.status != 0 && own.errors.contains("Nobody deactivates themselves"), "\(own)")
            }
        }

        @Test func aNamedApproverAndTheirDeputyAnswer() async throws {
            let policy = """
                version: 1
                rules:
                  - {name: commands, tool: bash, decision: ask, approvers: [nobody]}
                """
            try await withPeople(policy: policy) { bulkhead in
                let channel = try await bulkhead.directChannel()
                func ask(_ text: String) async throws -> (conversation: String, approval: String) {
                    let receipt = try await bulkhead.api(
                        "POST", "messages", json: ["channel": channel, "text": text, "client_id": text])
                    var id = ""
                    try await eventually("an approval waits") {
                        let listed = try await bulkhead.bulkhead(["approvals", "--json"]).output
                        guard let range = listed.firstRange(of: #""id":""#) else { return false }
                        id = String(listed[range.upperBound...].prefix { $0 != "\"" })
                        return true
                    }
                    return (try #require(receipt["conversation"] as? String), id)
                }
                func isDone(_ conversation: String) async throws -> Bool {
                    try await eventually("an answer") { try await bulkhead.transcript(of: conversation).count == 2 }
                    return try await bulkhead.api("GET", "conversations/\(conversation)").body
                        .contains("\"state\":\"done\"")
                }
                let (first, one) = try await ask("run echo one")
                let requester = try await bulkhead.bulkhead(["approvals", "approve", one])
                #expect(requester.status != 0 && requester.errors.contains("nobody"), "\(requester)")
                // Not in that conversation, and nobody it names: it is not theirs to see.
                let games = try await run(["approvals", "approve", one], as: Self.member, bulkhead)
                #expect(games.status != 0 && games.errors.contains("no such question"), "\(games)")
                #expect(try await run(["approvals", "approve", one], as: "nobody", bulkhead).status == 0)
                #expect(try await isDone(first))

                let (second, two) = try await ask("run echo two")
                let named = try await run(["people", "deputy", "nobody", "--is", Self.member], as: "nobody", bulkhead)
                #expect(named.output.contains("in the place of nobody"), "\(named)")
                let listed = try await run(["approvals", "--json"], as: Self.member, bulkhead)
                #expect(listed.output.contains("you in the place of nobody"), "\(listed)")
                #expect(try await run(["approvals", "approve", two], as: Self.member, bulkhead).status == 0)
                #expect(try await isDone(second))
                let audit = try await bulkhead.bulkhead(["audit", "--json", "--limit", "200"]).output
                #expect(audit.contains("approvedFor"), "\(audit)")

                // The deputy of one who is out goes on in their place; taken back, nobody is left.
                let (_, three) = try await ask("run echo three")
                #expect(try await bulkhead.bulkhead(["people", "deactivate", "nobody"]).status == 0)
                #expect((try await run(["approvals", "--json"], as: Self.member, bulkhead)).output.contains(three))
                #expect(try await bulkhead.bulkhead(["people", "deputy", "nobody", "--none"]).status == 0)
                let late = try await run(["approvals", "approve", three], as: Self.member, bulkhead)
                #expect(late.status != 0, "\(late)")
            }
        }
    }
}
