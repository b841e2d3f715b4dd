import Broker
import BrokerClient
import BrokerProtocol
import Compartments
import DockerEngine
import Glibc
import MCP
import Model
import Testing

extension ContainerTests {
    /// How compartments end, wanted and unwanted.
    @Suite(.serialized) struct EndTests {
        @Test func aWorkspaceKilledFromOutsideCostsOneCall() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    async let call = compartment.bash("echo kept > /workspace/thread/f; sleep 60", grants)
                    let file = host.configuration.volumeRoot + "/thread/\(conversation)/f"
                    while access(file, F_OK) != 0 { try await Task.sleep(for: .milliseconds(20)) }
                    try await host.docker.killContainer(host.containerName(compartment.id, .workspace))
                    let result: Result<String, any Error>
                    do {
                        result = .success(try await call)
                    } catch {
                        result = .failure(error)
                    }
                    #expect(throws: (any Error).self) { try result.get() }
                    #expect(await compartment.workspaceEndSentence().contains("stopped from outside"))
                    #expect(try await compartment.bash("cat /workspace/thread/f", grants).contains("kept"))
                    #expect(await compartment.agentEnd == nil)
                }
            }
        }

        @Test func aWorkspaceOutOfMemoryIsSaidToBeAndComesBack() async throws {
            try await TestHost.with(adjust: { $0.workspace.memoryBytes = 64 << 20 }) { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    // The memory is taken by what cannot be ended alone: files in /tmp count, and killing frees nothing.
                    let result = try? await compartment.bash(
                        "head -c 200000000 /dev/zero > /tmp/a; tail -c 200000000 /dev/zero | wc -c", grants)
                    if result == nil {
                        #expect(await compartment.workspaceEndSentence().contains("memory"))
                    }
                    try await compartment.endWorkspace()
                    #expect(try await compartment.bash("echo alive", grants).contains("alive"))
                }
            }
        }

        @Test func theEndOfAnAgentIsTold() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    try await host.docker.killContainer(host.containerName(compartment.id, .agent))
                    var ends = compartment.ended.makeAsyncIterator()
                    let end = await ends.next()
                    #expect(end == CompartmentEnd(part: .agent, reason: .killed))
                    #expect(end?.sentence.contains("next message") == true)
                    await compartment.end()
                }
            }
        }

        @Test func aReadyCompartmentThatDiesIsReplaced() async throws {
            try await TestHost.with { host in
                try await host.withPool(ready: 1) { pool in
                    let first = try await pool.take(for: sessionID)
                    await first.end()
                    let label = host.label
                    while await pool.readyCount == 0 { try await Task.sleep(for: .milliseconds(20)) }
                    for container in try await host.docker.listContainers(labels: [label]) {
                        try await host.docker.killContainer(container.id)
                    }
                    // Taken in the moment before its death is known, a dead one costs an attempt, never more.
                    var output = ""
                    for _ in 0..<2 where output.isEmpty {
                        let second = try await pool.take(for: sessionID)
                        output = (try? await second.bash("echo alive", [])) ?? ""
                    }
                    #expect(output.contains("alive"))
                }
            }
        }

        @Test func aForkBombStaysInItsContainer() async throws {
            try await TestHost.with(adjust: { $0.workspace.processes = 64 }) { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    _ = try? await compartment.workspace(volumes: grants).callTool(
                        "bash", arguments: ["command": ":(){ :|:& };:", "timeout": 2], timeout: .seconds(10))
                    try await compartment.endWorkspace()
                    #expect(try await compartment.bash("echo alive", grants).contains("alive"))
                }
            }
        }

        /// The harness is killed: its connection breaks, and nothing of it stays.
        @Test func whenAConnectionGoesItsContainersGo() async throws {
            try await TestHost.with { host in
                let one = try host.client()
                let other = try host.client()
                let id = CompartmentID(trusted: "one")
                let kept = CompartmentID(trusted: "kept")
                let agent = try await one.createAgent(id)
                let stream = try await one.createWorkspace(id, grants)
                let otherAgent = try await other.createAgent(kept)
                // Another connection's compartments are not there for it.
                await #expect { try await other.place(grants[3], in: id) } throws: {
                    ($0 as? BrokerError)?.code == .unknown
                }
                #expect(try await other.list().map(\.compartment) == [kept])
                try await other.end(id)
                #expect(try await one.list().count == 2)
                one.close()
                while try await host.docker.listContainers(labels: [host.label]).count > 1 {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(try await other.list().count == 1)
                for descriptor in [agent.stream, agent.modelDoor, stream, otherAgent.stream, otherAgent.modelDoor] {
                    close(descriptor)
                }
            }
        }

        @Test func leftoversAreRemovedAndNeverAdopted() async throws {
            try await TestHost.with { host in
                _ = try await host.client().hello()
                let image = try await host.docker.inspectImage(host.configuration.agent.image)
                let id = try await host.docker.createContainer(
                    named: "bulkhead-\(host.configuration.installation)-old-agent",
                    [
                        "Image": .string(image.id), "OpenStdin": true, "HostConfig": ["NetworkMode": "none"],
                        "Labels": ["bulkhead.installation": .string(host.configuration.installation)],
                    ])
                try await host.docker.startContainer(id)
                // A broker that starts finds it.
                let second = try TestHost.secondBroker(host.configuration)
                while try await !host.docker.listContainers(labels: [host.label]).isEmpty {
                    try await Task.sleep(for: .milliseconds(50))
                }
                second.cancel()
                try await second.value
            }
        }
    }
}
