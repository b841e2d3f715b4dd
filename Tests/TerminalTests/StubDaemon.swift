import Glibc
import Synchronization
import Terminal

/// A server on a Unix socket that answers as it is told: for what a real daemon does rarely, or never.
final class StubDaemon: Sendable {
    struct Request: Sendable {
        var method: String
        /// With its query.
        var target: String
        var headers: [String: String]
        var body: String
    }

    enum Reply: Sendable {
        case json(Int, String)
        /// Server-sent events; the connection is closed after them, or held open.
        case events([String], holds: Bool)
        case bytes(String)
        case hangUp
    }

    typealias Script = @Sendable (Request) -> Reply

    let socketPath: String
    private let listener: Int32
    private let script: Script
    private let folder: TemporaryFolder
    private let seen = Mutex<[Request]>([])

    var requests: [Request] { seen.withLock { $0 } }

    init(_ script: @escaping Script) throws {
        folder = try TemporaryFolder()
        socketPath = folder.path + "/console.sock"
        self.script = script
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw TerminalError(.file, "the stub cannot listen") }
        BlockingThread.start { [weak self, listener] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                BlockingThread.start { [weak self] in
                    self?.serve(connection)
                    close(connection)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ connection: Int32) {
        var buffered: [UInt8] = []
        while let request = Self.request(connection, &buffered) {
            seen.withLock { $0.append(request) }
            switch script(request) {
            case .json(let status, let text):
                Self.send(
                    "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)",
                    connection)
            case .events(let events, let holds):
                Self.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", connection)
                for event in events { Self.send(event + "\n\n", connection) }
                if holds {
                    var byte: UInt8 = 0
                    _ = read(connection, &byte, 1)
                }
                return
            case .bytes(let text):
                Self.send(text, connection)
                return
            case .hangUp: return
            }
        }
    }

    private static func send(_ text: String, _ connection: Int32) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private static func request(_ connection: Int32, _ buffered: inout [UInt8]) -> Request? {
        func more() -> Bool {
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(connection, &chunk, chunk.count)
            guard count > 0 else { return false }
            buffered += chunk[..<count]
            return true
        }
        let end = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while headEnd == nil {
            headEnd = buffered.indices.dropLast(3).first { buffered[$0..<$0 + 4].elementsEqual(end) }
            if headEnd == nil, !more() { return nil }
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: buffered[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ").map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description }
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        buffered.removeFirst(headEnd + 4)
        while buffered.count < length { if !more() { return nil } }
        let body = String(decoding: buffered[..<length], as: UTF8.self)
        buffered.removeFirst(length)
        return Request(method: words[0], target: words[1], headers: headers, body: body)
    }
}

extension StubDaemon {
    /// One thread, `t1`: a message is answered with `answer` events after the entry of the message itself.
    static func answering(_ answer: [String], kind: String = "assistant") throws -> StubDaemon {
        try StubDaemon { request in
            switch (request.method, request.target.prefix { $0 != "?" }) {
            case ("GET", "/api/me"):
                return .json(
                    200,
                    #"{"person":{"id":"p","name":"anna","role":"owner"},"assistant":{"name":"Bulkhead","model":"offline"},"starters":[]}"#
                )
            case ("GET", "/api/channels"):
                return .json(200, #"{"channels":[{"id":"c1","name":"anna","kind":"dm","conversations":[]}]}"#)
            case ("POST", "/api/messages"): return .json(202, #"{"message":"mine","conversation":"t1"}"#)
            case ("GET", "/api/conversations/t1/events"):
                let own = event("entry", entry(1, "user", "hi", id: "mine"))
                return .events([own] + answer, holds: true)
            case ("POST", _): return .json(200, "{}")
            default: return .json(404, #"{"error":{"code":"not_found","message":"Nothing here."}}"#)
            }
        }
    }

    static func event(_ name: String, _ data: String) -> String { "event: \(name)\ndata: \(data)" }

    static func entry(_ sequence: Int, _ kind: String, _ text: String, id: String = "other") -> String {
        #"{"seq":\#(sequence),"id":"\#(id)","kind":"\#(kind)","author":"anna","text":"\#(text)","at":"2026-11-22T15:04:05.000Z","#
            + #""attachments":[],"tools":[]\#(kind == "user" ? "" : #","in_reply_to":"mine""#)}"#
    }
}
