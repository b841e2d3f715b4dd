import Foundation
import Testing

extension SystemTests {
    /// `bulkhead doctor --security`: each drift, made on purpose in a whole installation, is named.
    @Suite struct SecurityDoctorTests {
        struct Report: Decodable {
            struct Line: Decodable {
                var state: String
                var subject: String
                var fact: String
                var expected: String?
                var found: String?
                var since: String?
                var advice: String
            }

            var ok: Bool
            var findings: [Line]

            var failures: [Line] { findings.filter { $0.state == "fail" } }

            func names(_ subject: String, _ fact: String) -> Bool {
                failures.contains { $0.subject.contains(subject) && $0.fact.contains(fact) && !$0.advice.isEmpty }
            }
        }

        private func look(_ bulkhead: Installation) async throws -> (report: Report, status: Int32) {
            let result = try await bulkhead.bulkhead(["doctor", "--security", "--json"])
            do {
                return (try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)), result.status)
            } catch {
                throw Installation.Failure(description: "doctor --security: \(result)")
            }
        }

        private func accept(_ bulkhead: Installation) async throws -> Command.Result {
            try await bulkhead.bulkhead(["doctor", "--security", "--accept"])
        }

        @Test func aHostIsAsAcceptedUntilSomethingDriftsAndThenItIsNamed() async throws {
            try await withInstallation(policy: "version: 1\ndeny: []\nrules: []\n") { bulkhead in
                _ = try await bulkhead.chat("run id")
                let first = try await look(bulkhead)
                #expect(first.status == 1 && first.report.names("baseline", "none was accepted"), "\(first)")
                #expect(first.report.failures.count == 1, "\(first.report.failures)")
                #expect(try await accept(bulkhead).status == 0)
                let clean = try await look(bulkhead)
                #expect(
                    clean.status == 0 && clean.report.ok && clean.report.failures.isEmpty, "\(clean.report.failures)")
                let names = try await bulkhead.bulkhead(["audit", "--json"]).output
                #expect(names.contains("security.accepted"))

                let home = bulkhead.home
                // Command that drifts, command that mends, what is named.
                let drifts: [(String, String, String, String)] = [
                    ("chmod 755 \(home)/data", "chmod 700 \(home)/data", "\(home)/data", "by others"),
                    ("chmod 666 \(home)/broker.json", "chmod 600 \(home)/broker.json", "broker.json", "by others"),
                    (
                        "chown bulkhead \(home)/bin/seccomp-agent.json", "chown root \(home)/bin/seccomp-agent.json",
                        "seccomp-agent.json", "belongs to bulkhead"
                    ),
                    (
                        "cp \(home)/bin/seccomp-workspace.json \(home)/kept; echo >> \(home)/bin/seccomp-workspace.json",
                        "mv \(home)/kept \(home)/bin/seccomp-workspace.json", "seccomp-workspace.json",
                        "has another content"
                    ),
                    (
                        "cp -p \(home)/bin/bulkhead-broker \(home)/kept; echo x >> \(home)/bin/bulkhead-broker.x; "
                            + "cat \(home)/kept \(home)/bin/bulkhead-broker.x > \(home)/bin/new; rm \(home)/bin/bulkhead-broker.x; "
                            + "chmod 755 \(home)/bin/new; mv \(home)/bin/new \(home)/bin/bulkhead-broker",
                        "mv \(home)/kept \(home)/bin/bulkhead-broker", "bin/bulkhead-broker", "has another content"
                    ),
                    (
                        "chmod 644 \(home)/data/audit.key", "chmod 600 \(home)/data/audit.key", "audit.key",
                        "is open to others"
                    ),
                    (
                        "touch \(home)/data/planted", "rm \(home)/data/planted", "planted",
                        "is not the service user's own file"
                    ),
                    ("chmod 777 \(home)", "chmod 755 \(home)", home, "can be written by others"),
                    ("chmod 755 \(home)/volumes", "chmod 710 \(home)/volumes", "\(home)/volumes", "by others"),
                    (
                        "chmod 666 \(bulkhead.runtime)/broker/broker.sock",
                        "chmod 660 \(bulkhead.runtime)/broker/broker.sock",
                        "broker.sock", "by others"
                    ),
                    (
                        "sed -i 's/members: .nobody./members: [nobody, daemon]/' \(bulkhead.configuration)",
                        "sed -i 's/members: .nobody, daemon./members: [nobody]/' \(bulkhead.configuration)",
                        "people.members", "is set otherwise"
                    ),
                    (
                        "printf 'version: 1\\ndeny: []\\nrules:\\n  - {name: all, effect: external, decision: allow}\\n' > "
                            + "\(home)/policy.yaml",
                        "printf 'version: 1\\ndeny: []\\nrules: []\\n' > \(home)/policy.yaml",
                        "any other tool that is external, member", "got looser"
                    ),
                    (
                        "\(home)/bin/bulkhead egress allow example.com --company --reason x --config "
                            + "\(bulkhead.configuration)",
                        "\(home)/bin/bulkhead egress deny example.com --config \(bulkhead.configuration)",
                        "egress grant",
                        "was granted"
                    ),
                    (
                        "touch \(home)/security.baseline.json; chmod 666 \(home)/security.baseline.json",
                        "chmod 600 \(home)/security.baseline.json", "baseline", "nobody else can write"
                    ),
                ]
                for (drift, mend, subject, fact) in drifts {
                    try await Command.shell(drift)
                    let found = try await look(bulkhead)
                    #expect(
                        found.status == 1 && found.report.names(subject, fact), "\(drift): \(found.report.failures)")
                    try await Command.shell(mend)
                }
                // Edited and put back is a file changed, and nothing else.
                let mended = try await look(bulkhead)
                #expect(mended.report.failures.isEmpty, "\(mended.report.failures)")
            }
        }

        /// What runs is looked at, not what was asked for.
        @Test func aContainerWithoutItsWallsIsNamed() async throws {
            try await withInstallation { bulkhead in
                let name = "bulkhead-\(bulkhead.token)-zzz-agent"
                let image = "bulkhead-workspace:\(Installation.imageTag)"
                try await Command.shell(
                    "docker run -d --rm --name \(name) --label bulkhead.installation=\(bulkhead.token) "
                        + "--label bulkhead.part=agent --network none --entrypoint sleep \(image) 300")
                let found = try await look(bulkhead)
                try await Command.shell("docker rm -f \(name)")
                for words in [
                    "root filesystem it can write", "without having dropped all capabilities",
                    "another seccomp profile", "without no-new-privileges",
                ] {
                    #expect(found.report.names(name, words), "\(found.report.failures)")
                }
            }
        }

        @Test func acceptingNeedsRootAndTheDaemon() async throws {
            try await withInstallation(isStarted: false) { bulkhead in
                let words = bulkhead.asService(["doctor", "--security"])
                let stranger = try await Command(words[0], Array(words.dropFirst())).finish()
                #expect(stranger.status == 2 && stranger.errors.contains("only root may see"), "\(stranger)")
                let silent = try await accept(bulkhead)
                #expect(silent.status == 3 && silent.errors.contains("No Bulkhead daemon answers"), "\(silent)")
                #expect(!FileManager.default.fileExists(atPath: bulkhead.home + "/security.baseline.json"))
            }
        }
    }
}
