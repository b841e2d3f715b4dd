internal import AsyncHTTPClient
internal import MCP
internal import NIOCore
internal import NIOHTTP1

/// A server that speaks the chat completions API. Agents do not notice: requests and answers are translated.
struct OpenAIProvider: RemoteProvider {
    private let configuration: OpenAIConfiguration
    private let upstream: Upstream
    private let limitName: String

    init(_ configuration: OpenAIConfiguration, clock: GatewayClock) {
        self.configuration = configuration
        upstream = Upstream(baseURL: configuration.baseURL, limits: configuration.limits, clock: clock)
        limitName = ChatRequest.limitName(host: upstream.host.prefix { $0 != ":" })
    }

    func shutdown() async { await upstream.shutdown() }

    func answer(_ request: ProviderRequest, into sink: any AnswerSink) async throws {
        var body = try ChatRequest.body(
            of: request.request.content, model: request.model, limitName: limitName)
        if let most = request.outputTokens, let asked = body[limitName]?.intValue, asked > Int64(most) {
            body[limitName] = .int(Int64(most))
        }
        let estimate = TokenEstimate.tokens(of: body)
        if request.target == .countTokens {
            // These servers cannot be asked.
            let count: JSONValue = ["input_tokens": .int(estimate)]
            return await sink.whole(count.serialized(), content: count)
        }
        var message = upstream.request(
            "/chat/completions", body: JSONValue.object(body).serialized(), isStreamed: request.isStreamed)
        if let key = try await configuration.key() {
            message.headers.add(name: "authorization", value: "Bearer \(key)")
        }
        let asked = Asked(message: message, request: request, estimate: estimate)
        try await upstream.attempts(into: sink) { try await attempt(asked, into: sink) }
    }

    private struct Asked {
        var message: HTTPClientRequest
        var request: ProviderRequest
        /// Tokens.
        var estimate: Int64

        var sequences: [String] {
            (request.request.content["stop_sequences"]?.arrayValue ?? []).compactMap(\.stringValue)
        }
    }

    private func attempt(_ asked: Asked, into sink: any AnswerSink) async throws {
        let response = try await upstream.execute(asked.message, isStreamed: asked.request.isStreamed)
        await sink.named(providerRequest: response.headers.first(name: "x-request-id"))
        guard (200..<300).contains(response.status.code) else { throw try await refusal(response) }
        if asked.request.isStreamed {
            try await stream(response, asked, into: sink)
        } else {
            guard let (_, content) = try await upstream.collect(response) else { throw Upstream.nonsense }
            let message: JSONObject
            do {
                message = try ChatAnswer.message(
                    from: content, model: asked.request.model, sequences: asked.sequences, estimate: asked.estimate)
            } catch {
                throw Upstream.Failure(retry: .init(status: error.status, shouldRetry: "false"), error: error)
            }
            await sink.whole(JSONValue.object(message).serialized(), content: .object(message))
        }
    }

    private func refusal(_ response: HTTPClientResponse) async throws -> Upstream.Failure {
        var (failure, content) = try await upstream.refusal(response) { ChatFailure.error(in: $0, status: $1) }
        // Waiting fills no account.
        if content?["error"]?["code"] == "insufficient_quota" { failure.retry.shouldRetry = "false" }
        failure.error.providerRequestID = response.headers.first(name: "x-request-id")
        return failure
    }

    private func stream(_ response: HTTPClientResponse, _ asked: Asked, into sink: any AnswerSink) async throws {
        await sink.beginStream()
        var chunks = ChatChunks()
        var answer = ChatStream(model: asked.request.model, sequences: asked.sequences, estimate: asked.estimate)
        do {
            try await upstream.stream(response) { piece in
                guard !chunks.isOver else { return true }
                let received = try chunks.read(piece)
                var events: [JSONValue] = []
                var failure: APIError?
                for chunk in received {
                    do throws(APIError) { events += try answer.read(chunk) } catch { failure = error }
                    if failure != nil { break }
                }
                if failure == nil, chunks.isOver { events += try answer.finish() }
                try await pass(events, into: sink)
                if let failure { throw failure }
                return !received.isEmpty || chunks.isOver
            }
        } catch let failure as Upstream.Failure where answer.isAnswered && !chunks.isOver {
            // All was said; only the figures are missing, or the mark of the end.
            guard failure.error.type == APIError.Kind.timeout.rawValue else { throw failure }
        }
        if !chunks.isOver {
            do {
                try await pass(try answer.finish(), into: sink)
            } catch let error as APIError {
                throw Upstream.Failure(retry: .init(status: error.status), error: error)
            }
        }
        guard await sink.isComplete else { throw Upstream.broken }
    }

    private func pass(_ events: [JSONValue], into sink: any AnswerSink) async throws {
        guard !events.isEmpty else { return }
        var buffer = ByteBuffer()
        for event in events {
            buffer.writeString("event: \(event["type"]?.stringValue ?? "")\ndata: ")
            buffer.writeBytes(event.serialized())
            buffer.writeString("\n\n")
        }
        try await sink.stream(buffer)
    }
}

/// The chunks of an event stream that ends with `[DONE]`.
struct ChatChunks {
    private var splitter = EventSplitter(maximumBytes: 16 << 20)
    /// The mark of the end has come.
    private(set) var isOver = false

    mutating func read(_ piece: ByteBuffer) throws(APIError) -> [JSONValue] {
        let events: [ArraySlice<UInt8>]
        do {
            events = try splitter.append(piece.readableBytesView)
        } catch {
            throw ProviderFailure.unreadable(status: 200)
        }
        var chunks: [JSONValue] = []
        for event in events where !isOver {
            let data = StreamEvent(event).data
            // Comments keep the connection open.
            if data.isEmpty { continue }
            if data.elementsEqual("[DONE]".utf8) {
                isOver = true
            } else if let chunk = try? JSONValue(parsing: data) {
                chunks.append(chunk)
            } else {
                throw ProviderFailure.unreadable(status: 200)
            }
        }
        return chunks
    }
}
