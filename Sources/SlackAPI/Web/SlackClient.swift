package import Logging
package import MCP
internal import NIOHTTP1
internal import Synchronization

/// Slack's Web API with one token. Every call throws `SlackError` or, where its task is cancelled, `CancellationError`.
///
/// Calls wait for their turn in the rate of their method; what Slack says of a rate (429) holds for all callers. A call that
/// may be repeated is, until `SlackLimits.tries` or its patience end. One that may not (posts) is repeated only where Slack
/// cannot have done it; else it fails as `unknownOutcome`, and whoever called looks first.
package final class SlackClient: Sendable {
    package let endpoint: SlackEndpoint
    package let limits: SlackLimits
    let exchange: HTTPExchange
    let clock: SlackClock
    let authority: [UInt8]?
    private let rates: RateLimiter
    private let logger: Logger
    /// Asked at each call, so that it can be exchanged while the program runs.
    private let token: @Sendable () async throws -> SlackToken
    /// The workspace's own address, once `authTest` told it.
    let workspace = Mutex<SlackURL?>(nil)

    /// `authority`: certificates (PEM) to trust in place of the system's; throws where they are none. Silent without a `logger`.
    package init(
        endpoint: SlackEndpoint, limits: SlackLimits = SlackLimits(), authority: [UInt8]? = nil,
        clock: SlackClock = .system,
        logger: Logger = Logger(label: "slack", factory: { _ in SwiftLogNoOpLogHandler() }),
        token: @escaping @Sendable () async throws -> SlackToken
    ) throws {
        self.endpoint = endpoint
        self.limits = limits
        self.clock = clock
        self.authority = authority
        self.logger = logger
        self.token = token
        rates = RateLimiter(longestQueue: limits.longestQueue, clock: clock)
        do {
            exchange = try HTTPExchange(authority: authority)
        } catch {
            throw SlackError(.permanent, "no_authority", method: "client", "The authority's certificates are no PEM.")
        }
    }

    /// Has to be called before the client is let go.
    package func shutdown() async { await exchange.shutdown() }

    /// Any method; the typed calls below it are made of this. Members that are null are not sent.
    @discardableResult
    package func call(_ method: SlackMethod, _ arguments: JSONObject = [:]) async throws -> JSONValue {
        try await answer(method, arguments).body
    }

    /// As `call`, with the scopes the token was granted, where Slack says so.
    func answer(_ method: SlackMethod, _ arguments: JSONObject) async throws -> WebAnswer {
        let deadline = clock.now() + limits.patience
        let bucket = RateLimiter.Bucket(
            method: method.name, channel: method.isPost ? arguments["channel"]?.stringValue : nil)
        let request = try await request(method, arguments)
        var failures = 0
        while true {
            try await rates.enter(bucket, method.limit, until: deadline)
            let attempt = await attempt(method, request, until: deadline)
            try Task.checkCancellation()
            switch attempt {
            case .answer(let answer): return answer
            case .slower(let pause):
                logger.debug(
                    "slack asks for less", metadata: ["method": .string(method.name), "seconds": "\(pause)"])
                await rates.close(bucket, method.limit, for: pause)
            case .failed(let error):
                failures += 1
                guard error.kind == .transient, failures < limits.tries else { throw error }
                let wait = limits.backoff.wait(before: failures)
                guard clock.now() + wait < deadline else { throw error }
                try await clock.sleep(for: wait)
            }
        }
    }

    private enum Attempt {
        case answer(WebAnswer)
        /// Refused by its rate: nothing was done.
        case slower(Duration)
        case failed(SlackError)
    }

    private func request(_ method: SlackMethod, _ arguments: JSONObject) async throws -> HTTPExchange.Request {
        guard let url = SlackURL(endpoint.address(of: method.name)) else {
            throw SlackError(.permanent, "refused_address", method: method.name, "The address of Slack is no address.")
        }
        let given = JSONObject(arguments.lazy.filter { !$0.value.isNull }.map { ($0.key, $0.value) })
        let body = method.takesJSON ? given.serialized() : FormFields.encode(given)
        let type = method.takesJSON ? "application/json; charset=utf-8" : "application/x-www-form-urlencoded"
        return HTTPExchange.Request(
            url: url, headers: try await authorization(method.name) + [("content-type", type)], body: body,
            mostBytes: limits.answerBytes)
    }

    func authorization(_ method: String) async throws -> [(String, String)] {
        do {
            return [("authorization", "Bearer \(try await token().value)")]
        } catch let error as SlackError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw SlackError(.auth, "no_token", method: method, "The token cannot be had: \(error)")
        }
    }

    private func attempt(
        _ method: SlackMethod, _ request: HTTPExchange.Request, until deadline: ContinuousClock.Instant
    ) async -> Attempt {
        let answer: HTTPExchange.Answer
        do {
            answer = try await exchange.send(request, within: min(limits.answer, deadline - clock.now()))
        } catch {
            return .failed(Self.error(error, method.name, isRepeatable: method.isRepeatable, at: endpoint.base))
        }
        return Self.read(answer, method)
    }

    private static func read(_ answer: HTTPExchange.Answer, _ method: SlackMethod) -> Attempt {
        if answer.status == 429 { return .slower(pause(answer)) }
        guard answer.status < 500, let json = try? JSONValue(parsing: answer.body), let ok = json["ok"]?.boolValue,
            answer.status == 200 || !ok
        else { return .failed(noAnswerOfSlacks(answer, method)) }
        guard ok else {
            let error = SlackError(answer: json, method: method.name, isRepeatable: method.isRepeatable)
            return ["ratelimited", "rate_limited"].contains(error.code) ? .slower(pause(answer)) : .failed(error)
        }
        return .answer(WebAnswer(body: json, scopes: answer.header("x-oauth-scopes")))
    }

    /// A proxy's page, a cut answer, a failure of Slack's own servers.
    private static func noAnswerOfSlacks(_ answer: HTTPExchange.Answer, _ method: SlackMethod) -> SlackError {
        let (status, isGood) = (answer.status, answer.status == 200)
        let wasRefused = (300..<500).contains(status)
        return SlackError(
            wasRefused || method.isRepeatable ? .transient : .unknownOutcome,
            isGood ? "malformed_answer" : "http_\(status)", method: method.name,
            isGood ? "The answer is none of Slack's." : "It answered with status \(status).")
    }

    /// Whole seconds, as Slack sends them; never less than one, nor more than an hour, whatever stands there.
    private static func pause(_ answer: HTTPExchange.Answer) -> Duration {
        .seconds(min(max(answer.header("retry-after").flatMap { Int64($0) } ?? 1, 1), 3600))
    }

    static func error(_ error: any Error, _ method: String, isRepeatable: Bool, at url: SlackURL) -> SlackError {
        switch error {
        case HTTPExchange.Failure.unreachable(let why):
            SlackError(.transient, "unreachable", method: method, "\(url) cannot be reached: \(why).")
        case HTTPExchange.Failure.tooLarge:
            SlackError(
                isRepeatable ? .permanent : .unknownOutcome, "too_large", method: method,
                "The answer is larger than is taken.")
        case HTTPExchange.Failure.noAnswer(let why):
            SlackError(
                isRepeatable ? .transient : .unknownOutcome, "no_answer", method: method, "\(url): \(why).")
        default:
            SlackError(
                isRepeatable ? .transient : .unknownOutcome, "no_answer", method: method, "\(url): no answer.")
        }
    }
}

/// What a method answered with `ok`.
struct WebAnswer: Sendable {
    let body: JSONValue
    /// As the header has it: names with commas between them.
    let scopes: String?
}
