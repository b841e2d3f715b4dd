import Broker
import Compartments
import DockerEngine
import Glibc
import MCP
import Model
import Testing

extension ContainerTests {
    @Suite(.serialized) struct CompartmentTests {
        @Test func aTakenCompartmentHasAnAgentThatSpeaksAndAWorkspaceThatWorks() async throws {
            try await TestHost.with { host in
                try await host.withPool(ready: 1) { pool in
                    let compartment = try await pool.take(for: sessionID)
                    // The agent begins: its first message is on the way without being asked.
                    var batches = compartment.agentTransport.messages.makeAsyncIterator()
                    let first = try await batches.next()?.first.map { try JSONValue(parsing: $0) }
                    #expect(first?["method"]?.stringValue == "server/discover")

                    let workspace = try await compartment.workspace(volumes: grants)
                    let result = try await workspace.callTool(
                        "bash",
                        arguments: ["command": "echo hello > /workspace/thread/a; cat /workspace/thread/a; id -u"])
                    #expect(result.text.contains("hello"), "\(result.text)")
                    #expect(!result.text.contains("\n0\n"))
                    await compartment.end()
                    #expect(await pool.liveCount <= 1)
                }
            }
        }

        @Test func filesStayAndBelongToTheVolumesOwnerWhoeverWroteThem() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let one = try await pool.take(for: sessionID)
                    _ = try await one.bash("echo kept > /workspace/user/f; echo x > /workspace/group/shared/s", grants)
                    await one.end()
                    let two = try await pool.take(for: sessionID)
                    #expect(
                        try await two.bash("cat /workspace/user/f; echo more >> /workspace/user/f && echo ok", grants)
                            .contains("kept\nok"))
                    await two.end()
                    var about = stat()
                    #expect(stat(host.configuration.volumeRoot + "/user/ada/f", &about) == 0)
                    #expect(about.st_uid == host.configuration.firstOwner)
                }
            }
        }

        @Test func readOnlyVolumesAreReadOnlyAndAnotherPersonsAreNotThere() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let one = try await pool.take(for: sessionID)
                    _ = try await one.bash("echo secret > /workspace/user/f", grants)
                    let two = try await pool.take(for: sessionID)
                    let readOnly = [
                        VolumeGrant(.global, .readWrite), VolumeGrant(.group(channel), .readWrite),
                        VolumeGrant(.thread(conversation), .readOnly),
                    ]
                    let output = try await two.bash(
                        """
                        for d in global group thread; do touch /workspace/$d/x 2>&1; done; ls -A /workspace/user; \
                        cat /workspace/user/f; touch /workspace/y /y; echo control > /tmp/c && cat /tmp/c
                        """, readOnly)
                    #expect(output.contains("control"))
                    #expect(!output.contains("secret"))
                    #expect(output.components(of: "Read-only file system") >= 3, "\(output)")
                    for path in ["/thread/\(conversation)/x", "/group/\(channel)/x", "/global/x"] {
                        #expect(access(host.configuration.volumeRoot + path, F_OK) != 0)
                    }
                }
            }
        }

        /// What is mounted on one compartment's volume is not mounted on the volume itself, nor on another's copy of it.
        @Test func compartmentsThatShareAVolumeDoNotSeeEachOthersMounts() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let one = try await pool.take(for: sessionID)
                    let two = try await pool.take(for: sessionID)
                    _ = try await two.bash("true", [VolumeGrant(.group(channel), .readOnly)])
                    _ = try await one.bash("echo x > /workspace/group/shared/f", grants)
                    #expect(
                        try await two.bash("ls -A /workspace/group/shared", [VolumeGrant(.group(channel), .readOnly)])
                            .contains("f\n") == false)
                    let mounts = TestHost.lines("/proc/self/mountinfo").map { $0.split(separator: " ")[4] }
                    #expect(!mounts.contains { $0.hasPrefix(host.configuration.volumeRoot) })
                }
            }
        }

        @Test func moreVolumesComeWithoutARestartAndFewerWithOne() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let few = [VolumeGrant(.thread(conversation), .readWrite)]
                    _ = try await compartment.bash("echo marker > /tmp/marker", few)
                    #expect(
                        try await compartment.bash("cat /tmp/marker; ls /workspace/user && echo here", grants)
                            .contains("marker\nhere"))
                    let narrowed = [VolumeGrant(.thread(conversation), .readOnly)]
                    #expect(try await compartment.bash("cat /tmp/marker", narrowed).contains("No such file"))
                }
            }
        }
    }
}

let sessionID = SessionID(trusted: "session-1")
let channel = ChannelID(trusted: "general")
let conversation = ConversationID(trusted: "talk")
let grants = [
    VolumeGrant(.global, .readOnly), VolumeGrant(.group(channel), .readOnly),
    VolumeGrant(.shared(channel), .readWrite), VolumeGrant(.thread(conversation), .readWrite),
    VolumeGrant(.user(PersonID(trusted: "ada")), .readWrite), VolumeGrant(.session(sessionID), .readWrite),
]

extension Compartment {
    func bash(_ command: String, _ volumes: [VolumeGrant]) async throws -> String {
        try await workspace(volumes: volumes).callTool(
            "bash", arguments: ["command": .string(command)], timeout: .seconds(60)
        ).text
    }
}

extension CallToolResult {
    var text: String { content.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined() }
}

extension String {
    func components(of part: String) -> Int { ranges(of: part).count }
}
