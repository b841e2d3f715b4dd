import Broker
import BrokerClient
import BrokerProtocol
import Glibc
import Logging
import MCP
import Model
import Testing

/// The socket: who may connect, and what happens to those who misbehave. Needs root, not the engine.
@Suite(.serialized) struct BrokerServerTests {
    /// A broker whose engine does not exist: nothing here starts a container.
    static func withServer(
        serviceUID: UInt32 = 0, witness: String? = nil,
        _ body: @Sendable @escaping (BrokerConfiguration) async throws -> Void
    ) async throws {
        try #require(geteuid() == 0, "these tests mount: run them as root")
        signal(SIGPIPE, SIG_IGN)
        let name = "s" + String(UInt64.random(in: 0..<1 << 40), radix: 36)
        let configuration = try BrokerConfiguration(
            ConfigurationTests.json(
                name: name, serviceUID: serviceUID, engine: "/run/no-such-engine.sock", witness: witness))
        let server = try BrokerServer(
            configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await server.run() }
        // The socket is there once it can be connected to; its absence is an error that ends the wait.
        while access(configuration.socketPath, F_OK) != 0 { await Task.yield() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(configuration))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        try await running.value
        for path in ["/slots", "/doors", ""] { rmdir(configuration.runDirectory + path) }
        rmdir(configuration.volumeRoot)
        try result.get()
    }

