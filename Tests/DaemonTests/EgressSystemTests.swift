import Foundation
import Testing

extension SystemTests {
    /// The network, end to end: the command line, a real sandbox, everyday tools, and a server of the test's own.
    @Suite struct EgressSystemTests {
        private static let team = ["--channel", "team"]

        private func rows(_ bulkhead: Installation, _ options: [String] = []) async throws -> [[String: Any]] {
            let result = try await bulkhead.bulkhead(["egress", "log", "--json"] + options)
            let answer = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            return answer?["rows"] as? [[String: Any]] ?? []
        }

        private func allow(
            _ bulkhead: Installation, _ server: FilesServer, _ domain: String = "files.test", _ options: [String] = []
        ) async throws {
            let ports = ["--port", "\(server.port)", "--port", "\(server.tlsPort)"]
            let result = try await bulkhead.bulkhead(
                ["egress", "allow", domain, "--reason", "reports"] + ports
                    + (options.isEmpty ? ["--channel", "team"] : options))
            try #require(result.status == 0, "\(result.output)\(result.errors)")
        }

        private func labels(_ bulkhead: Installation, of person: String = "root") async throws -> [String]? {
            let sessions = try await bulkhead.api("GET", "sessions")["sessions"] as? [[String: Any]] ?? []
            return sessions.first { $0["requester"] as? String == person }?["labels"] as? [String]
        }

        private func makeTeam(_ bulkhead: Installation) async throws {
            let made = try await bulkhead.bulkhead(["channels", "create", "team"])
            try #require(made.status == 0, "\(made)")
        }

