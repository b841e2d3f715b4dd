import Broker
import BrokerProtocol
import Compartments
import DockerEngine
import Glibc
import MCP
import Model
import Testing

extension ContainerTests {
    /// Who containers run as on the host.
    @Suite(.serialized) struct OwnerTests {
        @Test func noTwoContainersShareAUserAndAllAreOfTheRange() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    var owners: [UInt32] = []
                    for number in 0..<3 {
                        let session = SessionID(trusted: "owner-\(number)")
                        let compartment = try await pool.take(for: session)
                        _ = try await compartment.bash("true", [VolumeGrant(.thread(conversation), .readWrite)])
                        for part in [CompartmentPart.agent, .workspace] {
                            let about = try await host.docker.inspectContainer(
                                host.containerName(compartment.id, part))
                            let process = try #require(about["State"]?["Pid"]?.intValue)
                            for key in ["Uid:", "Gid:"] {
                                let line = TestHost.lines("/proc/\(process)/status").first { $0.hasPrefix(key) }
                                let numbers = Set((line ?? "").split(separator: "\t").dropFirst().map(String.init))
                                #expect(numbers.count == 1, "\(line ?? "")")
                                let number = UInt32(numbers.first ?? "") ?? 0
                                if key == "Uid:" { owners.append(number) }
                                #expect(owners.last == number)
                            }
                        }
                    }
                    #expect(Set(owners).count == 6, "\(owners)")
                    let range =
                        host.configuration.firstOwner + 1..<host.configuration.firstOwner
                        + host.configuration.ownerCount
                    #expect(owners.allSatisfy(range.contains), "\(owners) \(range)")
                }
            }
        }

        /// Files on disk have the volumes' owner, whoever wrote them, and show in each container as its own.
        @Test func volumesShowTheContainersOwnUser() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let said = try await compartment.bash(
                        "echo x > /workspace/user/f; stat -c %u:%g /workspace/user/f; id -u", grants)
                    let lines = said.split(separator: "\n").map(String.init)
                    #expect(lines.count >= 2 && lines[0] == "\(lines[1]):\(lines[1])", "\(said)")
                    #expect(UInt32(lines.count > 1 ? lines[1] : "") != host.configuration.firstOwner)
                    var about = stat()
                    #expect(stat(host.configuration.volumeRoot + "/user/ada/f", &about) == 0)
                    #expect(about.st_uid == host.configuration.firstOwner)
                    let table = TestHost.lines("/proc/self/mountinfo").filter {
                        $0.contains(host.configuration.runDirectory)
                    }
                    #expect(table.contains { $0.contains("idmapped") }, "\(table)")
                }
            }
        }

        /// A range somebody has a part of is refused at the broker's start, with who it is.
        @Test func aRangeThatIsSomebodysIsRefusedAtTheStart() throws {
            var configuration = try BrokerConfiguration(TestHost.json(name: "taken", engine: TestHost.defaultEngine))
            // Set past the check of the file, which wants 100,000 at least: here, the system's own users.
            configuration.firstOwner = 0
            configuration.ownerCount = 100
            let error = #expect(throws: BrokerError.self) {
                try BrokerServer(configuration: configuration, logger: TestHost.logger)
            }
            #expect(error?.message.contains("share a uid with others") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("root") == true)
        }
    }
}
