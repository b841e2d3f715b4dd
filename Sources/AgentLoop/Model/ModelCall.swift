import Glibc
import MCP

/// One request and its streamed answer on a connected socket, on the calling thread.
struct ModelCall {
    private static let maximumErrorBody = 1 << 20

    let connection: UnixModelDoor.Connection
    let deadlines: UnixModelDoor.Deadlines

    private var descriptor: CInt { connection.descriptor }

    func run(_ body: [UInt8]) -> Result<ModelMessage, ModelFailure> {
        do throws(ModelFailure) {
            return .success(try exchange(Self.request(body)))
        } catch {
            return .failure(error)
        }
    }

    private static func request(_ body: [UInt8]) -> [UInt8] {
        let head = [
            "POST /v1/messages HTTP/1.1", "Host: model", "Content-Type: application/json", "Accept: text/event-stream",
            "anthropic-version: 2023-06-01", "Connection: close", "Content-Length: \(body.count)", "", "",
        ].joined(separator: "\r\n")
        return Array(head.utf8) + body
    }

    /// Writes and reads at the same time: the gateway may refuse a request before it has read it all.
    private func exchange(_ request: [UInt8]) throws(ModelFailure) -> ModelMessage {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: deadlines.whole)
        var unsent = request[...]
        var answer = ModelAnswer(maximumErrorBody: Self.maximumErrorBody)
        while true {
            let wait = min(deadlines.silence, clock.now.duration(to: end))
            let ready = try waitUntilReady(writing: !unsent.isEmpty, atMost: wait)
            if ready & CInt(POLLOUT) != 0 { unsent = send(unsent) }
            guard ready & CInt(POLLIN | POLLHUP | POLLERR) != 0 else { continue }
            guard let bytes = receive() else {
                return try answer.close()
            }
            if let message = try answer.take(bytes) { return message }
        }
    }

    private func waitUntilReady(writing: Bool, atMost wait: Duration) throws(ModelFailure) -> CInt {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN | (writing ? POLLOUT : 0)), revents: 0)
        while true {
            let milliseconds = CInt(clamping: max(0, wait.components.seconds) * 1000 + 1)
            let count = poll(&entry, 1, milliseconds)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .broken("the model sent nothing for \(wait.components.seconds) seconds")
            }
            return CInt(entry.revents)
        }
    }

    /// What is left. Where the peer reads no more, nothing is: its answer says why.
    private func send(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
        if count >= 0 { return bytes.dropFirst(count) }
        return errno == EAGAIN || errno == EINTR ? bytes : []
    }

    /// `nil` at the end of the stream; empty where there was nothing after all.
    private func receive() -> ArraySlice<UInt8>? {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, initialized in
                count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                initialized = max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return [] }
            return count > 0 ? bytes[...] : nil
        }
    }
}
