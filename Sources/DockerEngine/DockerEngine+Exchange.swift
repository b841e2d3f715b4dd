internal import MCP
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The body of an answer, chunk by chunk. Nothing is read from the engine that is not asked for.
struct AnswerBody {
    typealias Inbound = NIOAsyncChannelInboundStream<HTTPClientResponsePart>
    var parts: Inbound.AsyncIterator

    mutating func next() async throws -> [UInt8]? {
        switch try await parts.next() {
        case .body(let buffer): return Array(buffer.readableBytesView)
        case .end: return nil
        case .head: throw EngineError(.badAnswer, "a second answer to one request")
        case nil: throw EngineError(.disconnected, "the Docker Engine closed the connection in the middle of an answer")
        }
    }
}

extension DockerEngine {
    /// Sends `request` and hands the body of a successful answer to `read`. Throws what the engine said otherwise.
    func exchange<Result: Sendable>(
        _ request: EngineRequest, version: String?,
        read: @escaping @Sendable (inout AnswerBody) async throws -> Result
    ) async throws -> Result {
        try await withDeadline(request.deadline, request.name) {
            do {
                return try await self.performExchange(request, version: version, read: read)
            } catch let error as EngineError {
                throw error
            } catch let error as IOError {
                throw EngineError.unreachable(self.socketPath, errno: error.errnoCode)
            } catch let error where !(error is CancellationError) {
                throw EngineError(.disconnected, "\(request.name): the connection to the Docker Engine broke: \(error)")
            }
        }
    }

    private func performExchange<Result: Sendable>(
        _ request: EngineRequest, version: String?,
        read: @Sendable (inout AnswerBody) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .connect(unixDomainSocketPath: socketPath) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            do {
                try await self.send(request, version: version, to: outbound)
            } catch let error where Self.isHangUp(error) {
                // Answered, or refused, before all of the request was read: what was said is still there to read.
            }
            var parts = inbound.makeAsyncIterator()
            guard case .head(let head)? = try await parts.next() else {
                throw EngineError(.disconnected, "\(request.name): the Docker Engine closed the connection")
            }
            var body = AnswerBody(parts: parts)
            // 304: it was so already.
            guard (200..<300).contains(head.status.code) || head.status.code == 304 else {
                let message = try await Self.message(of: &body)
                throw EngineError.status(head.status.code, message: message, request: request.name)
            }
            return try await read(&body)
        }
    }

    private func send(
        _ request: EngineRequest, version: String?, to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws {
        var headers: HTTPHeaders = ["Host": "docker", "Connection": "close"]
        let whole: [UInt8]
        switch request.body {
        case .none: whole = []
        case .json(let value):
            whole = value.serialized()
            headers.add(name: "Content-Type", value: "application/json")
        case .stream(let type, _):
            whole = []
            headers.add(name: "Content-Type", value: type)
        }
        if case .stream = request.body {
            headers.add(name: "Transfer-Encoding", value: "chunked")
        } else {
            headers.add(name: "Content-Length", value: String(whole.count))
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: request.method, uri: request.target(version: version), headers: headers)
        guard case .stream(_, let next) = request.body else {
            // In one write: a server may answer, and close, as soon as it has seen what it needs.
            let body: [HTTPClientRequestPart] =
                whole.isEmpty ? [] : [.body(.byteBuffer(ByteBuffer(bytes: whole)))]
            return try await outbound.write(contentsOf: [.head(head)] + body + [.end(nil)])
        }
        try await outbound.write(.head(head))
        while let chunk = try await next() {
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: chunk))))
        }
        try await outbound.write(.end(nil))
    }

    private static func isHangUp(_ error: any Error) -> Bool {
        if let error = error as? IOError { return error.errnoCode == 32 || error.errnoCode == 104 }
        if let error = error as? ChannelError { return error == .ioOnClosedChannel || error == .alreadyClosed }
        return error is NIOAsyncWriterError
    }

    private static func message(of body: inout AnswerBody) async throws -> String {
        var bytes: [UInt8] = []
        while bytes.count < 64 << 10, let chunk = try await body.next() { bytes += chunk }
        if let value = try? JSONValue(parsing: bytes), let message = value["message"]?.stringValue { return message }
        return String(decoding: bytes.prefix(500), as: UTF8.self)
    }
}
