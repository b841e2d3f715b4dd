internal import AsyncHTTPClient
internal import MCP
internal import Markdown
internal import NIOCore
internal import NIOHTTP1

/// The daemon's HTTP API on its Unix socket. The daemon knows the caller by the socket's peer credentials.
package struct APIClient: Sendable {
    package let socketPath: String
    /// An admin's right: to speak for this person. Recorded as "on behalf of".
    package let onBehalfOf: String?
    private let http: HTTPClient
    /// How long the daemon may take to begin an answer.
    private let patience: Duration

    static let maximumAnswer = 64 << 20

    /// Runs `body` with a client and closes its connections afterwards.
    package static func with<Result: Sendable>(
        socketPath: String, onBehalfOf: String? = nil, patience: Duration = .seconds(30),
        _ body: @Sendable (APIClient) async throws -> Result
    ) async throws -> Result {
        if let failure = SocketProbe.failure(at: socketPath) { throw failure }
        var configuration = HTTPClient.Configuration()
        // The daemon sends a comment every 15 s on an otherwise silent stream.
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(60))
        configuration.redirectConfiguration = .disallow
        // A daemon that is not there is told at once; who wants to wait for it does so knowingly.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result
        do {
            result = try await body(
                APIClient(socketPath: socketPath, onBehalfOf: onBehalfOf, http: client, patience: patience))
        } catch {
            try? await client.shutdown()
            throw error
        }
        try? await client.shutdown()
        return result
    }

    func get(_ path: String, _ query: [(String, String?)] = []) async throws -> ResponseReader {
        try await send(.GET, path, query, body: nil)
    }

    /// The bytes of a stored file.
    package func file(_ attachment: String) async throws -> [UInt8] {
        let place = "/api/files/" + PercentEncoding.encode(attachment)
        let response = try await execute(try request(.GET, place, [], body: nil))
        let bytes: [UInt8]
        do {
            bytes = Array(buffer: try await response.body.collect(upTo: LocalFile.maximumBytes))
        } catch is NIOTooManyBytesError {
            throw TerminalError(.file, "The file is over \(LocalFile.maximumBytes >> 20) MiB.")
        } catch {
            throw translated(error)
        }
        guard response.status == .ok else { throw refusal(response.status, bytes, "GET " + place) }
        return bytes
    }

    func post(_ path: String, _ body: JSONObject) async throws -> ResponseReader {
        try await send(.POST, path, [], body: JSONValue.object(body).serialized())
    }

    /// Every request of this API may be repeated without harm, so a connection that died idle costs one more try.
    func send(
        _ method: HTTPMethod, _ path: String, _ query: [(String, String?)], body: [UInt8]?,
        type: String = "application/json", patience: Duration? = nil
    ) async throws -> ResponseReader {
        let patience = patience ?? self.patience
        let request = try request(method, path, query, body: body, type: type)
        let place = "\(method) \(path)"
        let status: HTTPResponseStatus
        let bytes: [UInt8]
        do {
            (status, bytes) = try await exchange(request, place, patience)
        } catch let error as TerminalError where error.code == .connectionLost {
            (status, bytes) = try await exchange(request, place, patience)
        }
        guard (200..<300).contains(status.code) else { throw refusal(status, bytes, place) }
        do {
            return ResponseReader(value: try JSONValue(parsing: bytes), place: place)
        } catch {
            throw TerminalError(
                .protocolMismatch, "What answers at \(socketPath) is not a Bulkhead daemon: \(place) gave no JSON.")
        }
    }

    /// Within the client's patience: a daemon that begins an answer and then says nothing is as silent as any other.
    private func exchange(
        _ request: HTTPClientRequest, _ place: String, _ patience: Duration
    ) async throws -> (HTTPResponseStatus, [UInt8]) {
        try await withThrowingTaskGroup(of: (HTTPResponseStatus, [UInt8])?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                let response = try await execute(request, patience)
                do {
                    let body = try await response.body.collect(upTo: Self.maximumAnswer)
                    return (response.status, Array(buffer: body))
                } catch is NIOTooManyBytesError {
                    throw TerminalError(.protocolMismatch, "The daemon's answer to \(place) is over 64 MiB.")
                } catch {
                    throw translated(error)
                }
            }
            group.addTask {
                try await Task.sleep(for: patience)
                return nil
            }
            guard let answer = try await group.next() ?? nil else { throw silence }
            return answer
        }
    }

    private var silence: TerminalError {
        TerminalError(
            .timedOut, "The daemon at \(socketPath) has not answered for a while. `bulkhead doctor` may say why.")
    }

    /// The events of a conversation from the stored entry after `sequence` on; ends when the daemon ends the stream.
    /// `opened` runs once the daemon has agreed.
    func events(
        of conversation: String, after sequence: Int64, opened: () async throws -> Void,
        _ deliver: (ChatEvent) async throws -> Void
    ) async throws {
        let path = "/api/conversations/\(PercentEncoding.encode(conversation))/events"
        var request = try request(.GET, path, [("after", String(sequence))], body: nil)
        request.headers.replaceOrAdd(name: "Accept", value: "text/event-stream")
        let response = try await execute(request)
        guard response.status == .ok else {
            let body = try? await response.body.collect(upTo: 1 << 16)
            throw refusal(response.status, body.map { Array(buffer: $0) } ?? [], "GET \(path)")
        }
        try await opened()
        var parser = ServerSentEventParser()
        var body = response.body.makeAsyncIterator()
        while let buffer = try await next(&body) {
            for event in try parser.append(buffer.readableBytesView) {
                if let event = try ChatEvent(event) { try await deliver(event) }
            }
        }
    }

    func next(_ body: inout HTTPClientResponse.Body.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await body.next()
        } catch {
            throw translated(error)
        }
    }

    func request(
        _ method: HTTPMethod, _ path: String, _ query: [(String, String?)], body: [UInt8]?,
        type: String = "application/json"
    ) throws -> HTTPClientRequest {
        let pairs = query.compactMap { name, value in value.map { name + "=" + PercentEncoding.encode($0) } }
        let target = pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
        var request = HTTPClientRequest(url: "http+unix://" + PercentEncoding.encode(socketPath) + target)
        request.method = method
        request.headers.add(name: "Host", value: "localhost")
        request.headers.add(name: "Accept", value: "application/json")
        if let onBehalfOf {
            guard onBehalfOf.unicodeScalars.allSatisfy({ VisibleText.isHarmless($0) && $0 != "\n" }) else {
                throw TerminalError(.usage, "“\(onBehalfOf)” cannot be the name of a person.")
            }
            request.headers.add(name: "X-Bulkhead-As", value: onBehalfOf)
        }
        return request.with(body, type)
    }

    func execute(_ request: HTTPClientRequest, _ patience: Duration? = nil) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, deadline: .now() + TimeAmount(patience ?? self.patience))
        } catch {
            throw translated(error)
        }
    }

    private func translated(_ error: any Error) -> any Error {
        if error is TerminalError || error is CancellationError { return error }
        if Task.isCancelled { return CancellationError() }
        if let failure = SocketProbe.failure(at: socketPath) { return failure }
        if error as? HTTPClientError == .deadlineExceeded || error as? HTTPClientError == .readTimeout {
            return silence
        }
        return TerminalError(.connectionLost, "The connection to the daemon at \(socketPath) broke off.")
    }

    func refusal(_ status: HTTPResponseStatus, _ body: [UInt8], _ place: String) -> TerminalError {
        let error = (try? JSONValue(parsing: body))?["error"]
        let message = error?["message"]?.stringValue
        switch status.code {
        case 401, 403:
            return TerminalError(.refused, message ?? "The daemon refused \(place).")
        case 404:
            return TerminalError(
                .notFound, message ?? "The daemon does not know \(place). It may be older than this program.")
        case 400..<500:
            return TerminalError(.refused, message ?? "The daemon refused \(place) with status \(status.code).")
        default:
            return TerminalError(
                .serverFailure,
                (message ?? "The daemon failed at \(place) with status \(status.code).") + " Its log says more.")
        }
    }
}

extension HTTPClientRequest {
    fileprivate func with(_ body: [UInt8]?, _ type: String) -> HTTPClientRequest {
        guard let body else { return self }
        var request = self
        request.headers.add(name: "Content-Type", value: type)
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
    }
}
