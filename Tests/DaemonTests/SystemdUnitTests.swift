import Foundation
import Testing

extension SystemTests {
    /// What the units leave the processes is what they need: the broker with those capabilities, and no privilege to gain.
    @Suite struct SystemdUnitTests {
        /// Each would take away what the broker works with: mounts that reach containers, and openat2(2).
        @Test func theBrokersUnitHasNothingThatStopsItsWork() throws {
            let unit = try String(
                contentsOfFile: Installation.packageRoot + "/packaging/systemd/bulkhead-broker.service", encoding: .utf8
            )
            let options = unit.split(separator: "\n").filter { !$0.hasPrefix("#") }
                .compactMap { $0.split(separator: "=").first.map(String.init) }
            let unwanted = options.filter { option in
                ["Private", "Protect", "ReadWrite", "ReadOnly", "Inaccessible", "Temporary", "Bind", "Root", "Mount"]
                    .contains { option.hasPrefix($0) } || ["RestrictSUIDSGID", "DynamicUser"].contains(option)
            }
            #expect(unwanted.isEmpty && options.contains("CapabilityBoundingSet"), "\(unwanted)")
        }

        @Test func theBrokerWorksWithTheCapabilitiesOfItsUnit() async throws {
            let unit = try String(
                contentsOfFile: Installation.packageRoot + "/packaging/systemd/bulkhead-broker.service", encoding: .utf8
            )
            let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("CapabilityBoundingSet=") })
            let kept = line.dropFirst("CapabilityBoundingSet=".count).split(separator: " ")
                .map { $0.replacingOccurrences(of: "CAP_", with: "").lowercased() }
            #expect(kept.count < 12 && kept.contains("sys_admin"))
            try await withInstallation(isStarted: false) { bulkhead in
                try await bulkhead.startBroker(keeping: kept)
                try await bulkhead.startDaemon()
                let said = try await bulkhead.chat("write note.txt: apples\nrun cat note.txt; id -u")
                #expect(said.answer?.reply?.contains("apples") == true, "\(said)")
                let doctor = try await Command(
                    bulkhead.asService(["doctor"])[0], Array(bulkhead.asService(["doctor"]).dropFirst())
                ).finish()
                #expect(doctor.output.contains("reach running containers"), "\(doctor.output)")
                #expect(doctor.output.contains("each workspace has an owner of its own"), "\(doctor.output)")
                // A session's end deletes what it left, whoever's it is and however it is closed.
                _ = try await bulkhead.chat("run mkdir -p /workspace/session/a/b; chmod 0 /workspace/session/a")
                await bulkhead.stopDaemon()
                try await eventually("scratch that goes") {
                    let left = try await Command.shell(
                        "find \(bulkhead.home)/volumes/discarded -mindepth 1 2>/dev/null | wc -l")
                    return left == "0\n"
                }
            }
        }
    }
}
