import Foundation
import Testing

extension SystemTests {
    /// What the audit keeps, what it sends elsewhere, and what it says after a crash.
    @Suite struct AuditSinkTests {
        /// `Tests/Simulators/audit_receiver.py` in a folder of its own.
        private func withReceiver(_ body: (_ folder: String, _ port: String, Command) async throws -> Void) async throws
        {
            let folder = "/tmp/bulkhead-receiver-\(UInt32.random(in: 0...UInt32.max))"
            try await Command.shell(
                """
                mkdir \(folder); chmod 755 \(folder); cd \(folder); exec 2>log.openssl
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=authority \
                    -keyout ca.key -out ca.pem &&
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
                    -keyout server.key -out server.csr &&
                openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.crt \
                    -extfile <(echo subjectAltName=DNS:localhost) && cat server.crt server.key >server.pem
                """)
            let receiver = try Command(
                "/usr/bin/python3", [Installation.packageRoot + "/Tests/Simulators/audit_receiver.py", folder])
            do {
                try await eventually("the receiver") { FileManager.default.fileExists(atPath: folder + "/ports") }
                let ports = try String(contentsOfFile: folder + "/ports", encoding: .utf8)
                    .split(whereSeparator: \.isWhitespace).map(String.init)
                try await body(folder, ports[2], receiver)
            } catch {
                Issue.record(error)
            }
            receiver.signal(SIGKILL)
            try await Command.shell("rm -rf \(folder)")
        }

        @Test func signedEndsGoElsewhereAndProve() async throws {
            try await withReceiver { folder, port, receiver in
                let settings = """
                    audit:
                      syslog: unix:\(folder)/log.sock
                      https_url: https://localhost:\(port)/audit
                      https_authority: \(folder)/ca.pem
                    """
                try await withInstallation(settings: settings) { bulkhead in
                    let secret = "AKIA" + "QRSTUVWXYZABCDEF"
                    let chat = try await bulkhead.chat("run echo \(secret)")
                    #expect(chat.answer?.tools?.first?.state == "done", "\(chat.result)")
                    // What people look at later holds it no more than the audit does.
                    let transcript = try await bulkhead.api("GET", "conversations/\(chat.answer?.conversation ?? "")")
                    #expect(transcript.body.contains("hmac-sha256:"))
                    let export = try await bulkhead.bulkhead(["audit", "export"]).output
                    #expect(!export.contains(secret) && export.contains("hmac-sha256:"))
                    let rows = try export.split(separator: "\n").compactMap {
                        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                    }
                    let row = try #require(rows.first { $0["tool"] as? String == "bash" }?["seq"] as? Int)
                    let right = try await bulkhead.bulkhead(
                        ["audit", "match", "\(row)", "/command"], input: "echo \(secret)\n")
                    #expect(right.status == 0, "\(right)")
                    let wrong = try await bulkhead.bulkhead(
                        ["audit", "match", "\(row)", "/command"], input: "echo other")
                    #expect(wrong.status == 1, "\(wrong)")
                    let erased = try await bulkhead.bulkhead(["audit", "erase", "\(row)", "--reason", "a key"])
                    #expect(erased.status == 0, "\(erased)")
                    #expect(try await bulkhead.bulkhead(["audit", "erase", "\(row)", "--reason", "again"]).status == 1)
                    let future = try await bulkhead.bulkhead(["audit", "prune", "--before", "2099-01-01"])
                    #expect(future.status != 0 && future.errors.contains("future"), "\(future)")

                    await bulkhead.stopDaemon()
                    try await bulkhead.startDaemon()
                    for file in ["syslog", "posted.jsonl"] {
                        let kept = try await bulkhead.bulkhead(["audit", "verify", "--from", "\(folder)/\(file)"])
                        #expect(kept.status == 0 && kept.output.contains("checkpoints given"), "\(file): \(kept)")
                    }
                    #expect(try await !bulkhead.bulkhead(["doctor"]).output.contains("audit witness"))

                    // Both sinks are gone: told once, and nothing waits for them.
                    receiver.signal(SIGKILL)
                    _ = await receiver.finish()
                    await bulkhead.stopDaemon()
                    try await bulkhead.startDaemon()
                    #expect(try await bulkhead.chat("hello").result.status == 0)
                    // At the first checkpoint after what was added at the start: a minute, at the most.
                    try await eventually("doctor tells of both", within: .seconds(90)) {
                        let output = try await bulkhead.bulkhead(["doctor"]).output
                        return output.contains("syslog unix:") && output.contains("https https://localhost")
                    }

                    // A history written anew agrees with nothing that was sent.
                    await bulkhead.stopDaemon()
                    try await Command.shell(
                        "rm -rf \(bulkhead.home)/data/bulkhead.sqlite* \(bulkhead.home)/data/audit.head")
                    try await Command.shell(": > \(bulkhead.home)/audit.witness")
                    try await bulkhead.startDaemon()
                    _ = try await bulkhead.chat("hello")
                    let forged = try await bulkhead.bulkhead(["audit", "verify", "--from", folder + "/syslog"])
                    #expect(forged.status == 1, "\(forged)")
                }
            }
        }

        @Test func aCallCutOffByACrashIsSettledOnce() async throws {
            try await withInstallation { bulkhead in
                let chat = try bulkhead.startChat("run sleep 100")
                try await bulkhead.wait(forTool: "bash")
                await bulkhead.killDaemon()
                chat.signal(SIGKILL)
                for _ in 0..<2 {
                    try await bulkhead.startDaemon()
                    let export = try await bulkhead.bulkhead(["audit", "export"]).output
                    #expect(export.ranges(of: "\"outcome\":\"unknown\"").count == 1, "\(export)")
                    await bulkhead.stopDaemon()
                }
            }
        }
    }
}
