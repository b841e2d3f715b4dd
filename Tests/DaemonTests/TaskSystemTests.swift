import Crypto
import Foundation
import FoundationNetworking
import Testing

extension SystemTests {
    /// Work that begins by itself, in real conversations and containers.
    @Suite struct TaskSystemTests {
        private static let policy = """
            version: 1
            rules:
              - {name: reports are asked about, tool: write_file, decision: ask}

            """

        /// Nothing waits for people in a sandbox.
        private static let impatient = "approvals:\n  hold: 0s"

        private func task(_ bulkhead: Installation, _ name: String) async throws -> [String: Any] {
            let result = try await bulkhead.bulkhead(["task", "show", name, "--json"])
            #expect(result.status == 0, "\(result)")
            return try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any] ?? [:]
        }

        private func runs(_ bulkhead: Installation, _ name: String) async throws -> [[String: Any]] {
            try await task(bulkhead, name)["runs"] as? [[String: Any]] ?? []
        }

        private func states(_ bulkhead: Installation, _ name: String) async throws -> [String] {
            try await runs(bulkhead, name).compactMap { $0["state"] as? String }
        }

        @Test func plainWordsMakeATaskAndTellItsNextFiveTimes() async throws {
            try await withInstallation { bulkhead in
                let chat = try await bulkhead.chat("schedule every weekday at 9 in Europe/Berlin: say good morning")
                #expect(chat.result.output.contains("every weekday at 09:00, Europe/Berlin"), "\(chat)")
                let tasks = try await bulkhead.bulkhead(["task", "list", "--json"])
                #expect(tasks.output.contains("say good morning"))
                let task = try await task(bulkhead, "say good morning")
                let next = try #require(task["next"] as? [String])
                #expect(next.count == 5)
                for time in next {
                    #expect(chat.result.output.contains(time), "\(time) is not in \(chat.result.output)")
                }
                #expect(task["origin"] as? String == "agent")
            }
        }

        @Test func aTaskIsBlockedAtNightApprovedInTheMorningAndAllowedFromThenOn() async throws {
            try await withInstallation(settings: Self.impatient, policy: Self.policy) { bulkhead in
                let made = try await bulkhead.bulkhead([
                    "task", "create", "--name", "report", "--every", "1d", "--prompt", "write report.txt: all is well",
                ])
                #expect(made.status == 0, "\(made)")
                #expect(try await bulkhead.bulkhead(["task", "run", "report"]).status == 0)
                try await eventually("a blocked run", within: .seconds(120)) {
                    try await states(bulkhead, "report") == ["blocked"]
                }
                // The night: nobody is there, and the daemon is killed.
                await bulkhead.killDaemon()
                try await bulkhead.startDaemon()
                let open = try await bulkhead.api("GET", "approvals")["approvals"] as? [[String: Any]] ?? []
                #expect(open.count == 1)
                let id = try #require(open.first?["id"] as? String)
                #expect(try await states(bulkhead, "report") == ["blocked"])
                #expect(try await bulkhead.bulkhead(["approvals", "approve", id]).status == 0)
                try await eventually("the run has succeeded", within: .seconds(120)) {
                    try await states(bulkhead, "report") == ["succeeded"]
                }
                // What it was seen to do it may do, and nothing else.
                let approved = try await bulkhead.bulkhead(["task", "approve", "report"])
                #expect(approved.status == 0 && approved.output.contains("write_file"), "\(approved)")
                #expect(try await bulkhead.bulkhead(["task", "run", "report"]).status == 0)
                try await eventually("a run without a question", within: .seconds(120)) {
                    try await states(bulkhead, "report") == ["succeeded", "succeeded"]
                }
                let changed = try await bulkhead.bulkhead([
                    "task", "update", "report", "--prompt", "write report.txt: all is lost",
                ])
                #expect(changed.status == 0, "\(changed)")
                #expect(try await bulkhead.bulkhead(["task", "run", "report"]).status == 0)
                try await eventually("another prompt asks again", within: .seconds(120)) {
                    try await states(bulkhead, "report").first == "blocked"
                }
                let audit = try await bulkhead.bulkhead(["audit", "--json"])
                for event in ["task.created", "task.run_blocked", "task.approved", "task.run_ended"] {
                    #expect(audit.output.contains(event), "\(event)")
                }
            }
        }