        @Test func everydayToolsReachWhatIsGrantedAndNothingElse() async throws {
            try await withNetwork { bulkhead, server in
                try await makeTeam(bulkhead)
                try await allow(bulkhead, server)
                let base = "http://files.test:\(server.port)"
                let chat = try await bulkhead.chat(
                    """
                    run curl -sS --max-time 20 \(base)/report.txt
                    run curl -sSk --max-time 20 https://files.test:\(server.tlsPort)/report.txt
                    run git clone -q \(base)/demo.git demo && cat demo/fruit.txt
                    run pip download -q --no-deps --disable-pip-version-check --trusted-host files.test \
                    --index-url \(base)/simple/ -d wheels demo && ls wheels
                    run curl -s --max-time 20 http://other.test:\(server.port)/report.txt
                    run curl -sS --max-time 20 --noproxy '*' --resolve files.test:\(server.port):127.0.0.1 \
                    \(base)/report.txt || echo no way around
                    """, Self.team)
                let results = (chat.answer?.tools ?? []).map { $0.result ?? "" }
                try #require(results.count == 6, "\(chat.result.output)\(chat.result.errors)")
                #expect(results[0].contains("apples and pears"), "\(results[0])")
                #expect(results[1].contains("apples and pears"), "\(results[1])")
                #expect(results[2].contains("plums"), "\(results[2])")
                #expect(results[3].contains("demo-1.0-py3-none-any.whl"), "\(results[3])")
                #expect(results[4].contains("egress_request") && !results[4].contains("apples"), "\(results[4])")
                #expect(results[5].contains("no way around"), "\(results[5])")
                #expect(server.journal.contains("names files.test"))

                // What was read there is outside content, and people were told.
                #expect(try await labels(bulkhead) == ["untrusted"])
                let lines = try await bulkhead.transcript(of: chat.answer?.conversation ?? "")
                #expect(lines.filter { $0.contains("reached the network (files.test)") }.count == 1, "\(lines)")

                // Each connection is a row, with what it carried; the chain is whole.
                let allowed = try await rows(bulkhead, ["--decision", "allow"])
                #expect(allowed.count >= 4, "\(allowed)")
                for row in allowed {
                    let details = row["details"] as? [String: Any]
                    #expect(
                        details?["host"] as? String == "files.test" && details?["address"] as? String == "127.0.0.1")
                    #expect(
                        (details?["down"] as? Int ?? 0) > 0 && row["session"] != nil
                            && row["person"] as? String == "root")
                    #expect((row["rule"] as? String)?.contains("egress grant") == true)
                }
                let refused = try await rows(bulkhead, ["--decision", "deny", "--host", "other.test"])
                #expect(refused.count == 1, "\(refused)")
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
                // Elsewhere it is not granted.
                let direct = try await bulkhead.chat("run curl -s --max-time 20 \(base)/report.txt")
                #expect(direct.answer?.tools?.first?.result?.contains("apples") == false, "\(direct.result.output)")
            }
        }

        @Test func aGrantThatComesLaterReachesTheRunningSandboxAndGoesWithItsTunnels() async throws {
            try await withNetwork { bulkhead, server in
                try await makeTeam(bulkhead)
                let ask = "run curl -s --max-time 20 http://files.test:\(server.port)/report.txt"
                let before = try await bulkhead.chat(ask, Self.team)
                let thread = try #require(before.answer?.conversation, "\(before.result)")
                let options = Self.team + ["--thread", thread]
                #expect(before.answer?.tools?.first?.result?.contains("apples") == false)
                #expect(
                    before.answer?.tools?.first?.result?.contains("egress_request") == true, "\(before.result.output)")
                let containers = try await bulkhead.containers("workspace")

                try await allow(bulkhead, server)
                let after = try await bulkhead.chat(ask, options)
                #expect(
                    after.answer?.tools?.first?.result?.contains("apples and pears") == true, "\(after.result.output)")
                #expect(try await bulkhead.containers("workspace") == containers, "no container was started for it")

                let slow = try bulkhead.startChat(
                    "run curl -sS --max-time 60 http://files.test:\(server.port)/slow | wc -c", options)
                try await eventually("the slow file") { server.journal.contains("begin /slow") }
                let denied = try await bulkhead.bulkhead(["egress", "deny", "files.test", "--reason", "enough"])
                #expect(denied.status == 0, "\(denied)")
                try await eventually("the tunnel's end", within: .seconds(5)) { server.journal.contains("end /slow") }
                _ = await slow.finish(within: .seconds(60))
                let last = try await bulkhead.chat(ask, options)
                #expect(last.answer?.tools?.first?.result?.contains("apples") == false, "\(last.result.output)")
                let events = try await bulkhead.bulkhead(["audit", "--event", "egress.revoked"])
                #expect(events.output.contains("egress.revoked"), "\(events.output)")
                let ended = try await rows(bulkhead, ["--decision", "allow"]).compactMap {
                    ($0["details"] as? [String: Any])?["end"] as? String
                }
                #expect(!ended.isEmpty, "why it ended is on record")
            }
        }

        @Test(arguments: [["--all"], ["--person", "root"], ["--channel", "team"]])
        func aPauseStopsItAtOnce(_ scope: [String]) async throws {
            try await withNetwork { bulkhead, server in
                try await makeTeam(bulkhead)
                try await allow(bulkhead, server)
                let slow = try bulkhead.startChat(
                    "run curl -sS --max-time 60 http://files.test:\(server.port)/slow | wc -c", Self.team)
                try await eventually("the slow file") { server.journal.contains("begin /slow") }
                let paused = try await bulkhead.bulkhead(["pause"] + scope)
                #expect(paused.status == 0, "\(paused)")
                try await eventually("the tunnel's end", within: .seconds(5)) { server.journal.contains("end /slow") }
                slow.signal(SIGTERM)
                _ = await slow.finish(within: .seconds(30))
            }
        }

        @Test func aSessionThatOpensThePersonalFolderReachesNothingAnyMore() async throws {
            try await withNetwork { bulkhead, server in
                try await makeTeam(bulkhead)
                try await allow(bulkhead, server)
                let get = "run curl -s --max-time 20 http://files.test:\(server.port)/report.txt"
                let chat = try await bulkhead.chat(
                    """
                    \(get)
                    call open_personal_folder {}
                    \(get)
                    call egress_request {"domain": "files.test", "reason": "more", "ports": [\(server.port)]}
                    """, Self.team)
                let results = (chat.answer?.tools ?? []).map { $0.result ?? "" }
                try #require(results.count == 4, "\(chat.result.output)\(chat.result.errors)")
                #expect(results[0].contains("apples and pears"), "\(results)")
                #expect(!results[2].contains("apples"), "\(results)")
                #expect(results[3].contains("private"), "\(results)")
                #expect(try await Set(labels(bulkhead) ?? []) == ["untrusted", "private"])
                #expect(server.journal.filter { $0 == "begin /report.txt" }.count == 1)
            }
        }

        @Test func whatAnAgentAsksForAnAdminDecides() async throws {
            try await withNetwork { bulkhead, server in
                try await makeTeam(bulkhead)
                _ = try await bulkhead.chat("say hi", ["--user", "nobody"])
                let added = try await bulkhead.bulkhead(["channels", "add", "team", "nobody"])
                try #require(added.status == 0, "\(added)")
                let chat = try bulkhead.startChat(
                    """
                    call egress_request {"domain": "files.test", "reason": "the report", "ports": [\(server.port)]}
                    run curl -s --max-time 20 http://files.test:\(server.port)/report.txt
                    """, Self.team + ["--user", "nobody"])
                var id = ""
                try await eventually("the question") {
                    let open = try await bulkhead.api("GET", "approvals")["approvals"] as? [[String: Any]] ?? []
                    id = open.first?["id"] as? String ?? ""
                    return !id.isEmpty
                }
                let shown = try await bulkhead.bulkhead(["approvals", "show", id])
                #expect(shown.output.contains("files.test") && shown.output.contains("the report"), "\(shown.output)")
                let approved = try await bulkhead.bulkhead(["approvals", "approve", id])
                #expect(approved.status == 0, "\(approved)")
                let answer = await Installation.ChatResult(chat)
                let results = (answer.answer?.tools ?? []).map { $0.result ?? "" }
                #expect(
                    results.first?.contains("granted to this session until it ends, by root") == true,
                    "\(answer.result)")
                #expect(results.last?.contains("apples and pears") == true, "\(answer.result)")
                let list = try await bulkhead.bulkhead(["egress", "list"])
                #expect(list.output.contains("files.test") && list.output.contains("session"), "\(list.output)")
                // For this session alone.
                let own = try await bulkhead.chat(
                    "run curl -s --max-time 20 http://files.test:\(server.port)/report.txt", Self.team)
                #expect(own.answer?.tools?.first?.result?.contains("apples") == false, "\(own.result.output)")
            }
        }

        @Test func onlyAdminsGrantAndNobodyGrantsAnAddress() async throws {
            try await withNetwork { bulkhead, _ in
                for domain in [
                    "10.0.0.1", "localhost", "*.com", "https://files.test", "files.test:80", "fil\u{0435}s.test",
                ] {
                    let result = try await bulkhead.bulkhead(["egress", "allow", domain, "--company"])
                    #expect(result.status != 0, "\(domain): \(result.output)")
                }
                _ = try await bulkhead.chat("say hi", ["--user", "nobody"])
                for arguments in [
                    ["egress"], ["egress", "allow", "files.test", "--company"], ["egress", "deny", "files.test"],
                ] {
                    let result = try await Command.run(
                        "/usr/bin/setpriv",
                        [
                            "--reuid", "nobody", "--regid", "nogroup", "--clear-groups",
                            bulkhead.home + "/bin/bulkhead",
                        ] + arguments + ["--config", bulkhead.configuration])
                    #expect(result.status != 0, "\(arguments): \(result.output)")
                }
                let list = try await bulkhead.api("GET", "egress")
                #expect((list["grants"] as? [Any])?.isEmpty == true, "\(list.body)")
            }
        }
    }
}
