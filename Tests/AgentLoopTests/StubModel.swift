import Glibc
import MCP
import Synchronization

/// A model behind a Unix socket that answers each connection with the next scripted response.
final class StubModel: Sendable {
    /// The bytes of a response, sent in pieces of `piece` bytes; then the connection is closed.
    struct Answer: Sendable {
        var bytes: [UInt8]
        var piece = Int.max
        /// Closes without reading the request.
        var readsRequest = true
        /// Keeps the connection open without a word until the client leaves.
        var stalls = false

        static func text(_ text: String) -> Answer { Answer(bytes: ModelStream.response(ModelStream.answer(text))) }
        static func events(_ events: [JSONValue]) -> Answer {
            Answer(bytes: ModelStream.response(ModelStream.bytes(events)))
        }
    }

    let path: String
    private let listening: CInt
    private let answers: Mutex<[Answer]>
    private let recorded = Mutex<[JSONValue]>([])

    init(_ answers: [Answer]) throws {
        path = "/tmp/bulkhead-test-\(UInt64.random(in: 0...UInt64.max)).sock"
        self.answers = Mutex(answers)
        listening = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listening, 16) == 0 else { throw StubFailure() }
        guard DescriptorThread.start({ [self] in serve() }) else { throw StubFailure() }
    }

    struct StubFailure: Error {}

    var requests: [JSONValue] { recorded.withLock(\.self) }

    /// Ends the serving thread.
    func close() {
        shutdown(listening, CInt(SHUT_RDWR))
        unlink(path)
    }

    private func serve() {
        defer { Glibc.close(listening) }
        while true {
            let connection = accept(listening, nil, nil)
            guard connection >= 0 else { return }
            let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let answer { handle(connection, answer) }
            Glibc.close(connection)
        }
    }

    private func handle(_ connection: CInt, _ answer: Answer) {
        if answer.readsRequest, let body = readRequest(connection) { recorded.withLock { $0.append(body) } }
        var rest = answer.bytes[...]
        while !rest.isEmpty {
            let count = rest.prefix(answer.piece).withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
        if answer.stalls {
            var byte: UInt8 = 0
            _ = recv(connection, &byte, 1, 0)
        }
    }

    private func readRequest(_ connection: CInt) -> JSONValue? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let head = text.firstRange(of: "\r\n\r\n"), let field = text.firstRange(of: "Content-Length: ") {
                let length = Int(text[field.upperBound...].prefix { $0.isNumber }) ?? 0
                let body = text[head.upperBound...].utf8
                if body.count >= length { return try? JSONValue(parsing: Array(body)) }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}
