import Broker
import Compartments
import DockerEngine
import Glibc
import MCP
import Model
import Testing

extension ContainerTests {
    /// Every dangerous call by itself, from inside the real containers, beside the same call unconfined.
    @Suite(.serialized) struct SystemCallTests {
        @Test func theWorkspaceRefusesEachDangerousCall() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let output = try await compartment.bash(
                        "cat > /tmp/probe.py <<'END'\n\(SystemCallProbe.program)\nEND\npython3 /tmp/probe.py", grants)
                    try Self.expectRefusals(SystemCallProbe.outcomes(output), output)
                }
            }
        }

        /// The agent's image holds one program; so the probe runs in the workspace's image, with the profile, capabilities
        /// and user that the running agent container has.
        @Test func theAgentsContainerRefusesEachDangerousCall() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let about = try await host.docker.inspectContainer(host.containerName(compartment.id, .agent))
                    let options = (about["HostConfig"]?["SecurityOpt"]?.arrayValue ?? []).compactMap(\.stringValue)
                    let profile = try #require(options.first { $0.hasPrefix("seccomp=") }).dropFirst("seccomp=".count)
                    let path = "/tmp/bulkhead-profile-\(compartment.id)"
                    let file = try #require(fopen(path, "we"))
                    fputs(String(profile), file)
                    fclose(file)
                    defer { unlink(path) }
                    let user = about["Config"]?["User"]?.stringValue ?? "0:0"
                    let output = try SystemCallProbe.shell(
                        "docker run --rm -i --network none --read-only --cap-drop ALL --user \(user) "
                            + "--security-opt no-new-privileges --security-opt seccomp=\(path) --entrypoint python3 "
                            + "\(host.configuration.workspace.image) -",
                        input: SystemCallProbe.program)
                    try Self.expectRefusals(SystemCallProbe.outcomes(output), output)
                }
            }
        }

        /// The lock the agent puts on itself, tried in its own container.
        @Test func theAgentsOwnLockHoldsInItsContainer() async throws {
            try await TestHost.with { host in
                let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
                let output = try SystemCallProbe.shell(
                    "docker run --rm -i --network none --read-only --cap-drop ALL --user 70000:70000 "
                        + "--security-opt no-new-privileges --security-opt seccomp=\(root)/image/seccomp/agent.json "
                        + "\(host.configuration.agent.image) check-lock; echo status $?",
                    input: "")
                #expect(output.contains("status 0"), "\(output)")
                #expect(!output.contains("ALLOWED") && !output.contains("BROKEN"), "\(output)")
                let refused = output.split(separator: "\n").filter { $0.hasPrefix("refused ") }.count
                #expect(refused >= 80, "\(output)")
            }
        }

        private static let control: [String: SystemCallProbe.Outcome] = {
            let output = try? SystemCallProbe.shell("python3 -", input: SystemCallProbe.program)
            return SystemCallProbe.outcomes(output ?? "")
        }()

        private static func expectRefusals(_ found: [String: SystemCallProbe.Outcome], _ output: String) throws {
            #expect(found.count > 250, "\(found.count) outcomes:\n\(output.suffix(3000))")
            #expect(control.count == found.count, "the control said \(control.count), not \(found.count)")
            for (name, outcome) in found.sorted(by: { $0.key < $1.key }) {
                let unconfined = control[name]
                if name.hasPrefix("needed ") {
                    #expect(outcome.text == "ok" && unconfined?.text == "ok", "\(name): \(outcome.text)")
                    continue
                }
                switch name {
                case "landlock_bad", "seccomp":
                    // Allowed on purpose: they only take away.
                    continue
                case "clone3":
                    #expect(
                        outcome.text == "ENOSYS" && unconfined?.text != "ENOSYS",
                        "\(outcome) \(String(describing: unconfined))")
                case _ where name.hasPrefix("x32") || name.hasPrefix("32-bit"):
                    // Another table of calls: whoever tries is ended, or told that there is none.
                    #expect(
                        ["SIGSYS", "EPERM", "ENOSYS", "SIGSEGV"].contains(outcome.text), "\(name): \(outcome.text)")
                default:
                    // A filter answers calls younger than all it names as a kernel would that has none.
                    let isUnknown = outcome.text == "ENOSYS" && unconfined?.text != "ENOSYS"
                    #expect(outcome.isPermission || isUnknown, "\(name) is not refused: \(outcome.text)")
                    // Root of the host is not refused: so it was the filter that refused.
                    #expect(unconfined?.isPermission == false, "\(name): the control is refused as well")
                }
            }
        }
    }
}
