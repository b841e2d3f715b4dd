import Dispatch
import Glibc
import Model
import ModelGateway

/// The model gateway between an agent on a Unix socket and a provider on loopback, all in this process, beside the same
/// provider asked directly. Who keeps the books is at hand: what a store costs is in the gate's rows.
enum GatewayRows {
    private struct NoBooks: ModelCallRecorder {
        func record(_ call: ModelCallRecord) async {}
    }

    private static let rounds = 1000

    static func measure(_ options: Options) async throws -> [Row] {
        let directory = try options.directory("gateway")
        var rows: [Row] = []
        for (name, provider) in [("passed on", Stub(events: Stub.messages)), ("translated", Stub(events: Stub.chat))] {
            let isChat = name == "translated"
            let url = "http://127.0.0.1:\(try provider.start())"
            let configuration: ProviderConfiguration =
                isChat
                ? .openAI(OpenAIConfiguration(baseURL: url + "/v1") { nil })
                : .anthropic(AnthropicConfiguration(baseURL: url) { .apiKey("bench") })
            let path = "\(directory)/\(isChat ? "chat" : "messages").sock"
            let through = try await through(configuration, path)
            let direct = try await asked { try Sockets.connect(port: provider.port) }
            rows += [
                Row(
                    name: "model gateway, a streamed answer \(name) (p50, beyond the provider)",
                    value: max(0, through.whole.p50 - direct.whole.p50), unit: "ms", better: .lower, target: "≤ 2",
                    peerName: "the provider's own time", peer: direct.whole.p50),
                Row(
                    name: "model gateway, first byte \(name) (p50, the provider pauses 20 ms after it)",
                    value: through.first.p50, unit: "ms", better: .lower, target: "≤ 4",
                    peerName: "asked directly", peer: direct.first.p50),
            ]
        }
        return rows
    }

