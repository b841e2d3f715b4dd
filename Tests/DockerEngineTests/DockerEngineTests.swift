import DockerEngine
import Glibc
import MCP
import NIOCore
import Testing

/// Against the engine of this machine; fails where there is none. Uses the agent image, whose program needs no network,
/// or the workspace's where a shell is needed.
@Suite(.serialized) struct DockerEngineTests {
    let docker = DockerEngine()
    static let label = "bulkhead.test=docker-engine"

    private func withContainer(
        _ command: [String], _ body: (String) async throws -> Void
    ) async throws {
        let name = "bulkhead-enginetest-" + String(UInt64.random(in: 0..<1 << 40), radix: 36)
        let tag = getenv("BULKHEAD_IMAGE_TAG").map { String(cString: $0) } ?? "test"
        let id = try await docker.createContainer(
            named: name,
            [
                "Image": .string("bulkhead-workspace:\(tag)"), "Entrypoint": [],
                "Cmd": .array(command.map { .string($0) }), "OpenStdin": true, "StdinOnce": true,
                "Labels": ["bulkhead.test": "docker-engine"],
                "HostConfig": ["NetworkMode": "none", "LogConfig": ["Type": "none", "Config": [:]]],
            ])
        do {
            try await body(id)
        } catch {
            try? await docker.removeContainer(id)
            throw error
        }
        try await docker.removeContainer(id)
    }

    @Test func theEngineSaysWhoItIs() async throws {
        let version = try await docker.version()
        #expect(!version.engine.isEmpty && version.api.contains("."))
    }

    @Test func aContainerLivesAndDies() async throws {
        try await withContainer(["/bin/cat"]) { id in
            #expect(try await docker.inspectContainer(id)["State"]?["Running"]?.boolValue == false)
            try await docker.startContainer(id)
            // Twice is once.
            try await docker.startContainer(id)
            #expect(
                try await docker.listContainers(labels: [Self.label]).contains { $0.id == id && $0.state == "running" })
            #expect(try await docker.containerMemory(id).bytes > 0)
            try await docker.killContainer(id)
            #expect(try await docker.waitContainer(id, deadline: .seconds(20)) == 137)
            try await docker.removeContainer(id)
            // Gone is gone.
            try await docker.removeContainer(id)
            await #expect { try await docker.inspectContainer(id) } throws: {
                ($0 as? EngineError)?.code == .noSuchContainer
            }
        }
    }

    @Test func attachedStreamsAreTakenApart() async throws {
        try await withContainer(["/bin/sh", "-c", "echo err >&2; cat; echo end"]) { id in
            let (out, err) = try await docker.attach(id) { streams in
                try await docker.startContainer(id)
                try await streams.input.write(ByteBuffer(string: "through\n"))
                streams.input.finish()
                var (out, err) = ("", "")
                for try await piece in streams.output {
                    switch piece {
                    case .standardOutput(let buffer): out += String(buffer: buffer)
                    case .standardError(let buffer): err += String(buffer: buffer)
                    }
                }
                return (out, err)
            }
            #expect(out == "through\nend\n")
            #expect(err == "err\n")
        }
    }

    /// The counter is in the container: what it managed to write while nobody read has a bound.
    @Test func aReaderThatStopsStopsTheWriter() async throws {
        try await withContainer(["/bin/sh", "-c", "yes | head -c 200000000; echo done >&2"]) { id in
            let total = try await docker.attach(id) { streams in
                try await docker.startContainer(id)
                var total = 0
                var iterator = streams.output.makeAsyncIterator()
                for _ in 0..<4 {
                    if case .standardOutput(let buffer)? = try await iterator.next() { total += buffer.readableBytes }
                }
                // Were it not held up, 200 MB would have been written long before this returns.
                await #expect { try await docker.waitContainer(id, deadline: .seconds(2)) } throws: {
                    ($0 as? EngineError)?.code == .timedOut
                }
                while let piece = try await iterator.next() {
                    if case .standardOutput(let buffer) = piece { total += buffer.readableBytes }
                }
                return total
            }
            #expect(total == 200_000_000)
        }
    }

    @Test func aRawAttachmentIsAPlainDescriptor() async throws {
        try await withContainer(["/bin/cat"]) { id in
            let stream = try await docker.attachDescriptor(id)
            defer { close(stream) }
            try await docker.startContainer(id)
            #expect(write(stream, "echo", 4) == 4)
            var bytes = [UInt8](repeating: 0, count: 12)
            #expect(recv(stream, &bytes, 12, Int32(MSG_WAITALL)) == 12)
            #expect(bytes == [1, 0, 0, 0, 0, 0, 0, 4] + Array("echo".utf8))
            // StdinOnce: the end of the attachment is the end of the container.
            shutdown(stream, Int32(SHUT_WR))
            #expect(try await docker.waitContainer(id, deadline: .seconds(20)) == 0)
        }
    }

    @Test func eventsTellOfADeath() async throws {
        try await withContainer(["/bin/sh", "-c", "exit 7"]) { id in
            struct Found: Error { let code: String? }
            await #expect {
                try await docker.containerEvents(
                    label: Self.label, actions: ["die"], since: Int64(time(nil)),
                    connected: { try await docker.startContainer(id) },
                    handle: { if $0.container == id { throw Found(code: $0.attributes["exitCode"]) } })
            } throws: {
                ($0 as? Found)?.code == "7" || "\($0)".contains("7")
            }
        }
    }

    @Test func failuresSayWhatToDo() async throws {
        await #expect { try await DockerEngine(socketPath: "/run/no-such.sock").version() } throws: {
            ($0 as? EngineError)?.code == .noEngine && "\($0)".contains("start it")
        }
        await #expect { try await docker.inspectImage("bulkhead-no-such:1") } throws: {
            ($0 as? EngineError)?.code == .noSuchImage && "\($0)".contains("image/build.sh")
        }
        await #expect { try await docker.attachDescriptor("nosuchcontainer") } throws: {
            ($0 as? EngineError)?.code == .noSuchContainer
        }
        try await withContainer(["/bin/true"]) { id in
            let name = try await docker.inspectContainer(id)["Name"]?.stringValue ?? ""
            await #expect {
                try await docker.createContainer(named: String(name.dropFirst()), ["Image": "bulkhead-no-such:1"])
            } throws: { ($0 as? EngineError) != nil }
        }
    }
}
