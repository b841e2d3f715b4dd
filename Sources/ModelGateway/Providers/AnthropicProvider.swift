internal import AsyncHTTPClient
internal import MCP
internal import NIOCore
internal import NIOHTTP1

/// Anthropic, or whatever speaks its Messages API at another address.
struct AnthropicProvider: RemoteProvider {
    private let configuration: AnthropicConfiguration
    private let upstream: Upstream

    init(_ configuration: AnthropicConfiguration, clock: GatewayClock) {
        self.configuration = configuration
        upstream = Upstream(baseURL: configuration.baseURL, limits: configuration.limits, clock: clock)
    }

    func shutdown() async { await upstream.shutdown() }

    func answer(_ request: ProviderRequest, into sink: any AnswerSink) async throws {
        let message = try await message(request)
        try await upstream.attempts(into: sink) { try await attempt(message, request, into: sink) }
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
        let path = request.target == .countTokens ? "/v1/messages/count_tokens" : "/v1/messages"
        var message = upstream.request(
            path + (request.request.usesBetaQuery ? "?beta=true" : ""),
            body: try request.request.forwarded(model: request.model), isStreamed: request.isStreamed)
        message.headers.add(name: "anthropic-version", value: request.request.version)
        if !request.request.betas.isEmpty {
            message.headers.add(name: "anthropic-beta", value: request.request.betas.joined(separator: ","))
        }
        switch key {
        case .apiKey(let key): message.headers.add(name: "x-api-key", value: key)
        case .bearer(let token): message.headers.add(name: "authorization", value: "Bearer \(token)")
        }
        return message
    }

    private func attempt(
        _ message: HTTPClientRequest, _ request: ProviderRequest, into sink: any AnswerSink
    ) async throws {
        let response = try await upstream.execute(message, isStreamed: request.isStreamed)
        await sink.named(providerRequest: response.headers.first(name: "request-id"))
        guard (200..<300).contains(response.status.code) else { throw try await refusal(response) }
        if request.isStreamed {
            await sink.beginStream()
            // Read to the end even when the message is complete, so that the connection can be used again.
            try await upstream.stream(response) { try await sink.stream($0) }
            guard await sink.isComplete else { throw Upstream.broken }
        } else {
            guard let (bytes, content) = try await upstream.collect(response),
                request.target == .countTokens
                    ? content["input_tokens"]?.intValue != nil : content["type"]?.stringValue == "message"
            else { throw Upstream.nonsense }
            await sink.whole(bytes, content: content)
        }
    }

    private func refusal(_ response: HTTPClientResponse) async throws -> Upstream.Failure {
        var (failure, _) = try await upstream.refusal(response) { ProviderFailure.error(in: $0, status: $1) }
        failure.error.providerRequestID =
            failure.error.providerRequestID ?? response.headers.first(name: "request-id")
        return failure
    }
}
