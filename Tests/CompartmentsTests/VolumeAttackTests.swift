import Broker
import Compartments
import DockerEngine
import Glibc
import MCP
import Model
import Testing

extension ContainerTests {
    /// Volumes are found without following a link, whoever put it there.
    @Suite(.serialized) struct VolumeAttackTests {
        /// The harness's own folder, in the hands of an attacker: its `shared` points out of the volumes.
        @Test func aLinkInPlaceOfTheSharedFolderIsNotFollowed() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    _ = try await compartment.bash("true", [VolumeGrant(.group(channel), .readOnly)])
                    let shared = host.configuration.volumeRoot + "/group/\(channel)/shared"
                    try #require(rmdir(shared) == 0 && symlink("/etc", shared) == 0)
                    let both = [VolumeGrant(.group(channel), .readOnly), VolumeGrant(.shared(channel), .readWrite)]
                    await #expect(throws: CompartmentError.self) { try await compartment.workspace(volumes: both) }
                    // Failed closed: no workspace is left that could be used.
                    #expect(
                        try await host.docker.listContainers(labels: [host.label]).allSatisfy {
                            $0.name.hasSuffix("agent")
                        })
                    unlink(shared)
                    mkdir(shared, 0o755)
                    #expect(try await compartment.bash("echo fine", both).contains("fine"))
                }
            }
        }

        @Test(arguments: ["link", "file", "stranger"])
        func aVolumeThatIsNoDirectoryOfItsOwnerIsRefused(kind: String) async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    _ = try await compartment.bash(
                        "true", [VolumeGrant(.thread(ConversationID(trusted: "other")), .readWrite)])
                    let path = host.configuration.volumeRoot + "/thread/\(conversation)"
                    switch kind {
                    case "link": try #require(symlink("/etc", path) == 0)
                    case "file": close(open(path, O_CREAT | O_WRONLY, 0o600))
                    default: try #require(mkdir(path, 0o700) == 0 && chown(path, 12_345, 12_345) == 0)
                    }
                    await #expect(throws: CompartmentError.self) {
                        try await compartment.workspace(volumes: [VolumeGrant(.thread(conversation), .readWrite)])
                    }
                }
            }
        }

        /// Links that processes make inside their volumes lead nowhere outside, in the container or for the broker.
        @Test func linksInsideAVolumeStayInsideTheContainer() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let one = try await pool.take(for: sessionID)
                    _ = try await one.bash("cd /workspace/thread; ln -s / root; ln -s /etc/shadow s", grants)
                    let two = try await pool.take(for: sessionID)
                    let output = try await two.bash(
                        "ls /workspace/thread/root/workspace; head -c 9 /workspace/thread/root/etc/hostname", grants)
                    #expect(output.contains("thread") && output.contains("sandbox"))
                }
            }
        }

        /// The uid of one container owns nothing of another's, even where both see the same volume.
        @Test func filesOfAnotherUserInAVolumeAreNotReadable() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    _ = try await compartment.bash("echo mine > /workspace/thread/mine", grants)
                    let path = host.configuration.volumeRoot + "/thread/\(conversation)/theirs"
                    let file = open(path, O_CREAT | O_WRONLY, 0o600)
                    #expect(write(file, "secret", 6) == 6)
                    close(file)
                    chown(path, 12_345, 12_345)
                    let output = try await compartment.bash(
                        "cat /workspace/thread/mine /workspace/thread/theirs", grants)
                    #expect(output.contains("mine\n") && output.contains("Permission denied"))
                    #expect(!output.contains("secret"))
                }
            }
        }
    }
}