    private static func through(_ provider: ProviderConfiguration, _ path: String) async throws -> Times {
        let gateway = try ModelGateway(
            configuration: GatewayConfiguration(
                tiers: [.balanced: ModelTarget(provider: "p", model: "claude-sonnet-4-6")], providers: ["p": provider]),
            recorder: NoBooks())
        let compartment = CompartmentID(trusted: "bench")
        let session = ModelSession(
            session: SessionID(trusted: "bench"), conversation: ConversationID(trusted: "bench"),
            channel: ChannelID(trusted: "bench"), requester: PersonID(trusted: "bench"))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gateway.run() }
            defer { group.cancelAll() }
            try await gateway.open(door: Sockets.listenUnix(path), compartment: compartment)
            await gateway.assign(compartment, to: session)
            await gateway.grant(
                ModelGrant(turn: MessageID(trusted: "bench"), calls: 1_000_000, outputTokens: 10_000),
                to: session.session)
            return try await asked { try Sockets.connectUnix(path) }
        }
    }

    private struct Times: Sendable {
        /// To the first byte of a body, and to the end.
        var first = Samples()
        var whole = Samples()
    }

    /// Asks so often over one connection, as an agent does.
    private static func asked(_ connect: @escaping @Sendable () throws -> CInt) async throws -> Times {
        try await withCheckedThrowingContinuation { continuation in
            // On a thread of its own: nothing that runs tasks may block.
            DispatchQueue(label: "bench.agent").async { continuation.resume(with: Result { try times(connect) }) }
        }
    }

    private static func times(_ connect: () throws -> CInt) throws -> Times {
        let text = String(repeating: "A question that an agent asks, with what was said before it. ", count: 300)
        let body = Array(
            #"{"model":"x","max_tokens":1000,"stream":true,"messages":[{"role":"user","content":"\#(text)"}]}"#.utf8)
        let head =
            "POST /v1/messages HTTP/1.1\r\nhost: model\r\nanthropic-version: 2023-06-01\r\n"
            + "content-type: application/json\r\ncontent-length: \(body.count)\r\n\r\n"
        let request = Array(head.utf8) + body
        let socket = try connect()
        defer { close(socket) }
        var times = Times()
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        for round in 0..<(rounds / 4 + 50) {
            let start = ContinuousClock.now
            try Sockets.write(request, socket)
            var isFirst = true
            var tail: [UInt8] = []
            while !tail.elementsEqual("\r\n0\r\n\r\n".utf8) {
                let count = read(socket, &buffer, buffer.count)
                guard count > 0 else { throw BenchError("the answer broke off") }
                // The head may come by itself; the first event is what an agent acts on.
                if isFirst, buffer[..<count].contains(UInt8(ascii: "{")) {
                    isFirst = false
                    if round >= 50 { times.first.add(ContinuousClock.now - start) }
                }
                tail = Array((tail + buffer[..<count]).suffix(7))
            }
            if round >= 50 { times.whole.add(ContinuousClock.now - start - Stub.pause) }
        }
        return times
    }

    /// A provider that answers everything with the same events: the first, a pause, then the rest.
    private final class Stub: @unchecked Sendable {
        static let pause: Duration = .milliseconds(20)

        private let events: [String]
        /// Written by `start`, before anybody else can know of it.
        private(set) var port: UInt16 = 0

        init(events: [String]) {
            self.events = events
        }

        static let messages =
            [
                #"event: message_start\#ndata: {"type":"message_start","message":{"usage":{"input_tokens":5000,"output_tokens":1}}}"#,
                #"event: content_block_start\#ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            ]
            + (0..<60).map {
                #"event: content_block_delta\#ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word \#($0) "}}"#
            } + [
                #"event: content_block_stop\#ndata: {"type":"content_block_stop","index":0}"#,
                #"event: message_delta\#ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":120}}"#,
                #"event: message_stop\#ndata: {"type":"message_stop"}"#,
            ]

        static let chat =
            (0..<60).map {
                #"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"word \#($0) "},"finish_reason":null}]}"#
            } + [
                #"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
                #"data: {"choices":[],"usage":{"prompt_tokens":5000,"completion_tokens":120}}"#, "data: [DONE]",
            ]

        func start() throws -> UInt16 {
            let listening = try Sockets.listen()
            port = listening.port
            DispatchQueue(label: "bench.provider").async { [self] in
                while case let socket = accept(listening.descriptor, nil, nil), socket >= 0 {
                    DispatchQueue(label: "bench.answer").async { self.serve(socket) }
                }
            }
            return port
        }

        private func serve(_ socket: CInt) {
            defer { close(socket) }
            var on: CInt = 1
            setsockopt(socket, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
            let head = Array(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".utf8)
            let chunks = events.map { event in
                let data = event + "\n\n"
                return Array("\(String(data.utf8.count, radix: 16))\r\n\(data)\r\n".utf8)
            }
            while readRequest(socket) {
                guard (try? Sockets.write(head + chunks[0], socket)) != nil else { return }
                usleep(useconds_t(Self.pause.components.attoseconds / 1_000_000_000_000))
                let rest = chunks[1...].flatMap { $0 } + Array("0\r\n\r\n".utf8)
                guard (try? Sockets.write(rest, socket)) != nil else { return }
            }
        }

        /// False where nobody asks any more.
        private func readRequest(_ socket: CInt) -> Bool {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            var wanted = Int.max
            while bytes.count < wanted {
                let count = read(socket, &buffer, buffer.count)
                guard count > 0 else { return false }
                bytes += buffer[..<count]
                if wanted == .max, let end = headEnd(bytes) {
                    let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
                    guard let field = head.split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }),
                        let length = Int(field.split(separator: ":")[1].filter(\.isNumber))
                    else { return false }
                    wanted = end + length
                }
            }
            return true
        }

        private func headEnd(_ bytes: [UInt8]) -> Int? {
            let mark = Array("\r\n\r\n".utf8)
            guard bytes.count >= 4 else { return nil }
            for start in 0...(bytes.count - 4) where bytes[start..<start + 4].elementsEqual(mark) { return start + 4 }
            return nil
        }
    }
}