    @Test func theServiceUserIsAnswered() async throws {
        try await Self.withServer { configuration in
            let client = try BrokerClient(path: configuration.socketPath)
            let description = try await client.hello()
            #expect(description.installation == configuration.installation)
            #expect(description.problem?.contains("no Docker Engine answers") == true)
            #expect(try await client.list().isEmpty)
            await #expect {
                try await client.createAgent(CompartmentID(trusted: "a"))
            } throws: { ($0 as? BrokerError)?.code == .engine }
        }
    }

    /// What the harness says is added, one line a second; no word of it shortens or changes what is there.
    @Test func theWitnessTakesLinesAndNothingElse() async throws {
        let path = "/run/bulkhead-witness-\(UInt64.random(in: 0...UInt64.max))"
        let before = umask(0o077)
        defer {
            umask(before)
            unlink(path)
        }
        try await Self.withServer(witness: path) { configuration in
            let client = try BrokerClient(path: configuration.socketPath)
            try await client.witness("bulkhead-audit 1 first")
            // Whatever umask the broker was started with, the harness reads it.
            var about = stat()
            #expect(stat(path, &about) == 0 && about.st_mode & 0o7777 == 0o644)
            await #expect { try await client.witness("second at once") } throws: {
                ($0 as? BrokerError)?.code == .limit
            }
            for bad in ["", "two\nlines", "tab\t", "\u{E9}", "\u{7F}", String(repeating: "x", count: 401)] {
                await #expect { try await client.witness(bad) } throws: { ($0 as? BrokerError)?.code == .invalid }
            }
        }
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = fread(&bytes, 1, bytes.count, file)
        #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "bulkhead-audit 1 first\n")
        var about = stat()
        #expect(stat(path, &about) == 0 && about.st_mode & 0o777 == 0o644 && about.st_uid == 0)
        // A link planted in its place is not followed.
        unlink(path)
        symlink("/run/bulkhead-witness-elsewhere", path)
        try await Self.withServer(witness: path) { configuration in
            let client = try BrokerClient(path: configuration.socketPath)
            await #expect { try await client.witness("x") } throws: { ($0 as? BrokerError)?.code == .configuration }
        }
        #expect(access("/run/bulkhead-witness-elsewhere", F_OK) != 0)
        try await Self.withServer { configuration in
            let client = try BrokerClient(path: configuration.socketPath)
            await #expect { try await client.witness("x") } throws: { ($0 as? BrokerError)?.code == .configuration }
        }
    }

    /// The file's mode keeps others out; that the kernel's word is asked as well shows where the mode does not.
    @Test func anotherUserIsRefusedEvenWhereTheSocketLetsThemConnect() async throws {
        try await Self.withServer(serviceUID: 64_001) { configuration in
            var about = stat()
            #expect(stat(configuration.socketPath, &about) == 0)
            #expect(about.st_mode & 0o777 == 0o660 && about.st_uid == 0 && about.st_gid == 64_001)
            // This process is root: the mode does not stop it.
            let client = try BrokerClient(path: configuration.socketPath)
            await #expect { try await client.hello() } throws: { ($0 as? BrokerError)?.code == .disconnected }
        }
    }

    @Test func anyoneWhoSendsSomethingElseIsDisconnectedAndTheOthersAreNot() async throws {
        try await Self.withServer { configuration in
            let good = try BrokerClient(path: configuration.socketPath)
            _ = try await good.list()
            var generator = SplitMix(state: 3)
            let hostile: [[UInt8]] =
                [
                    Array("{}".utf8), Array("null".utf8), [0], Array("{\"id\":1".utf8),
                    [UInt8](repeating: 91, count: PacketSocket.maximumPacket),
                ]
                + (0..<50).map { _ in
                    (0..<Int.random(in: 1...300, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                }
            for bytes in hostile {
                let socket = try PacketSocket.connect(to: configuration.socketPath)
                try socket.send(bytes)
                while let packet = try socket.receive() {
                    #expect(String(decoding: packet.bytes, as: UTF8.self).contains("event"))
                }
            }
            _ = try await good.list()
        }
    }

    @Test func oversizedPacketsAndStrayDescriptorsDoNoHarm() async throws {
        try await Self.withServer { configuration in
            let path = configuration.socketPath
            let raw = try PacketSocket.connect(to: path)
            #expect(throws: BrokerError.self) {
                try raw.send([UInt8](repeating: 32, count: PacketSocket.maximumPacket + 1))
            }
            var ends: [CInt] = [-1, -1]
            try #require(pipe(&ends) == 0)
            try raw.send(Array(#"{"id":1,"op":"list"}"#.utf8), descriptors: [ends[1], ends[1], ends[1]])
            close(ends[1])
            // Events come in between.
            var answers = ""
            while !answers.contains("containers") {
                answers += String(decoding: try #require(try raw.receive()).bytes, as: UTF8.self)
            }
            // The end of the pipe is seen once nobody holds its other end: the broker has closed what it was sent.
            var byte: UInt8 = 0
            #expect(read(ends[0], &byte, 1) == 0)
            close(ends[0])
        }
    }

    @Test func whatIsUnderstoodButRefusedIsAnsweredAndTheConnectionStays() async throws {
        try await Self.withServer { configuration in
            let socket = try PacketSocket.connect(to: configuration.socketPath)
            func answer(to text: String) throws -> JSONValue? {
                try socket.send(Array(text.utf8))
                while let packet = try socket.receive() {
                    let value = try JSONValue(parsing: packet.bytes)
                    if value["event"] == nil { return value["error"]?["code"] }
                }
                return nil
            }
            for text in [
                #"{"id":1,"op":"mount"}"#, #"{"id":2,"op":"createAgent","compartment":"../../etc"}"#,
                #"{"id":3,"op":"end","compartment":"a","x":1}"#,
            ] {
                #expect(try answer(to: text) == "invalid")
            }
            #expect(try answer(to: #"{"id":4,"op":"stats","compartment":"a","part":"agent"}"#) == "unknown")
        }
    }

    @Test func aSecondBrokerLeavesTheFirstAlone() async throws {
        try await Self.withServer { configuration in
            let second = try BrokerServer(
                configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await #expect { try await second.run() } throws: { ($0 as? BrokerError)?.code == .conflict }
            _ = try await BrokerClient(path: configuration.socketPath).list()
        }
    }
}
