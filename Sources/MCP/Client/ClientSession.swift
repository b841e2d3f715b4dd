/// The client's side of one connection. `run` has to be running for anything to be answered.
package actor ClientSession {
    let info: Implementation
    let transport: any MessageTransport
    private let limits: SessionLimits
    private let clock: any Clock<Duration>
    private let pending = PendingRequests()
    var version: ProtocolVersion?
    private(set) var toolsChangedHandler: (@Sendable () -> Void)?

    /// Answers to the server's own requests wait here, so that reading never waits for writing: two sides that both
    /// write before they read would stand still.
    private static let maximumAnswers = 64
    private static let maximumPages = 1000

    package init(
        info: Implementation, transport: any MessageTransport, limits: SessionLimits = .default,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.info = info
        self.transport = transport
        self.limits = limits
        self.clock = clock
    }

    /// Called when the server says that its tools changed. To be set before `connect`; must not block.
    package func onToolsChanged(_ handler: (@Sendable () -> Void)?) {
        toolsChangedHandler = handler
    }

    // MARK: Tools

    /// All pages.
    package func listTools(timeout: Duration? = nil) async throws -> [Tool] {
        var tools: [Tool] = []
        var cursor: String?
        for _ in 0..<Self.maximumPages {
            var params = JSONObject()
            params["cursor"] = cursor.map(JSONValue.string)
            let page = try await request("tools/list", params, timeout: timeout)
            guard let listed = page["tools"]?.arrayValue else {
                throw MCPError.local(.badAnswer, "the server's tools/list has no tools")
            }
            do {
                for tool in listed { tools.append(try Tool(json: tool)) }
            } catch {
                throw MCPError.local(.badAnswer, "the server lists a tool that cannot be used: \(error.message)")
            }
            guard let next = page["nextCursor"]?.stringValue else { return tools }
            cursor = next
        }
        throw MCPError.local(.badAnswer, "the server's tools/list does not end after \(Self.maximumPages) pages")
    }

    /// Cancelling the task, or the timeout, tells the server that nobody waits any more. `onProgress` is called in
    /// order, never after this returned, and must not block.
    package func callTool(
        _ name: String, arguments: JSONObject = [:], timeout: Duration? = nil,
        onProgress: (@Sendable (Progress) -> Void)? = nil
    ) async throws -> CallToolResult {
        let params: JSONObject = ["name": .string(name), "arguments": .object(arguments)]
        let result = try await request("tools/call", params, timeout: timeout, onProgress: onProgress)
        do {
            return try CallToolResult(json: result)
        } catch {
            throw MCPError.local(.badAnswer, "the tool \(name) answered with an invalid result: \(error.message)")
        }
    }

    package func close() async {
        pending.close(MCPError.local(.connectionClosed, "the connection is closed"))
        transport.close()
    }

    // MARK: Requests

    func request(
        _ method: String, _ params: JSONObject, timeout: Duration?,
        onProgress: (@Sendable (Progress) -> Void)? = nil
    ) async throws -> JSONObject {
        guard let timeout else { return try await request(method, params, onProgress: onProgress) }
        return try await withThrowingTaskGroup(of: JSONObject?.self) { group in
            group.addTask { try await self.request(method, params, onProgress: onProgress) }
            group.addTask { [clock] in
                try await clock.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                throw MCPError.local(.requestTimedOut, "no answer to \(method) within \(timeout)")
            }
            return result
        }
    }

    private func request(
        _ method: String, _ params: JSONObject, onProgress: (@Sendable (Progress) -> Void)?
    ) async throws -> JSONObject {
        let id = try pending.open(onProgress: onProgress)
        var params = params
        var meta = version?.isStateless == true ? self.meta : [:]
        if onProgress != nil { meta["progressToken"] = id.json }
        if !meta.isEmpty { params["_meta"] = .object(meta) }
        let message = RPCMessage.request(id, method, params.isEmpty ? nil : params)
        return try await withTaskCancellationHandler {
            do {
                try await transport.send(message)
            } catch {
                pending.forget(id)
                throw MCPError.local(.connectionClosed, "\(method) could not be sent: \(error)")
            }
            do {
                let result = try await pending.wait(for: id)
                try check(result, of: method)
                return result
            } catch let error as CancellationError {
                // `initialize` may not be cancelled, and a server that does not know `server/discover` may not know
                // what to make of a notification before `initialize` either.
                if method != "initialize", method != "server/discover" {
                    let reason: JSONObject = ["requestId": id.json, "reason": "nobody waits for it any more"]
                    try? await transport.send(RPCMessage.notification("notifications/cancelled", reason))
                }
                throw error
            }
        } onCancel: {
            pending.end(id, .failure(CancellationError()))
        }
    }

    private func check(_ result: JSONObject, of method: String) throws(MCPError) {
        switch result["resultType"] {
        // Absent before the stateless era.
        case nil, .string("complete"): return
        case .string("input_required"):
            throw .local(
                .badAnswer, "the server asks for input to \(method), which this client has not offered to give")
        default: throw .local(.badAnswer, "the server answers \(method) with a type of result that does not exist")
        }
    }

    // MARK: Receiving

    /// Reads until the server closes, then ends what still waits for an answer and closes the transport. Throws where
    /// the connection broke. To be called once.
    package func run() async throws {
        defer { transport.close() }
        let (answers, answer) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingOldest(Self.maximumAnswers))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [transport] in
                for await message in answers { try await transport.send(message) }
            }
            defer { answer.finish() }
            do {
                var batches = transport.messages.makeAsyncIterator()
                while let batch = try await batches.next(isolation: self) {
                    for message in batch { try receive(message, answer) }
                }
                try Task.checkCancellation()
                pending.close(MCPError.local(.connectionClosed, "the server closed the connection"))
            } catch {
                pending.close(MCPError.local(.connectionClosed, "the connection broke: \(error)"))
                transport.close()
                throw error
            }
            transport.close()
        }
    }

    private func receive(_ bytes: [UInt8], _ answer: AsyncStream<[UInt8]>.Continuation) throws {
        // A server that does not speak the protocol is not listened to any longer: its answers could be anything.
        let json = try JSONValue(parsing: bytes, limits: limits.json)
        if case .array(let messages) = json, version == .withBatches {
            for message in messages { try receive(RPCMessage(message), answer) }
        } else {
            try receive(RPCMessage(json), answer)
        }
    }

    private func receive(_ message: RPCMessage, _ answer: AsyncStream<[UInt8]>.Continuation) throws {
        switch message {
        case .result(let id, let result): pending.end(id, .success(result))
        case .failure(let id?, let error): pending.end(id, .failure(error))
        case .failure(nil, _): break
        case .notification(let method, let params): notification(method, params)
        case .request(let id, let method, _):
            let response =
                method == "ping"
                ? RPCMessage.response(id, [:]) : RPCMessage.response(id, MCPError.methodNotFound(method))
            if case .dropped = answer.yield(response) {
                throw MCPError.invalidRequest("the server sends requests without reading the answers")
            }
        }
    }

    private func notification(_ method: String, _ params: JSONObject) {
        switch method {
        case "notifications/progress":
            guard let id = RequestID(params["progressToken"]), let progress = Progress(json: params) else { return }
            pending.progress(id, progress)
        case "notifications/tools/list_changed": toolsChangedHandler?()
        default: break
        }
    }
}
