import Broker
import BrokerClient
import BrokerProtocol
import Compartments
import DockerEngine
import Glibc
import MCP
import Model
import Synchronization
import Testing

extension ContainerTests {
    /// A container for one command: apart from the session's own, and gone when the command is.
    @Suite(.serialized) struct ErrandTests {
        @Test func aCommandApartHasTheFilesAndNothingElseOfTheSession() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    _ = try await compartment.bash(
                        "echo mine > /workspace/thread/f; touch /tmp/x; (sleep 300 &) ; export A=1", grants)
                    let name = host.containerName(compartment.id, .errand)
                    let inspected = Mutex<JSONValue>(.null)
                    let workspace = try await host.process(compartment.id, .workspace)
                    let result = try await compartment.errand(deadline: .seconds(60)) { client in
                        let about = try await host.docker.inspectContainer(name)
                        inspected.withLock { $0 = about }
                        return try await client.callTool(
                            "bash",
                            arguments: [
                                "command": """
                                cat /workspace/thread/f; echo theirs > /workspace/thread/g
                                ls -A /tmp | grep -c '^x$'; echo "[$A]"; pgrep -c sleep; echo "${#KEY}"
                                ls -A /run/bulkhead | wc -l; grep ' /workspace/user ' /proc/mounts | grep -o nosuid,nodev
                                """,
                                "secret_values": ["KEY": "6a7b-canary"],
                            ])
                    }
                    let text = result.text
                    #expect(text.hasPrefix("mine\n0\n[]\n0\n11\n0\nnosuid,nodev"), "\(text)")
                    #expect(!text.contains("6a7b-canary"))
                    #expect(try await compartment.bash("cat /workspace/thread/g", grants).contains("theirs"))
                    // Another uid, the same template, no value in what the engine keeps.
                    let about = inspected.withLock { $0 }
                    #expect(!about.text.contains("canary"))
                    let owner = try #require(host.owner(of: workspace))
                    #expect(about["Config"]?["User"]?.stringValue.map { !$0.hasPrefix("\(owner):") } == true)
                    let session = try await host.docker.inspectContainer(
                        host.containerName(compartment.id, .workspace))
                    for key in [
                        "NetworkMode", "ReadonlyRootfs", "CapDrop", "SecurityOpt", "PidsLimit", "Memory", "Tmpfs",
                    ] {
                        #expect(about["HostConfig"]?[key] == session["HostConfig"]?[key], "\(key)")
                    }
                    #expect(try await Self.isGone(host, name))
                }
            }
        }

        @Test func itIsGoneHoweverItEnds() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    _ = try await compartment.bash("true", grants)
                    let name = host.containerName(compartment.id, .errand)
                    struct Broken: Error {}
                    await #expect(throws: Broken.self) {
                        try await compartment.errand(deadline: .seconds(60)) { _ in throw Broken() }
                    }
                    #expect(try await Self.isGone(host, name))

                    // Past its deadline.
                    await #expect {
                        try await compartment.errand(deadline: .seconds(4)) { try await Self.sleep($0) }
                    } throws: {
                        ($0 as? CompartmentError)?.code == .timedOut
                    }
                    #expect(try await Self.isGone(host, name))

                    // Cancelled, while a second one is refused.
                    let (begun, begin) = AsyncStream<Void>.makeStream()
                    let task = Task {
                        try await compartment.errand(deadline: .seconds(60)) { client in
                            begin.finish()
                            return try await Self.sleep(client)
                        }
                    }
                    for await _ in begun {}
                    await #expect {
                        try await compartment.errand(deadline: .seconds(60)) { try await Self.sleep($0) }
                    } throws: {
                        ($0 as? CompartmentError)?.code == .limit
                    }
                    task.cancel()
                    await #expect(throws: (any Error).self) { try await task.value }
                    #expect(try await Self.isGone(host, name))

                    // Killed from outside; and after all that the next one works.
                    await #expect(throws: (any Error).self) {
                        try await compartment.errand(deadline: .seconds(60)) { client in
                            try await host.docker.killContainer(name)
                            return try await Self.sleep(client)
                        }
                    }
                    #expect(try await Self.isGone(host, name))
                    let last = try await compartment.errand(deadline: .seconds(60)) { client in
                        try await client.callTool("bash", arguments: ["command": "echo works"])
                    }
                    #expect(last.text.contains("works"))
                    #expect(try await compartment.bash("echo alive", grants).contains("alive"))
                }
            }
        }

        @Test func itEndsWithItsCompartmentAndWithFoldersTakenAway() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    await #expect(throws: CompartmentError.self) {
                        try await compartment.errand(deadline: .seconds(60)) { try await Self.sleep($0) }
                    }
                    _ = try await compartment.bash("true", grants)
                    // The session may write less from now on: what still could is gone before that is so.
                    let narrowed = [VolumeGrant(.thread(conversation), .readOnly)]
                    let narrowing = try await Self.during(compartment) {
                        _ = try await compartment.workspace(volumes: narrowed)
                        let isGone = try await Self.isGone(host, host.containerName(compartment.id, .errand))
                        #expect(isGone)
                    }
                    #expect(throws: (any Error).self) { try narrowing.get() }
                    let output = try await compartment.errand(deadline: .seconds(60)) { client in
                        try await client.callTool(
                            "bash", arguments: ["command": "touch /workspace/thread/x; ls -A /workspace/user"])
                    }
                    #expect(output.text.contains("Read-only file system"), "\(output.text)")
                    let ending = try await Self.during(compartment) { await compartment.end() }
                    #expect(throws: (any Error).self) { try ending.get() }
                    #expect(try await Self.isGone(host, host.containerName(compartment.id, .errand)))
                }
            }
        }

        @Test func soManyRunAtOnceAndNoMore() async throws {
            try await TestHost.with { host in
                let client = try host.client()
                let ids = (0..<9).map { CompartmentID(trusted: "c\($0)") }
                var descriptors: [CInt] = []
                for id in ids {
                    let agent = try await client.createAgent(id)
                    descriptors += [agent.stream, agent.modelDoor]
                }
                for id in ids.dropLast() { descriptors.append(try await client.createErrand(id, grants)) }
                await #expect { try await client.createErrand(ids[8], grants) } throws: {
                    ($0 as? BrokerError)?.code == .limit
                }
                try await client.end(ids[0], .errand)
                descriptors.append(try await client.createErrand(ids[8], grants))
                client.close()
                while try await !host.docker.listContainers(labels: [host.label]).isEmpty {
                    try await Task.sleep(for: .milliseconds(50))
                }
                for descriptor in descriptors { close(descriptor) }
            }
        }

        /// The harness is killed: the kernel closes its connection, and the broker ends what was its.
        @Test func itEndsWithTheConnectionThatMadeIt() async throws {
            try await TestHost.with { host in
                let client = try host.client()
                let id = CompartmentID(trusted: "one")
                let agent = try await client.createAgent(id)
                await #expect(throws: BrokerError.self) {
                    try await client.createErrand(CompartmentID(trusted: "two"), grants)
                }
                let stream = try await client.createErrand(id, grants)
                let door = try await client.openEgress(id, .errand)
                await #expect { try await client.createErrand(id, grants) } throws: {
                    ($0 as? BrokerError)?.code == .conflict
                }
                let session = SessionID(trusted: "session-1")
                await #expect(throws: BrokerError.self) { try await client.discardScratch(of: session) }
                client.close()
                while try await !host.docker.listContainers(labels: [host.label]).isEmpty {
                    try await Task.sleep(for: .milliseconds(50))
                }
                for descriptor in [agent.stream, agent.modelDoor, stream, door] { close(descriptor) }
            }
        }

        @Test func itHasADoorOfItsOwn() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let door = TestDoor()
                    _ = try await compartment.bash("true", grants)
                    let curl: JSONObject = ["command": "curl -sS -m 20 http://granted.invalid/"]
                    let result = try await compartment.errand(deadline: .seconds(60), egress: { door.serve($0) }) {
                        client in
                        let own = try await compartment.workspace(volumes: grants).callTool("bash", arguments: curl)
                        #expect(own.text.contains("No network is granted"))
                        return try await client.callTool("bash", arguments: curl)
                    }
                    #expect(result.text.contains("through the door"), "\(result.text)")
                }
            }
        }

        private static func sleep(_ client: ClientSession) async throws -> CallToolResult {
            try await client.callTool("bash", arguments: ["command": "sleep 60"])
        }

        /// Does `body` while an errand sleeps, and returns how that one ended.
        private static func during(
            _ compartment: Compartment, _ body: () async throws -> Void
        ) async throws -> Result<CallToolResult, any Error> {
            let (begun, begin) = AsyncStream<Void>.makeStream()
            let task = Task {
                try await compartment.errand(deadline: .seconds(60)) { client in
                    begin.finish()
                    return try await sleep(client)
                }
            }
            for await _ in begun {}
            try await body()
            return await task.result
        }

        private static func isGone(_ host: TestHost, _ name: String) async throws -> Bool {
            try await !host.docker.listContainers(labels: [host.label]).contains { $0.name == name }
        }
    }
}
