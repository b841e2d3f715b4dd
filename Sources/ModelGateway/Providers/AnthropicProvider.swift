internal import AsyncHTTPClient
internal import MCP
internal import Model
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Anthropic, or whatever speaks its Messages API at another address.
struct AnthropicProvider: Provider {
    private let configuration: AnthropicConfiguration
    private let clock: GatewayClock
    /// For streams, where silence means trouble, and for answers in one piece, where it means thinking.
    private let streaming: HTTPClient
    private let waiting: HTTPClient

    init(_ configuration: AnthropicConfiguration, clock: GatewayClock) {
        self.configuration = configuration
        self.clock = clock
        streaming = Self.client(configuration, idle: configuration.streamIdle)
        waiting = Self.client(configuration, idle: configuration.wholeAnswer)
    }

    func shutdown() async {
        try? await streaming.shutdown()
        try? await waiting.shutdown()
    }

    private static func client(_ configuration: AnthropicConfiguration, idle: Duration) -> HTTPClient {
        var settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(configuration.connectDeadline), read: TimeAmount(idle)),
            connectionPool: .init(idleTimeout: .seconds(60), concurrentHTTP1ConnectionsPerHostSoftLimit: 1024))
        // Retries are decided in one place, `RetryPolicy`.
        settings.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: settings)
    }

    func answer(_ request: ProviderRequest, into sink: any AnswerSink) async throws {
        let policy = RetryPolicy(
            maximumRetries: configuration.maximumRetries, longestWait: configuration.longestRetryWait)
        let message = try await message(request)
        var retries = 0
        while true {
            await sink.attempt()
            let failure: AttemptFailure
            do {
                return try await attempt(message, request, into: sink)
            } catch let error as AttemptFailure {
                failure = error
            }
            let now = clock.now().milliseconds / 1000
            guard await !sink.hasPassedAnything,
                case .retry(let wait) = policy.decide(failure.retry, retries: retries, now: now)
            else { throw failure.error }
            retries += 1
            try await clock.sleep(wait)
        }
    }

    /// One attempt's failure: for the retry policy, and for the client if there is no further attempt.
    private struct AttemptFailure: Error {
        var retry: RetryPolicy.Failure
        var error: APIError
    }

    /// Everything the provider sees is made here; of the client's headers only the version and granted betas pass.
    private func message(_ request: ProviderRequest) async throws -> HTTPClientRequest {
        guard let key = try await configuration.key() else {
            throw APIError(
                401, .authentication,
                "No key for the model's provider is set. An administrator has to set one with `make key` (in the file "
                    + "that model.key_file names), or choose the offline model.",
                shouldRetry: false)
        }
        let base =
            configuration.baseURL.hasSuffix("/") ? String(configuration.baseURL.dropLast()) : configuration.baseURL
        let path = request.target == .countTokens ? "/v1/messages/count_tokens" : "/v1/messages"
        var message = HTTPClientRequest(url: base + path + (request.request.usesBetaQuery ? "?beta=true" : ""))
        message.method = .POST
        message.headers = [
            "content-type": "application/json",
            "accept": request.request.isStreamed ? "text/event-stream" : "application/json",
            // A compressed answer could not be metered.
            "accept-encoding": "identity", "anthropic-version": request.request.version, "user-agent": "bulkhead",
        ]
        if !request.request.betas.isEmpty {
            message.headers.add(name: "anthropic-beta", value: request.request.betas.joined(separator: ","))
        }
        switch key {
        case .apiKey(let key): message.headers.add(name: "x-api-key", value: key)
        case .bearer(let token): message.headers.add(name: "authorization", value: "Bearer \(token)")
        }
        message.body = .bytes(ByteBuffer(bytes: try request.request.forwarded(model: request.model)))
        return message
    }

    private func attempt(
        _ message: HTTPClientRequest, _ request: ProviderRequest, into sink: any AnswerSink
    ) async throws {
        let streamed = request.request.isStreamed && request.target == .messages
        let patience = streamed ? configuration.streamIdle : configuration.wholeAnswer
        let response = try await upstream(patience: patience) {
            try await (streamed ? streaming : waiting).execute(message, deadline: .now() + TimeAmount(patience))
        }
        await sink.named(providerRequest: response.headers.first(name: "request-id"))
        guard (200..<300).contains(response.status.code) else { throw try await refusal(response, patience: patience) }
        if let encoding = response.headers.first(name: "content-encoding"), encoding.lowercased() != "identity" {
            throw nonsense
        }
        if streamed {
            try await pass(response, patience: patience, into: sink)
        } else {
            try await collect(response, request.target, patience: patience, into: sink)
        }
    }

    private func pass(
        _ response: HTTPClientResponse, patience: Duration, into sink: any AnswerSink
    ) async throws {
        let type = response.headers.first(name: "content-type") ?? ""
        guard type.lowercased().hasPrefix("text/event-stream") else { throw nonsense }
        await sink.beginStream()
        var pieces = response.body.makeAsyncIterator()
        // Read to the end even when the message is complete, so that the connection can be used again.
        while let piece = try await upstream(patience: patience, hasBegun: true, { try await pieces.next() }) {
            do {
                try await sink.stream(piece)
            } catch let error as APIError {
                throw AttemptFailure(retry: .init(status: error.status), error: error)
            }
        }
        try Task.checkCancellation()
        guard await sink.isComplete else {
            throw AttemptFailure(retry: .init(), error: ProviderFailure.brokenStream)
        }
    }

    private func collect(
        _ response: HTTPClientResponse, _ target: RequestTarget, patience: Duration, into sink: any AnswerSink
    ) async throws {
        let body = try await upstream(patience: patience, hasBegun: true) {
            try await response.body.collect(upTo: configuration.maximumAnswerBytes)
        }
        try Task.checkCancellation()
        let bytes = Array(buffer: body)
        guard
            let content = try? JSONValue(
                parsing: bytes, limits: JSONLimits(maximumBytes: configuration.maximumAnswerBytes)),
            target == .countTokens
                ? content["input_tokens"]?.intValue != nil : content["type"]?.stringValue == "message"
        else { throw nonsense }
        await sink.whole(bytes, content: content)
    }

    private func refusal(_ response: HTTPClientResponse, patience: Duration) async throws -> AttemptFailure {
        let status = Int(response.status.code)
        let body = try? await response.body.collect(upTo: 1 << 20)
        try Task.checkCancellation()
        let content = body.flatMap { try? JSONValue(parsing: Array(buffer: $0)) }
        var error =
            content.flatMap { ProviderFailure.error(in: $0, status: status) }
            ?? ProviderFailure.unreadable(status: status)
        // Redirects and other oddities must not reach the client as such.
        if status < 400 { error = ProviderFailure.unreadable(status: 502) }
        let retry = RetryPolicy.Failure(
            status: status, shouldRetry: response.headers.first(name: "x-should-retry"),
            retryAfterMilliseconds: response.headers.first(name: "retry-after-ms"),
            retryAfter: response.headers.first(name: "retry-after"),
            errorCode: content?["error"]?["details"]?["error_code"]?.stringValue)
        error.retryAfter = retry.retryAfter.flatMap(Int.init)
        // The gateway has asked as often as it is worth it.
        error.shouldRetry = false
        error.providerRequestID = error.providerRequestID ?? response.headers.first(name: "request-id")
        return AttemptFailure(retry: retry, error: error)
    }

    private var host: Substring {
        let rest = configuration.baseURL.split(separator: "//", maxSplits: 1).last ?? ""
        // Whatever stands before an @ may be a password.
        return (rest.split(separator: "/").first ?? rest).split(separator: "@").last ?? ""
    }

    private var nonsense: AttemptFailure {
        AttemptFailure(
            retry: .init(status: 502, shouldRetry: "false"), error: ProviderFailure.unreadable(status: 200))
    }

    /// Runs a step towards the provider, before or after its answer `hasBegun`, and puts its failure into words. Never for steps towards the client.
    private func upstream<Result>(
        patience: Duration, hasBegun: Bool = false, isolation: isolated (any Actor)? = #isolation,
        _ step: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await step()
        } catch {
            try Task.checkCancellation()
            let timeouts: [HTTPClientError] = [.deadlineExceeded, .readTimeout, .writeTimeout]
            if let error = error as? HTTPClientError, timeouts.contains(error) {
                throw AttemptFailure(
                    retry: .init(mayAskAgain: false),
                    error: APIError(
                        504, .timeout,
                        "The model did not answer within \(patience.components.seconds) seconds. Please try again.",
                        shouldRetry: false))
            }
            if error is NIOTooManyBytesError { throw nonsense }
            if hasBegun { throw AttemptFailure(retry: .init(), error: ProviderFailure.brokenStream) }
            throw AttemptFailure(
                retry: .init(),
                error: APIError(
                    503, .api,
                    "The model cannot be reached at \(host) (\(String(describing: error).prefix(200))). "
                        + "Please try again later; if it goes on, an administrator should check the network.",
                    shouldRetry: false))
        }
    }
}
