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
    /// The Docker Engine dies, and comes back. A private one: others use the machine's.
    @Suite(.serialized) struct EngineLossTests {
        @Test(.timeLimit(.minutes(5))) func anEngineThatDiesIsToldOfAndItsReturnLeavesNothingBehind() async throws {
            let directory = "/run/bulkhead-test-engine-\(UInt32.random(in: 0...UInt32.max))"
            let engine = try await PrivateEngine.start(in: directory)
            let tag = getenv("BULKHEAD_IMAGE_TAG").map { String(cString: $0) } ?? "test"
            let images = try await engine.importImages(from: "bulkhead-agent:\(tag)")
            try await TestHost.with(
                engine: engine.socket,
                adjust: {
                    $0.agent.image = images.agent
                    $0.workspace.image = images.workspace
                }
            ) { host in
                try await host.withPool(ready: 1) { pool in
                    let compartment = try await pool.take(for: sessionID)
                    _ = try await compartment.workspace(volumes: grants)
                    engine.kill()
                    var ends = compartment.ended.makeAsyncIterator()
                    #expect(await ends.next()?.reason == .engineGone)
                    await #expect { try await pool.take(for: sessionID) } throws: {
                        "\($0)".contains("start it")
                    }
                    await compartment.end()

                    let again = try await PrivateEngine.start(in: directory)
                    // Back-off or not: within seconds there is a compartment again.
                    var second: Compartment?
                    let deadline = ContinuousClock.now + .seconds(60)
                    while second == nil, ContinuousClock.now < deadline {
                        second = try? await pool.take(for: sessionID)
                        if second == nil { try await Task.sleep(for: .milliseconds(200)) }
                    }
                    _ = try await #require(second).workspace(volumes: grants)
                    await second?.end()
                    #expect(again.process > 0)
                }
            }
            try PrivateEngine.removeAny(in: directory)
        }

        /// A broker in a mount namespace of its own, whose mounts the engine does not see; and one that may not mount.
        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ["/usr/bin/unshare", "--mount", "--propagation", "private"],
                ["/usr/bin/setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"],
            ])
        func withoutPropagationVolumesAreBoundAtCreation(wrapper: [String]) async throws {
            let name = "p" + String(UInt64.random(in: 0..<1 << 40), radix: 36)
            let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
            var json = try TestHost.json(name: name, engine: "/var/run/docker.sock")
            json["service"] = ["uid": 0, "gid": 0]
            let path = "/run/bulkhead-test-\(name).json"
            let file = open(path, O_CREAT | O_WRONLY, 0o600)
            let bytes = json.serialized()
            try #require(write(file, bytes, bytes.count) == bytes.count)
            close(file)
            defer { unlink(path) }
            var child: pid_t = 0
            let arguments = wrapper + [root + "/.build/debug/bulkhead-broker", "--config", path]
            var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
            argv.append(nil)
            defer { for argument in argv { free(argument) } }
            try #require(posix_spawn(&child, arguments[0], nil, nil, argv, environ) == 0)
            let configuration = try BrokerConfiguration(json)
            let broker = child
            let result: Result<Void, any Error>
            do {
                try await Self.useWithoutPropagation(configuration)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            // It ends its containers itself.
            kill(broker, SIGTERM)
            var status: Int32 = 0
            while waitpid(broker, &status, 0) < 0, errno == EINTR {}
            let left = try await DockerEngine().listContainers(labels: ["bulkhead.installation=\(name)"])
            #expect(left.isEmpty)
            #expect(access(configuration.socketPath, F_OK) != 0)
            for directory in [configuration.runDirectory, configuration.volumeRoot] {
                try run("/bin/rm", ["-rf", "--one-file-system", directory])
            }
            try result.get()
        }

        private static func useWithoutPropagation(_ configuration: BrokerConfiguration) async throws {
            let deadline = ContinuousClock.now + .seconds(20)
            while access(configuration.socketPath, F_OK) != 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            let client = try BrokerClient(path: configuration.socketPath)
            let description = try await client.hello()
            #expect(description.problem == nil)
            #expect(description.binding == .atCreation && !description.identityMapped)

            let engine = BrokerEngine(logger: TestHost.logger) { try BrokerClient(path: configuration.socketPath) }
            let pool = CompartmentPool(
                engine: engine, configuration: PoolConfiguration(ready: 0), logger: TestHost.logger
            ) { _, door in close(door) }
            let running = Task { await pool.run() }
            let compartment = try await pool.take(for: sessionID)
            let few = [VolumeGrant(.thread(conversation), .readWrite)]
            #expect(try await compartment.bash("echo kept > /workspace/thread/f && echo ok", few).contains("ok"))
            // Another volume is another container, with the files of the first.
            let more = few + [VolumeGrant(.group(channel), .readOnly), VolumeGrant(.shared(channel), .readWrite)]
            let output = try await compartment.bash(
                "cat /workspace/thread/f; touch /workspace/group/x; echo s > /workspace/group/shared/s && echo shared",
                more)
            #expect(output.contains("kept") && output.contains("Read-only") && output.contains("shared"), "\(output)")
            await compartment.end()
            running.cancel()
            await running.value
        }
    }
}
