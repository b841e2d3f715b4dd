internal import AsyncHTTPClient
internal import MCP
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// One request, one answer, no redirect followed. Says of a failure whether the request can have arrived.
final class HTTPExchange: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod = .POST
        var url: SlackURL
        var headers: [(String, String)] = []
        var body: [UInt8]?
        /// The answer's body may be this long; a longer one is a failure.
        var mostBytes: Int
    }

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: [UInt8]

        func header(_ name: String) -> String? { headers.first(name: name) }
    }

    enum Failure: Error {
        /// No connection: nothing was sent.
        case unreachable(String)
        /// Sent, at least in part, and then no whole answer.
        case noAnswer(String)
        case tooLarge
    }

    private let client: HTTPClient

    /// `authority`: certificates (PEM) to trust in place of the system's.
    init(authority: [UInt8]?) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authority { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority)) }
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(60)))
        // Tries are ours to count.
        settings.connectionPool.retryConnectionEstablishment = false
        // Slack closes idle connections; a call on one that is just being closed would have an unknown fate.
        settings.connectionPool.idleTimeout = .seconds(20)
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        settings.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    func shutdown() async { try? await client.shutdown() }

    /// Throws `Failure`, or `CancellationError`.
    func send(_ request: Request, within time: Duration) async throws -> Answer {
        var message = HTTPClientRequest(url: request.url.text)
        message.method = request.method
        message.headers = HTTPHeaders(request.headers)
        message.headers.add(name: "user-agent", value: "bulkhead")
        // What comes packed has another size unpacked.
        message.headers.add(name: "accept-encoding", value: "identity")
        if let body = request.body { message.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            let response = try await client.execute(message, deadline: .now() + TimeAmount(time))
            var body: [UInt8] = []
            for try await piece in response.body {
                guard body.count + piece.readableBytes <= request.mostBytes else { throw Failure.tooLarge }
                body += piece.readableBytesView
            }
            return Answer(status: Int(response.status.code), headers: response.headers, body: body)
        } catch {
            try Task.checkCancellation()
            throw Self.failure(error)
        }
    }

    /// Never the library's own words on a request: they could quote it.
    private static func failure(_ error: any Error) -> Failure {
        switch error {
        case let error as Failure: return error
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
                return .unreachable("no connection in time")
            case .deadlineExceeded, .readTimeout, .writeTimeout: return .noAnswer("no answer in time")
            case .remoteConnectionClosed: return .noAnswer("the connection was closed before the answer")
            default: return .noAnswer("the exchange failed")
            }
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            return .unreachable("its certificate is not trusted, or TLS failed")
        case is NIOConnectionError: return .unreachable("nothing answers there")
        case let error as IOError where error.errnoCode == 111: return .unreachable("nothing answers there")
        case let error as ChannelError:
            if case .connectTimeout = error { return .unreachable("no connection in time") }
            return .noAnswer("the connection broke")
        default: return .noAnswer("the connection broke")
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, rest) = max(duration, .zero).components
        self = .nanoseconds(
            seconds > 1_000_000_000 ? .max / 4 : seconds * 1_000_000_000 + rest / 1_000_000_000)
    }
}