        @Test func aCheckThatSaysNoAsksNoModelAndOneThatSaysYesDoes() async throws {
            try await withInstallation { bulkhead in
                for (name, answer) in [("idle", "false"), ("busy", "true")] {
                    let made = try await bulkhead.bulkhead([
                        "task", "create", "--name", name, "--every", "1d", "--prompt", "say there is news",
                        "--check",
                        "ls -d /workspace/user >/dev/null && echo '{\"wakeAgent\": \(answer), \"data\": {\"n\": 1}}'",
                    ])
                    #expect(made.status == 0, "\(made)")
                    #expect(try await bulkhead.bulkhead(["task", "run", name]).status == 0)
                }
                try await eventually("both are over", within: .seconds(120)) {
                    let states = try await states(bulkhead, "idle") + states(bulkhead, "busy")
                    return states == ["quiet", "succeeded"]
                }
                let idle = try #require(try await runs(bulkhead, "idle").first)
                #expect(idle["model_calls"] as? Int == 0 && idle["conversation"] == nil)
                let busy = try #require(try await runs(bulkhead, "busy").first)
                #expect((busy["model_calls"] as? Int ?? 0) > 0)
                let conversation = try #require(busy["conversation"] as? String)
                #expect(try await bulkhead.transcript(of: conversation).joined().contains("there is news"))
                // Where checks run nothing is said, so it is in no list.
                let channels = try await bulkhead.api("GET", "channels")
                #expect(!"\(channels)".contains("Checks of"))
            }
        }

        @Test func aSignedCallStartsATaskOnceAndAnUnsignedOneNothing() async throws {
            try await withInstallation { bulkhead in
                let made = try await bulkhead.bulkhead([
                    "task", "create", "--name", "hook", "--on", "webhook", "--prompt", "say called",
                ])
                #expect(made.status == 0, "\(made)")
                let shown = try await bulkhead.bulkhead(["task", "webhook", "hook", "--json"])
                let facts = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any] ?? [:]
                let (key, path) = (facts["key"] as? String ?? "", facts["path"] as? String ?? "")
                func call(_ body: String, time: Int = Int(Date().timeIntervalSince1970), key: String) async throws -> (
                    Int, String
                ) {
                    var request = URLRequest(
                        url: try #require(URL(string: "http://127.0.0.1:\(bulkhead.port)\(path)")))
                    request.httpMethod = "POST"
                    request.httpBody = Data(body.utf8)
                    let signature = HMAC<SHA256>.authenticationCode(
                        for: Data("\(time).\(body)".utf8), using: SymmetricKey(data: Data(key.utf8)))
                    request.setValue("\(time)", forHTTPHeaderField: "X-Bulkhead-Timestamp")
                    request.setValue(
                        "v1=" + signature.map { String(format: "%02x", $0) }.joined(),
                        forHTTPHeaderField: "X-Bulkhead-Signature")
                    let (data, response) = try await URLSession.shared.data(for: request)
                    return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
                }
                let now = Int(Date().timeIntervalSince1970)
                #expect(try await call("{}", key: "wrong").0 == 404)
                #expect(try await call("{}", time: now - 600, key: key).0 == 403)
                let first = try await call("{\"build\":\"red\"}", time: now, key: key)
                #expect(first.0 == 202 && first.1.contains("true"), "\(first)")
                let again = try await call("{\"build\":\"red\"}", time: now, key: key)
                #expect(again.0 == 202 && again.1.contains("false"), "\(again)")
                try await eventually("one run", within: .seconds(120)) {
                    try await states(bulkhead, "hook") == ["succeeded"]
                }
                let renewed = try await bulkhead.bulkhead(["task", "webhook", "hook", "--renew", "--json"])
                #expect(renewed.status == 0 && !renewed.output.contains(key))
                #expect(try await call("{\"build\":\"green\"}", key: key).0 == 404)
            }
        }
    }
}
