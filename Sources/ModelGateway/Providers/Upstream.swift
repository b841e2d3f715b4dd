internal import AsyncHTTPClient
internal import MCP
internal import Model
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The way to one provider: connections, deadlines, retries. What is asked there, and how an answer is read, is the
/// provider's own.
struct Upstream: Sendable {
    private let baseURL: String
    private let limits: UpstreamLimits
    private let clock: GatewayClock
    /// For streams, where silence means trouble, and for answers in one piece, where it means thinking.
    private let streaming: HTTPClient
    private let waiting: HTTPClient

    init(baseURL: String, limits: UpstreamLimits, clock: GatewayClock) {
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.limits = limits
        self.clock = clock
        streaming = Self.client(limits, idle: limits.streamIdle)
        waiting = Self.client(limits, idle: limits.wholeAnswer)
    }

    func shutdown() async {
        try? await streaming.shutdown()
        try? await waiting.shutdown()
    }

    private static func client(_ limits: UpstreamLimits, idle: Duration) -> HTTPClient {
        var settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(limits.connectDeadline), read: TimeAmount(idle)),
            connectionPool: .init(idleTimeout: .seconds(60), concurrentHTTP1ConnectionsPerHostSoftLimit: 1024))
        // Retries are decided in one place, `RetryPolicy`.
        settings.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: settings)
    }

    /// One attempt's failure: for the retry policy, and for the client if there is no further attempt.
    struct Failure: Error {
        var retry: RetryPolicy.Failure
        var error: APIError
        /// Nobody is there, or nobody has the time. Not: an answer that is wrong or breaks off, which may be the question's
        /// doing.
        var isAbsence = false
    }

    /// Makes attempts until one is not worth repeating. Throws an `APIError`, or that the call is over.
    func attempts(into sink: any AnswerSink, _ attempt: () async throws -> Void) async throws {
        let policy = RetryPolicy(maximumRetries: limits.maximumRetries, longestWait: limits.longestRetryWait)
        var retries = 0
        while true {
            await sink.attempt()
            var failure: Failure
            do {
                return try await attempt()
            } catch let error as Failure {
                failure = error
            }
            let now = clock.now().milliseconds / 1000
            guard await !sink.hasPassedAnything,
                case .retry(let wait) = policy.decide(failure.retry, retries: retries, now: now)
            else {
                failure.error.isTemporary = failure.isAbsence && policy.isWorthwhile(failure.retry)
                throw failure.error
            }
            retries += 1
            try await clock.sleep(wait)
        }
    }

    /// `POST` of JSON; the answer's bytes come as they are, for a compressed one could not be metered.
    func request(_ path: String, body: [UInt8], isStreamed: Bool) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: baseURL + path)
        message.method = .POST
        message.headers = [
            "content-type": "application/json", "accept": isStreamed ? "text/event-stream" : "application/json",
            "accept-encoding": "identity", "user-agent": "bulkhead",
        ]
        message.body = .bytes(ByteBuffer(bytes: body))
        return message
    }

    /// The head of the answer, whatever its status.
    func execute(_ message: HTTPClientRequest, isStreamed: Bool) async throws -> HTTPClientResponse {
        let patience = patience(isStreamed)
        let response = try await words(isStreamed: isStreamed, hasBegun: false) {
            try await (isStreamed ? streaming : waiting).execute(message, deadline: .now() + TimeAmount(patience))
        }
        guard (200..<300).contains(response.status.code) else { return response }
        if let encoding = response.headers.first(name: "content-encoding"), encoding.lowercased() != "identity" {
            throw Self.nonsense
        }
        if isStreamed {
            let type = response.headers.first(name: "content-type") ?? ""
            guard type.lowercased().hasPrefix("text/event-stream") else { throw Self.nonsense }
        }
        return response
    }

    /// Hands the body on piece by piece. `take` says whether the piece brought the answer on: where nothing does for as
    /// long as silence is borne, a drip of bytes is no better than silence.
    func stream(_ response: HTTPClientResponse, _ take: (ByteBuffer) async throws -> Bool) async throws {
        var pieces = response.body.makeAsyncIterator()
        var progress = clock.uptime()
        while let piece = try await words(isStreamed: true, hasBegun: true, { try await pieces.next() }) {
            do {
                if try await take(piece) { progress = clock.uptime() }
            } catch let error as APIError {
                let isAbsence = [429, 503, 529].contains(error.status)
                throw Failure(retry: .init(status: error.status), error: error, isAbsence: isAbsence)
            }
            guard clock.uptime() - progress <= limits.streamIdle else { throw silence(isStreamed: true) }
        }
        try Task.checkCancellation()
    }

    /// The whole body, within its size and its time; `nil` where it is no JSON.
    func collect(_ response: HTTPClientResponse) async throws -> (bytes: [UInt8], content: JSONValue)? {
        let began = clock.uptime()
        var bytes: [UInt8] = []
        var pieces = response.body.makeAsyncIterator()
        while let piece = try await words(isStreamed: false, hasBegun: true, { try await pieces.next() }) {
            bytes += piece.readableBytesView
            guard bytes.count <= limits.maximumAnswerBytes else { throw Self.nonsense }
            guard clock.uptime() - began <= limits.wholeAnswer else { throw silence(isStreamed: false) }
        }
        try Task.checkCancellation()
        let content = try? JSONValue(parsing: bytes, limits: JSONLimits(maximumBytes: limits.maximumAnswerBytes))
        return content.map { (bytes, $0) }
    }

    /// An answer that is none: read, put into words by `explain` where it can be, and weighed for another attempt.
    func refusal(
        _ response: HTTPClientResponse, explain: (JSONValue, _ status: Int) -> APIError?
    ) async throws -> (failure: Failure, content: JSONValue?) {
        let status = Int(response.status.code)
        let body = try? await response.body.collect(upTo: 1 << 20)
        try Task.checkCancellation()
        let content = body.flatMap { try? JSONValue(parsing: Array(buffer: $0)) }
        var error = content.flatMap { explain($0, status) } ?? ProviderFailure.unreadable(status: status)
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
        return (Failure(retry: retry, error: error, isAbsence: true), content)
    }

    static var nonsense: Failure {
        Failure(retry: .init(status: 502, shouldRetry: "false"), error: ProviderFailure.unreadable(status: 200))
    }

    static var broken: Failure { Failure(retry: .init(), error: ProviderFailure.brokenStream) }

    private func patience(_ isStreamed: Bool) -> Duration { isStreamed ? limits.streamIdle : limits.wholeAnswer }

    private func silence(isStreamed: Bool) -> Failure {
        Failure(
            retry: .init(mayAskAgain: false),
            error: APIError(
                504, .timeout,
                "The model did not answer within \(patience(isStreamed).components.seconds) seconds. Please try again.",
                shouldRetry: false))
    }

    /// Of the address, with its port; for people and for telling whose server it is.
    var host: Substring {
        let rest = baseURL.split(separator: "//", maxSplits: 1).last ?? ""
        // Whatever stands before an @ may be a password.
        return (rest.split(separator: "/").first ?? rest).split(separator: "@").last ?? ""
    }

    /// Runs a step towards the provider, before or after its answer `hasBegun`, and puts its failure into words. Never for
    /// steps towards the client.
    private func words<Result>(
        isStreamed: Bool, hasBegun: Bool, isolation: isolated (any Actor)? = #isolation,
        _ step: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await step()
        } catch {
            try Task.checkCancellation()
            let timeouts: [HTTPClientError] = [.deadlineExceeded, .readTimeout, .writeTimeout]
            if let error = error as? HTTPClientError, timeouts.contains(error) {
                throw silence(isStreamed: isStreamed)
            }
            if hasBegun { throw Self.broken }
            throw Failure(
                retry: .init(),
                error: APIError(
                    503, .api,
                    "The model cannot be reached at \(host) (\(String(describing: error).prefix(200))). "
                        + "Please try again later; if it goes on, an administrator should check the network.",
                    shouldRetry: false), isAbsence: true)
        }
    }
}
