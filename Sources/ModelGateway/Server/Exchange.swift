internal import MCP
internal import Model
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// A request and the means to answer it. The answering side writes head, body parts and end in this order, awaiting each
/// write: that is the back-pressure, for a write is done when the kernel has taken the bytes.
final class Exchange: Sendable {
    enum Interruption: Sendable {
        /// The client closed the connection.
        case departed
        /// Calls of this session were cancelled.
        case cancelled
        /// The gateway ends.
        case shutdown
    }

    let compartment: CompartmentID
    let request: DoorRequest
    private let channel: any Channel
    private let writeDeadline: TimeAmount
    private let interruptions: AsyncStream<Interruption>
    private let interruption: AsyncStream<Interruption>.Continuation
    private let headWritten = Mutex(false)

    init(compartment: CompartmentID, request: DoorRequest, channel: any Channel, writeDeadline: Duration) {
        self.compartment = compartment
        self.request = request
        self.channel = channel
        self.writeDeadline = TimeAmount(writeDeadline)
        (interruptions, interruption) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Tells whoever answers that there is no point in going on. Only the first reason counts.
    func interrupt(_ reason: Interruption) {
        interruption.yield(reason)
    }

    /// Waits for an interruption. Consumed by one caller; `nil` when that caller's task is cancelled.
    func interrupted() async -> Interruption? {
        for await reason in interruptions { return reason }
        return nil
    }

    var hasBegun: Bool { headWritten.withLock { $0 } }

    func writeHead(status: Int, headers: [(String, String)]) async throws {
        headWritten.withLock { $0 = true }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: HTTPHeaders(headers))
        try await write(.head(head))
    }

    func writeBody(_ bytes: ByteBuffer) async throws {
        try await write(.body(.byteBuffer(bytes)))
    }

    func writeEnd() async throws {
        try await write(.end(nil))
    }

    /// A whole answer. Its end is marked before its bytes leave: who has read them may ask the next thing at once.
    func answer(status: Int, headers: [(String, String)], body: [UInt8]) async throws {
        headWritten.withLock { $0 = true }
        let fields = HTTPHeaders(headers + [("content-length", String(body.count))])
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if !body.isEmpty {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        }
        try await write(.end(nil))
    }

    func answer(_ error: APIError) async throws {
        let body = request.method == .HEAD ? [] : error.body.serialized()
        try await answer(status: error.status, headers: error.headers, body: body)
    }

    /// Ends the connection without the mark that a chunked body is complete.
    func abort() {
        channel.close(promise: nil)
    }

    private func write(_ part: HTTPServerResponsePart) async throws {
        let channel = channel
        // A client that does not read must not hold the call (and the provider's stream) for ever.
        let deadline = channel.eventLoop.scheduleTask(in: writeDeadline) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        try await channel.writeAndFlush(part).get()
    }
}
