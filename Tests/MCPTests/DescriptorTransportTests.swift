import Glibc
import MCP
import Testing

@Suite struct DescriptorTransportTests {
    @Test(arguments: [true, false])
    func carriesASession(socket: Bool) async throws {
        let (near, far) = try DescriptorPair.make(sockets: socket)
        try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
            _ = try await client.connect(silence: .testPatience)
            let long = String(repeating: "long ", count: 300_000)
            #expect(try await client.callTool("echo", arguments: ["text": .string(long)]).text == long)
        }
    }

    @Test(arguments: [true, false])
    func closingEndsABlockedReaderAndItsPeer(socket: Bool) async throws {
        let (near, far) = try DescriptorPair.make(sockets: socket)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await _ in near.messages {} }
            group.addTask { for try await _ in far.messages {} }
            near.close()
            near.close()
            try await group.waitForAll()
        }
        await #expect(throws: TransportError.self) { try await near.send([0x31]) }
        far.close()
    }

    /// A peer that reads nothing holds up whoever sends more than a little, and neither memory nor closing.
    @Test(arguments: [true, false])
    func aPeerThatDoesNotReadSlowsTheSender(socket: Bool) async throws {
        let limits = TransportLimits(maximumPendingBytes: 1000)
        let (near, far) = try DescriptorPair.make(sockets: socket, limits: limits)
        let sent = Recorder<Int>()
        let message = [UInt8](repeating: 0x20, count: 100_000)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    for count in 0... {
                        try await near.send(message)
                        sent.record(count)
                    }
                } catch {}
            }
            // Cannot be awaited: nothing happens when a sender waits. Closing lets it go wherever it stands.
            group.addTask {
                while sent.all.isEmpty { await Task.yield() }
                near.close()
            }
        }
        #expect(sent.all.count < 100)
        far.close()
    }

    @Test func cancellationEndsAWaitForRoom() async throws {
        let (near, far) = try DescriptorPair.make(sockets: true, limits: TransportLimits(maximumPendingBytes: 1000))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                withUnsafeCurrentTask { $0?.cancel() }
                // Lines, so that the other side has something to hand on, which nobody takes.
                try? await near.send((0..<5_000_000).map { $0 % 2 == 0 ? 0x61 : 0x0A })
            }
        }
        near.close()
        far.close()
    }

    @Test(arguments: [true, false])
    func aPeerThatIsGoneIsAnErrorAndNoSignal(socket: Bool) async throws {
        let (near, far) = try DescriptorPair.make(sockets: socket)
        far.close()
        for try await _ in near.messages {}
        await #expect(throws: TransportError.self) {
            // The first may still have gone into a buffer.
            while true {
                try await near.send([0x31])
                await Task.yield()
            }
        }
        near.close()
    }

    @Test func whatWasSentBeforeClosingArrives() async throws {
        for socket in [true, false] {
            let (near, far) = try DescriptorPair.make(sockets: socket)
            for number in 0..<100 { try await near.send(Array("\(number)".utf8)) }
            near.close()
            var seen: [String] = []
            for try await batch in far.messages { seen += batch.map { String(decoding: $0, as: UTF8.self) } }
            #expect(seen == (0..<100).map(String.init))
            far.close()
        }
    }

    @Test func linesAreSplitAtLineFeedsOnly() async throws {
        let text = "one\r\n\n\ntwo\u{2028}\u{85}\rstill two\n\nthree"
        #expect(try await received(Array(text.utf8)) == ["one\r", "two\u{2028}\u{85}\rstill two"])
        #expect(try await received([]) == [])
        let long = [UInt8](repeating: 0x61, count: 200_000) + [0x0A, 0x62, 0x0A]
        #expect(try await received(long).map(\.utf8.count) == [200_000, 1])
    }

    @Test func aLineTooLongEndsTheConnectionAfterWhatCameBefore() async throws {
        let bytes = Array("fine\n".utf8) + [UInt8](repeating: 0x61, count: 2000)
        let recorder = Recorder<String>()
        let error = await #expect(throws: TransportError.self) {
            try await received(bytes, limits: TransportLimits(maximumMessageBytes: 1000), into: recorder)
        }
        #expect(error?.code == .messageTooLong)
        #expect(recorder.all == ["fine"])
    }

    @Test func aServerSaysWhyItClosesOnALineTooLong() async throws {
        let (near, far) = try DescriptorPair.make(sockets: true, limits: TransportLimits(maximumMessageBytes: 1000))
        let server = ServerSession(info: .test, provider: EchoTools(), transport: far)
        async let running = outcome { try await server.run() }
        try await near.send([UInt8](repeating: 0x20, count: 5000))
        let client = RawPeer(near)
        #expect(try await client.next()?.errorCode == -32600)
        #expect(try await client.next() == nil)
        #expect(await running.error is TransportError)
        near.close()
    }

    /// With so much waiting that nothing more is read, the end of the stream cannot be seen by reading.
    @Test(arguments: [true, false])
    func aClientThatGoesWhileItsRequestsWaitIsNoticed(socket: Bool) async throws {
        let (near, far) = try DescriptorPair.make(sockets: socket)
        let tools = EchoTools()
        let limits = SessionLimits(maximumRequestsInFlight: 1)
        let server = ServerSession(info: .test, provider: tools, transport: far, limits: limits)
        async let running: Void = server.run()
        // More than the two batches that are read ahead, and little enough for the kernel to hold.
        for id in 0..<4000 as Range<Int64> {
            try await near.send((.request(.int(id), "tools/call", ["name": "wait"]) as JSONValue).serialized())
        }
        await tools.waitStarted.wait()
        near.close()
        try await running
        await tools.waitCancelled.wait()
    }

    /// Each byte behind a frame header of two bytes, in any cut.
    @Test func theWrappingOfAStreamIsTakenOff() async throws {
        let text = "{\"a\":1}\n[2]\n"
        let wrapped = text.utf8.flatMap { [1, $0] as [UInt8] }
        let recorder = Recorder<String>()
        try await received(wrapped, decoder: PairDecoder(), into: recorder)
        #expect(recorder.all == ["{\"a\":1}", "[2]"])
        let error = await #expect(throws: TransportError.self) {
            try await received([1, 0x61, 2, 0x61], decoder: PairDecoder(), into: recorder)
        }
        #expect(error?.code == .badFraming)
    }

    private struct PairDecoder: StreamDecoder {
        var isHeader = true

        mutating func decode(_ chunk: UnsafeRawBufferPointer, into output: inout [UInt8]) throws {
            for byte in chunk {
                if isHeader, byte != 1 { throw TransportError(code: .badFraming, message: "not a frame") }
                if !isHeader { output.append(byte) }
                isHeader.toggle()
            }
        }
    }

    /// What a transport makes of raw bytes, cut in unfortunate places.
    private func received(_ bytes: [UInt8]) async throws -> [String] {
        let recorder = Recorder<String>()
        try await received(bytes, into: recorder)
        return recorder.all
    }

    private func received(
        _ bytes: [UInt8], decoder: some StreamDecoder = IdentityDecoder(), limits: TransportLimits = .default,
        into recorder: Recorder<String>
    ) async throws {
        let (near, far) = try DescriptorPair.socketPair()
        let transport = DescriptorTransport(reading: near, writing: near, decoder: decoder, limits: limits)
        defer { transport.close() }
        async let reading: Void = read(transport, into: recorder)
        for chunk in stride(from: 0, to: bytes.count, by: 7777).map({ bytes[$0..<min($0 + 7777, bytes.count)] }) {
            // Small enough for the socket's buffer as long as the transport reads.
            _ = Array(chunk).withUnsafeBytes { send(far, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        }
        close(far)
        try await reading
    }

    private func read(_ transport: DescriptorTransport, into recorder: Recorder<String>) async throws {
        for try await batch in transport.messages {
            for message in batch { recorder.record(String(decoding: message, as: UTF8.self)) }
        }
    }
}
