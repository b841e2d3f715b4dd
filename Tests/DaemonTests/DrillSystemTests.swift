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
                let began = ContinuousClock.now
                let (report, status) = try await drill(bulkhead)
                #expect(report.verdict == "held" && status == 0, "\(report.red)")
                #expect(report.attempts.count >= 60 && Set(report.attempts.map(\.id)).count == report.attempts.count)
                #expect(report.attempts.contains { $0.audited == true } && report.left.isEmpty)
                #expect(ContinuousClock.now - began < .seconds(90), "\(ContinuousClock.now - began)")
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

        /// One hardening less, as a JSON merge patch of what the engine is asked for, and the attempts that have to notice.
        struct Weakening: Sendable {
            var name: String
            var patch: String
            var group: String
            var red: Set<String>
        }

        private static let weakenings = [
            Weakening(
                name: "no system call filter",
                patch: #"{"HostConfig": {"SecurityOpt": ["no-new-privileges:true", "seccomp=unconfined"]}}"#,
                group: "container",
                red: [
                    "container.unfiltered", "container.ptrace", "container.process_memory", "container.keyctl",
                    "container.io_uring", "container.user_namespace", "container.compare_processes",
                    "container.netlink",
                ]),
            Weakening(
                name: "capabilities kept", patch: #"{"HostConfig": {"CapDrop": []}}"#, group: "container",
                red: ["container.capabilities"]),
            Weakening(
                name: "new privileges allowed", patch: #"{"HostConfig": {"SecurityOpt": ["seccomp=unconfined"]}}"#,
                group: "container", red: ["container.no_new_privileges"]),
            Weakening(
                name: "a writable root", patch: #"{"HostConfig": {"ReadonlyRootfs": false}}"#, group: "container",
                red: ["container.read_only_root"]),
            Weakening(
                name: "root inside",
                patch: #"{"User": "0:0", "HostConfig": {"CapDrop": [], "SecurityOpt": ["seccomp=unconfined"]}}"#,
                group: "container", red: ["container.root", "container.device_node", "container.chroot"]),
            Weakening(
                name: "the engine's socket",
                patch: """
                    {"mounts": [{"Type": "bind", "Source": "/var/run/docker.sock", "Target": "/run/docker.sock"}]}
                    """, group: "container", red: ["container.engine_socket", "container.mounts"]),
            Weakening(
                name: "the host's processes", patch: #"{"HostConfig": {"PidMode": "host"}}"#, group: "container",
                red: ["container.other_processes"]),
            Weakening(
                name: "a network", patch: #"{"NetworkDisabled": false, "HostConfig": {"NetworkMode": "bridge"}}"#,
                group: "network",
                red: ["network.tcp", "network.udp", "network.metadata", "network.routes", "network.interfaces"]),
            Weakening(
                name: "the host's network",
                patch: #"{"NetworkDisabled": false, "HostConfig": {"NetworkMode": "host"}}"#,
                group: "network", red: ["network.host_loopback", "network.tcp"]),
            Weakening(
                name: "processes without limit", patch: #"{"HostConfig": {"PidsLimit": -1}}"#, group: "resources",
                red: ["resources.fork_bomb", "resources.threads"]),
            Weakening(
                name: "memory without limit", patch: #"{"HostConfig": {"Memory": 0, "MemorySwap": 0}}"#,
                group: "resources", red: ["resources.memory"]),
            Weakening(
                name: "processors and files without limit", patch: #"{"HostConfig": {"NanoCpus": 0, "Ulimits": []}}"#,
                group: "resources", red: ["resources.processors", "resources.file_size"]),
            Weakening(
                name: "memory shared with others", patch: #"{"HostConfig": {"IpcMode": "host"}}"#, group: "tenant",
                red: ["tenant.shared_memory"]),
            Weakening(
                name: "one network for all",
                patch: #"{"NetworkDisabled": false, "HostConfig": {"NetworkMode": "host"}}"#,
                group: "tenant", red: ["tenant.loopback", "tenant.abstract_socket"]),
            Weakening(
                name: "one user for all", patch: #"{"User": "65534:65534"}"#, group: "tenant", red: ["tenant.user"]),
            Weakening(
                name: "a key in the environment",
                patch: #"{"Env": ["ANTHROPIC_API_KEY=x", "PATH=/usr/local/bin:/usr/bin:/bin"]}"#,
                group: "secrets", red: ["secrets.environment", "secrets.processes"]),
            Weakening(
                name: "a folder of secrets",
                patch: #"{"mounts": [{"Type": "bind", "Source": "/etc/ssl", "Target": "/run/secrets"}]}"#,
                group: "secrets", red: ["secrets.mounts"]),
        ]

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
            try await withInstallation(engine: (socket, images)) { bulkhead in
                for weakening in Self.weakenings {
                    try weakening.patch.write(toFile: patch, atomically: true, encoding: .utf8)
                    let (report, status) = try await drill(bulkhead, ["--only", weakening.group])
                    let red = Set(report.attempts.filter { !$0.isGreen }.map(\.id))
                    let unseen = weakening.red.subtracting(red)
                    #expect(unseen.isEmpty && status == 1, "\(weakening.name): not noticed by \(unseen.sorted())")
                    // It is the hardening that was noticed: the probe itself did its work.
                    for attempt in report.attempts where weakening.red.contains(attempt.id) {
                        #expect(
                            !attempt.refused && !attempt.detail.contains("probe itself"),
                            "\(weakening.name): \(attempt)")
                    }
                }
                // And the other way round: with nothing taken away, through the same rewriter, they are green.
                unlink(patch)
                let (report, _) = try await drill(
                    bulkhead, ["--only", "container", "--only", "network", "--only", "resources", "--only", "tenant"])
                #expect(report.red.isEmpty, "\(report.red)")
            }
        }
    }
}
