internal import MCP
internal import NIOCore

/// Something that answers requests of the Messages API.
protocol Provider: Sendable {
    /// Answers by calling `sink`, once with a whole answer or several times with a stream, awaiting each call. Throws
    /// what the client shall be told; after a stream has begun that ends it.
    func answer(_ request: ProviderRequest, into sink: any AnswerSink) async throws
}

/// A provider with connections of its own.
protocol RemoteProvider: Provider {
    func shutdown() async
}

struct ProviderRequest: Sendable {
    var target: RequestTarget
    /// The provider's name for the model.
    var model: String
    var request: MessagesRequest
    /// The most the target answers with; `nil`: what is asked.
    var outputTokens: Int?

    /// Whether the answer comes in pieces.
    var isStreamed: Bool { request.isStreamed && target == .messages }
}

/// Where a provider's answer goes.
protocol AnswerSink: Sendable {
    /// Before a target is asked for the first time.
    func asks(_ target: ModelTarget) async
    /// Before each time the provider is asked.
    func attempt() async
    func named(providerRequest id: String?) async
    func whole(_ body: [UInt8], content: JSONValue) async
    /// Anew for each attempt.
    func beginStream() async
    /// Pieces of a server-sent-event stream, cut anywhere. Throws an `APIError` where the stream says that it failed, or
    /// says nonsense, and another error where the client is gone. Returns whether an event was whole with them.
    @discardableResult
    func stream(_ bytes: ByteBuffer) async throws -> Bool
    /// Something has been passed on to the client: asking again would answer twice.
    var hasPassedAnything: Bool { get async }
    /// The stream's own end has come.
    var isComplete: Bool { get async }
}
