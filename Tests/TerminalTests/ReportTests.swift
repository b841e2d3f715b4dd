import Glibc
import MCP
import Settings
import Terminal
import Testing

@Suite struct ReportTests {
    @Test func anIntentAndItsOutcomeAreOneLine() throws {
        let rows = try JSONValue(
            parsing: #"""
                {"rows":[
                {"seq":3,"at":"2026-11-22T15:04:06.000Z","kind":"outcome","call":"c1","outcome":"done","duration_ms":12.6},
                {"seq":2,"at":"2026-11-22T15:04:05.000Z","kind":"intent","call":"c1","person":"anna","on_behalf_by":"root",
                 "tool":"bash","arguments":{"command":"ls\u001b[2J"},"decision":"allow","rule":"workspace"},
                {"seq":1,"at":"2026-11-22T15:04:04.000Z","kind":"event","event":"session.started","person":"anna"},
                {"seq":9,"at":"2026-11-22T15:05:00.000Z","kind":"outcome","call":"c0","outcome":"failed","duration_ms":1e300}]}
                """#)
        let lines = AuditReport.lines(rows, width: nil).map(\.plain)
        #expect(lines.count == 5)
        #expect(lines[2].contains("session.started"))
        let call = lines[3].split(separator: "  ").map { $0.drop { $0 == " " } }
        #expect(
            call.contains("anna (by root)") && call.contains("ls␛[2J") && call.contains("allow")
                && call.contains("13 ms"))
        #expect(lines[4].contains("failed"))
        #expect(AuditReport.lines(rows, width: 80).allSatisfy { $0.width <= 140 })
    }

    @Test func theVerdictSaysHowFarTheAuditIsProvable() throws {
        let whole = AuditReport.verdict(try JSONValue(parsing: #"{"ok":true,"rows":7,"provable_to":7}"#)).map(\.plain)
        #expect(whole.first == "✓ The audit is whole: 7 rows, provable up to row 7.")
        #expect(whole.last?.contains("No witness") == true)
        let witnessed = AuditReport.verdict(
            try JSONValue(
                parsing: #"{"ok":true,"rows":7,"provable_to":7,"witnessed_to":6,"pruned_to":2,"given_checkpoints":3}"#)
        ).map(\.plain)
        #expect(witnessed.contains { $0.contains("witnessed it up to row 6") })
        #expect(witnessed.contains { $0.contains("up to 2 were pruned") })
        #expect(witnessed.contains { $0.contains("the 3 checkpoints given") })
        let broken = AuditReport.verdict(
            try JSONValue(
                parsing:
                    #"{"ok":false,"rows":7,"provable_to":3,"provable_at":"2026-11-22T15:04:05.000Z","problem":"Row 4 was changed."}"#
            ))
        #expect(
            broken.map(\.plain).contains {
                $0.contains("provable only up to row 3 (2026-11-22 15:04:05 UTC), of 7 rows")
            })
        #expect(broken.map(\.plain).contains("Row 4 was changed."))
        #expect(AuditReport.verdict(.null)[0].plain.contains("not provable at all"))
    }

    @Test func doctorFindsWhatTheKernelLacks() {
        let files = [
            "/proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n",
            "/sys/fs/cgroup/cgroup.controllers": "cpu memory pids\n",
            "/proc/sys/kernel/seccomp/actions_avail": "kill_process kill_thread trap errno log allow",
            "/proc/self/mountinfo": "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n",
        ]
        #expect(KernelCheck.run { files[$0] }.map(\.state) == [.ok, .ok, .ok])
        #expect(KernelCheck.run { _ in nil }.map(\.state) == [.fail, .fail, .warn])
        let old = [
            "/proc/self/mounts":
                "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\ncgroup /x cgroup rw,cpu,cpuacct 0 0\n"
        ]
        let finding = KernelCheck.cgroups { old[$0] }
        #expect(finding.state == .fail && finding.fact == "version 1, without pids")
        let isPrivate = "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
        #expect(KernelCheck.propagation { _ in isPrivate }.state == .warn)
    }

    @Test func findingsSayWhatToDo() {
        let lines = Finding(.fail, "broker", "does not run", advice: "Start it.").lines(width: 80).map(\.plain)
        #expect(lines == ["fail  broker            does not run", "                        → Start it."])
    }

    private static let labels = [
        "bulkhead.image": "agent", "bulkhead.definition": "d1", "bulkhead.content": "sha256:aa sha256:bb",
    ]

    /// `bin/images` says what was built; an image that is another one, or was changed, is named with what to do.
    @Test(arguments: [
        (labels, ["sha256:aa", "sha256:bb"], "d1", "sha256:aa sha256:bb", Finding.State.ok, "definition d1"),
        (labels, ["sha256:aa", "sha256:bb"], "d2", "sha256:aa sha256:bb", .fail, "this installation's is d2"),
        (labels, ["sha256:aa", "sha256:cc"], "d1", "sha256:aa sha256:bb", .fail, "changed after it was built"),
        (labels, ["sha256:aa", "sha256:bb"], "d1", "sha256:aa sha256:ee", .warn, "built again since"),
        (["bulkhead.image": "agent"], ["sha256:aa"], "d1", "", .warn, "does not say what it was built from"),
        (
            labels.merging(["bulkhead.image": "workspace"]) { $1 }, ["sha256:aa", "sha256:bb"], "d1", "", .fail,
            "for something else"
        ),
    ])
    func doctorHoldsImagesAgainstWhatWasBuilt(
        labels: [String: String], layers: [String], definition: String, content: String, state: Finding.State,
        words: String
    ) {
        let noted = ImageCheck.Noted(
            """
            agent=bulkhead-agent:latest
            agent.definition=\(definition)
            agent.content=\(content)
            workspace=other
            workspace.definition=other
            """, part: "agent")
        #expect(noted.name == "bulkhead-agent:latest" && noted.definition == definition)
        let finding = ImageCheck.finding(
            "agent", name: "bulkhead-agent:latest", labels: labels, layers: layers, bytes: 1, noted: noted)
        #expect(finding.state == state && finding.fact.contains(words), "\(finding)")
        #expect(state == .ok ? finding.advice.isEmpty : finding.advice.contains("make run"), "\(finding)")
    }

    @Test func withoutANoteDoctorSaysThatItComparedNothing() {
        let finding = ImageCheck.finding(
            "agent", name: "x", labels: Self.labels, layers: ["sha256:aa", "sha256:bb"], bytes: 1, noted: nil)
        #expect(finding.state == .warn && finding.advice.contains("bin/images"))
    }

    @Test func doctorCallsAHarnessWithItsBrokerInsideRootEquivalent() async throws {
        let settings = try Settings.parse("broker: {in_process: true, file: /nowhere/broker.json}", file: "/etc/b.yaml")
        let findings = await BrokerCheck.run(settings)
        #expect(findings.first?.state == .warn)
        #expect(findings.first?.fact.contains("root-equivalent") == true)
        #expect(
            findings.contains { $0.state == .fail && $0.fact.contains("/nowhere/broker.json cannot be read") },
            "\(findings)")
    }

    @Test func doctorSaysWhichDirectoryKeepsTheDaemonFromItsBroker() async throws {
        let top = "/tmp/bulkhead-doctor-\(UInt64.random(in: 0...UInt64.max))"
        let path = top + "/run/broker.sock"
        mkdir(top, 0o700)
        mkdir(top + "/run", 0o755)
        let socket = try #require(boundSocket(path))
        defer {
            close(socket)
            unlink(path)
            for directory in [top + "/run", top] { rmdir(directory) }
        }
        let settings = try Settings.parse("broker: {socket: \(path)}", file: "/etc/b.yaml")
        func closed() async -> [String] {
            await BrokerCheck.run(settings).map(\.fact).filter { $0.contains("cannot get through") }
        }
        #expect(await closed().first?.contains("\(top) to its socket") == true)
        chmod(top, 0o711)
        #expect(await closed().isEmpty)
    }

    /// A socket nobody answers on.
    private func boundSocket(_ path: String) -> CInt? {
        let descriptor = socket(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 ? descriptor : nil
    }

    @Test func doctorTellsABrokerApart() async throws {
        let apart = try Settings.parse("broker: {socket: /nowhere/broker.sock}", file: "/etc/b.yaml")
        #expect(await !BrokerCheck.run(apart).contains { $0.fact.contains("in_process") })
    }
}
