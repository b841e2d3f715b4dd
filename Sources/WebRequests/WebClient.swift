internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// One request to one checked address. The name is not resolved again, TLS is verified against it, redirects are answers.
struct WebClient: Sendable {
    struct Message: Sendable {
        var method: String
        var url: String
        var host: String
        var address: String
        var headers: [(String, String)]
        var body: [UInt8]?
    }

    let limits: WebRequestLimits
    /// PEM, to trust in place of the system's; for tests.
    let authority: [UInt8]?

    /// `progress` is told of bytes as they come, so that what breaks off is counted too.
    func send(_ message: Message, within time: Duration) async throws(WebRequestError) -> ResponseText {
        let client: HTTPClient
        do {
            client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try configuration(message))
        } catch {
            throw WebRequestError("The connection could not be prepared: \(error)")
        }
        let result: Result<ResponseText, WebRequestError>
        do {
            result = .success(try await receive(message, client, deadline: ContinuousClock.now + time))
        } catch {
            result = .failure(Self.inWords(error, message.host))
        }
        // Not cancelled with the call: the connection is to be gone in any case.
        await Task { try? await client.shutdown() }.value
        return try result.get()
    }

    private func configuration(_ message: Message) throws -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authority { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority)) }
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .nanoseconds(limits.idle.nanoseconds)))
        settings.connectionPool.retryConnectionEstablishment = false
        settings.httpVersion = .http1Only
        settings.dnsOverride = [message.host: message.address]
        return settings
    }

    private func receive(
        _ message: Message, _ client: HTTPClient, deadline: ContinuousClock.Instant
    ) async throws -> ResponseText {
        var request = HTTPClientRequest(url: message.url)
        request.method = HTTPMethod(rawValue: message.method)
        for (name, value) in message.headers { request.headers.add(name: name, value: value) }
        // What comes packed could be anything once it is unpacked.
        request.headers.replaceOrAdd(name: "accept-encoding", value: "identity")
        if let body = message.body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let left = deadline - ContinuousClock.now
        let response = try await client.execute(request, deadline: .now() + .nanoseconds(left.nanoseconds))
        var text = ResponseText(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) }, body: [],
            isCut: false)
        for try await piece in response.body {
            let room = limits.responseBytes - text.body.count
            text.body += piece.readableBytesView.prefix(room)
            guard piece.readableBytes <= room else {
                text.isCut = true
                break
            }
            guard ContinuousClock.now < deadline else { throw HTTPClientError.deadlineExceeded }
        }
        return text
    }

    private static func inWords(_ error: any Error, _ host: String) -> WebRequestError {
        if let error = error as? WebRequestError { return error }
        if error is CancellationError { return WebRequestError("The request was cancelled.") }
        switch error as? HTTPClientError {
        case .deadlineExceeded, .readTimeout, .writeTimeout, .connectTimeout:
            return WebRequestError("\(host) did not answer in time; it may have got the request.")
        case .cancelled: return WebRequestError("The request was cancelled.")
        case .remoteConnectionClosed:
            return WebRequestError("\(host) closed the connection before its answer was whole.")
        default: break
        }
        if error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError {
            return WebRequestError("\(host) has no certificate that is trusted for that name: \(brief(error))")
        }
        return WebRequestError("\(host) could not be reached: \(brief(error))")
    }

    /// Never a request's own bytes: errors of the client name what failed, and are cut all the same.
    private static func brief(_ error: any Error) -> String { String(String(describing: error).prefix(200)) }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, rest) = components
        return seconds.multipliedReportingOverflow(by: 1_000_000_000).overflow
            ? .max : seconds * 1_000_000_000 + rest / 1_000_000_000
    }
}
