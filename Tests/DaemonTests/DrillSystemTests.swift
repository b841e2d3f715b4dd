import Foundation
import Testing

extension SystemTests {
    /// The drill in a whole installation: green as it is, and with each hardening taken away in turn a named attempt red.
    @Suite struct DrillSystemTests {
        struct Report: Decodable {
            struct Attempt: Decodable {
                var id: String
                var group: String
                var refused: Bool
                var audited: Bool?
                var control: Bool
                var detail: String

                var isGreen: Bool { refused && control && audited != false }
            }

            var attempts: [Attempt]
            var verdict: String
            var left: [String]

            var red: [String] { attempts.filter { !$0.isGreen }.map { "\($0.id): \($0.detail)" } }
        }

        private func drill(_ bulkhead: Installation, _ options: [String] = []) async throws -> (Report, Int32) {
            let result = try await Command(
                bulkhead.home + "/bin/bulkhead", ["drill", "--json", "--config", bulkhead.configuration] + options
            ).finish(within: .seconds(150))
            do {
                return (try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)), result.status)
            } catch {
                throw Installation.Failure(description: "no report: \(result)")
            }
        }

        @Test func everyWallHoldsAndNothingStaysBehind() async throws {
            try await withInstallation { bulkhead in
                let (report, status) = try await drill(bulkhead)
                #expect(report.verdict == "held" && status == 0, "\(report.red)")
                #expect(report.attempts.count >= 60 && Set(report.attempts.map(\.id)).count == report.attempts.count)
                #expect(report.attempts.contains { $0.audited == true } && report.left.isEmpty)
                try await leavesNothing(bulkhead)
                // On record, in the admin's name.
                for event in ["drill.started", "drill.ended"] {
                    let audit = try await bulkhead.bulkhead(["audit", "--json", "--event", event]).output
                    #expect(audit.contains(event), "\(audit)")
                }
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
                // People work on.
                #expect(try await bulkhead.chat("run echo fine").answer?.reply?.contains("fine") == true)
            }
        }

        private func leavesNothing(_ bulkhead: Installation) async throws {
            try await eventually("the drill's containers are gone") {
                try await bulkhead.containers("workspace").isEmpty
            }
            let scratch = bulkhead.home + "/volumes/session"
            try await eventually("the drill's scratch is gone") {
                !((try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? []).contains {
                    $0.hasPrefix("drill-")
                }
            }
            let sessions = try await bulkhead.bulkhead(["sessions", "--json"]).output
            #expect(!sessions.contains("drill-"), "\(sessions)")
        }

        @Test func aDrillThatIsCutOffLeavesNothingAndOnlyOneRunsAtATime() async throws {
            try await withInstallation { bulkhead in
                let words = ["drill", "--json", "--config", bulkhead.configuration]
                let first = try Command(bulkhead.home + "/bin/bulkhead", words)
                try await eventually("the drill's sandbox") { try await !bulkhead.containers("workspace").isEmpty }
                let second = try await Command.run(bulkhead.home + "/bin/bulkhead", words)
                #expect(second.status != 0 && second.errors.contains("running already"), "\(second)")
                // Ctrl-C.
                first.signal(SIGINT)
                _ = await first.finish()
                try await leavesNothing(bulkhead)

                // The daemon is killed in the middle: the next start removes what is left.
                let third = try Command(bulkhead.home + "/bin/bulkhead", words)
                try await eventually("the drill's sandbox") { try await !bulkhead.containers("workspace").isEmpty }
                await bulkhead.killDaemon()
                let end = await third.finish()
                #expect(end.status != 0 && end.output.contains("\"error\""), "\(end)")
                try await bulkhead.startDaemon()
                try await leavesNothing(bulkhead)
            }
        }

        @Test func onlyAdminsDrillAndOnlyInTheirOwnName() async throws {
            try await withInstallation { bulkhead in
                let member = try await Command.run(
                    "/usr/bin/setpriv",
                    [
                        "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", bulkhead.home + "/bin/bulkhead",
                        "drill", "--config", bulkhead.configuration,
                    ])
                #expect(member.status != 0 && member.errors.contains("owner or admin"), "\(member)")
                let unknown = try await bulkhead.bulkhead(["drill", "--only", "walls"])
                #expect(unknown.status != 0 && unknown.errors.contains("no group walls"), "\(unknown)")
                let list = try await bulkhead.bulkhead(["drill", "--list", "--only", "network", "--json"])
                #expect(list.status == 0 && list.output.contains("network.metadata"), "\(list)")
                #expect(!list.output.contains("container."), "\(list)")
            }
        }

        @Test(.timeLimit(.minutes(4))) func eachHardeningTakenAwayTurnsItsAttemptsRed() async throws {
            let directory = "/var/tmp/bulkhead-rewriter-\(String(UInt32.random(in: 0...UInt32.max), radix: 16))"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let (socket, patch) = (directory + "/docker.sock", directory + "/patch.json")
            let rewriter = try Command(
                "/usr/bin/python3",
                [
                    Installation.packageRoot + "/Tests/Simulators/engine_rewriter.py", socket, "/var/run/docker.sock",
                    patch,
                ])
            defer { rewriter.signal(SIGKILL) }
            try await eventually("the rewriter") { FileManager.default.fileExists(atPath: socket) }
            let tag = Installation.imageTag
            let images = (agent: "bulkhead-agent:\(tag)", workspace: "bulkhead-workspace:\(tag)")
            let stronger = try await Weakening.makeImages(of: images.workspace)
            try await withInstallation(engine: (socket, images)) { bulkhead in
                var noticed: Set<String> = []
                let secret = "s3cr3t-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
                let put = try await bulkhead.bulkhead(["secret", "set", "DRILLED", "--company"], input: secret)
                #expect(put.status == 0, "\(put)")
                try await Command.shell(
                    """
                    install -d -m 755 \(bulkhead.home)/leaked
                    echo '-----BEGIN PRIVATE KEY-----' > \(bulkhead.home)/leaked/key
                    """)
                let names = [
                    "{HOME}": bulkhead.home, "{RISEN}": stronger.risen, "{ABLE}": stronger.able, "{SECRET}": secret,
                ]
                for weakening in Weakening.all {
                    let text = names.reduce(weakening.patch) { $0.replacing($1.key, with: $1.value) }
                    try text.write(toFile: patch, atomically: true, encoding: .utf8)
                    let (report, status) = try await drill(bulkhead, ["--only", weakening.group])
                    // It is the hardening that was noticed: the probe itself did its work.
                    let red = Set(report.attempts.filter { !$0.refused && $0.control }.map(\.id))
                    noticed.formUnion(red)
                    let unseen = weakening.red.subtracting(red)
                    #expect(
                        unseen.isEmpty && status == 1,
                        "\(weakening.name): not noticed by \(unseen.sorted()) \(report.red)")
                }
                // A sandbox that runs as somebody else is given nothing to work on.
                try #"{"User": "65534:65534"}"#.write(toFile: patch, atomically: true, encoding: .utf8)
                let (stopped, status) = try await drill(bulkhead, ["--only", "tenant"])
                #expect(
                    status == 1 && stopped.attempts.allSatisfy { $0.detail.contains("volumes are not as asked") },
                    "\(stopped.red)")
                // And the other way round: with nothing taken away, through the same rewriter, they are green.
                unlink(patch)
                let (report, _) = try await drill(
                    bulkhead, Set(Weakening.all.map(\.group)).sorted().flatMap { ["--only", $0] })
                #expect(report.red.isEmpty, "\(report.red)")
                // An attempt that nothing turns red would prove nothing.
                let never = Set(report.attempts.map(\.id)).subtracting(noticed).subtracting(Weakening.others)
                #expect(never.isEmpty, "\(never.sorted())")
            }
        }
    }
}
