/// The server's side of one connection: answers a client of either era out of a `ToolProvider`.
package actor ServerSession {
    private let provider: any ToolProvider
    private let transport: any MessageTransport
    private let limits: SessionLimits
    private var rules: ServerProtocol
    private var inFlight: [RequestID: InFlight] = [:]
    private var slotWaiter: CheckedContinuation<Void, Never>?
    private var outgoing: [[UInt8]] = []
    /// While a batch is worked on, answers gather and go out in one write.
    private var gathersAnswers = false
    private let progressNews: AsyncStream<RequestID>
    private let progressWake: AsyncStream<RequestID>.Continuation

    private struct InFlight {
        var isCancelled = false
        let progress: ProgressReporter?
        /// `nil` until the call was found to take its time.
        var task: Task<Void, Never>?
    }

    package init(
        info: Implementation, instructions: String? = nil, provider: any ToolProvider,
        transport: any MessageTransport, limits: SessionLimits = .default
    ) {
        self.provider = provider
        self.transport = transport
        self.limits = limits
        rules = ServerProtocol(info: info, instructions: instructions)
        // One element per request at most: a reporter wakes once per unsent report.
        (progressNews, progressWake) = AsyncStream.makeStream(of: RequestID.self)
    }

    /// Serves until the client closes, then cancels what still runs and closes the transport. Throws where the
    /// connection broke. To be called once.
    package func run() async throws {
        defer { transport.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.sendProgress() }
            defer { progressWake.finish() }
            do {
                try await receiveAll()
            } catch {
                await end()
                throw error
            }
            await end()
        }
    }

    /// Tells the client that `tools/list` would answer differently now.
    package func toolsChanged() async {
        guard rules.initialized != nil else { return }
        await post(RPCMessage.notification("notifications/tools/list_changed"))
    }

    // MARK: Receiving

    private func receiveAll() async throws {
        var batches = transport.messages.makeAsyncIterator()
        do {
            while let batch = try await batches.next(isolation: self) {
                gathersAnswers = true
                for message in batch {
                    await receive(message)
                    if outgoing.count >= 256 { try await flush() }
                }
                gathersAnswers = false
                try await flush()
            }
        } catch let error as TransportError where error.code == .messageTooLong {
            gathersAnswers = false
            await post(RPCMessage.response(nil, .invalidRequest(error.message)))
            throw error
        }
        try Task.checkCancellation()
    }

    private func end() async {
        let tasks = inFlight.values.compactMap(\.task)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func receive(_ bytes: [UInt8]) async {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes, limits: limits.json)
        } catch {
            return await post(RPCMessage.response(nil, MCPError(code: .parseError, message: error.description)))
        }
        do {
            switch try RPCMessage(json) {
            case .request(let id, let method, let params): await request(id, method, params)
            case .notification(let method, let params): notification(method, params)
            // This side sends no requests.
            case .result, .failure: break
            }
        } catch {
            await post(RPCMessage.response(error.id, error.error))
        }
    }

    private func notification(_ method: String, _ params: JSONObject) {
        guard method == "notifications/cancelled", let id = RequestID(params["requestId"]) else { return }
        inFlight[id]?.isCancelled = true
        inFlight[id]?.task?.cancel()
    }

    // MARK: Requests

    private func request(_ id: RequestID, _ method: String, _ params: JSONObject) async {
        do {
            guard inFlight[id] == nil else {
                throw MCPError.invalidRequest("a request with the id \(id) is still running")
            }
            if method == "initialize" {
                return await post(RPCMessage.response(id, try rules.initialize(params)))
            }
            if method == "ping", params["_meta"]?[MetaKey.protocolVersion] == nil {
                return await post(RPCMessage.response(id, [:]))
            }
            guard ["tools/call", "tools/list", "server/discover"].contains(method) else {
                throw MCPError.methodNotFound(method)
            }
            let version = try rules.version(of: method, params)
            if method == "server/discover" {
                return await post(RPCMessage.response(id, rules.discover()))
            }
            await waitForSlot()
            start(id, method, params, version)
        } catch {
            await post(RPCMessage.response(id, error as? MCPError ?? .internalError("the request failed")))
        }
    }

    private func waitForSlot() async {
        guard inFlight.count >= limits.maximumRequestsInFlight else { return }
        // Meanwhile answers go out one by one: the client may wait for one before it sends what would free a slot.
        gathersAnswers = false
        defer { gathersAnswers = true }
        await flushOrClose()
        while inFlight.count >= limits.maximumRequestsInFlight {
            await withCheckedContinuation { slotWaiter = $0 }
        }
    }

    private func start(_ id: RequestID, _ method: String, _ params: JSONObject, _ version: ProtocolVersion) {
        let reporter = params["_meta"]?["progressToken"].flatMap { token in
            RequestID(token) == nil ? nil : ProgressReporter(token: token) { [progressWake] in progressWake.yield(id) }
        }
        inFlight[id] = InFlight(progress: reporter)
        // Runs at once, up to its first suspension: most calls are over before this returns, in the order they came.
        let task = Task.immediate {
            let response: [UInt8]
            do {
                let result = try await self.result(id, method, params, version, reporter)
                response = RPCMessage.response(id, result)
            } catch {
                response = RPCMessage.response(id, error as? MCPError ?? .internalError("the request failed"))
            }
            await self.finish(id, response)
        }
        // Where the entry is gone the call is over.
        inFlight[id]?.task = task
        if inFlight[id]?.isCancelled == true { task.cancel() }
    }

    private func result(
        _ id: RequestID, _ method: String, _ params: JSONObject, _ version: ProtocolVersion,
        _ reporter: ProgressReporter?
    ) async throws -> JSONObject {
        guard method == "tools/call" else {
            if let cursor = params["cursor"], cursor.stringValue == nil {
                throw MCPError.invalidParams("cursor has to be a string")
            }
            let page = try await provider.listTools(cursor: params["cursor"]?.stringValue)
            var result: JSONObject = ["tools": .array(page.tools.map(\.json))]
            result["nextCursor"] = page.nextCursor.map(JSONValue.string)
            return rules.finished(result, version: version, isCacheable: true)
        }
        guard let name = params["name"]?.stringValue else {
            throw MCPError.invalidParams("tools/call needs a string name")
        }
        let arguments = params["arguments"] ?? [:]
        guard case .object(let arguments) = arguments else {
            throw MCPError.invalidParams("arguments has to be an object")
        }
        let context = RequestContext(requestID: id.description) { reporter?.report($0) }
        let result = try await provider.callTool(name, arguments: arguments, context: context)
        return rules.finished(result.json, version: version)
    }

    private func finish(_ id: RequestID, _ response: [UInt8]) async {
        guard let entry = inFlight.removeValue(forKey: id) else { return }
        slotWaiter?.resume()
        slotWaiter = nil
        guard !entry.isCancelled else { return }
        if let news = entry.progress?.take() { outgoing.append(news) }
        await post(response)
    }

    private func sendProgress() async {
        for await id in progressNews {
            guard let entry = inFlight[id], !entry.isCancelled, let news = entry.progress?.take() else { continue }
            await post(news)
        }
    }

    // MARK: Sending

    private func post(_ message: [UInt8]) async {
        outgoing.append(message)
        if !gathersAnswers { await flushOrClose() }
    }

    private func flush() async throws {
        guard !outgoing.isEmpty else { return }
        let messages = outgoing
        outgoing = []
        try await transport.send(messages)
    }

    /// A client that cannot be written to is gone: closing ends the loop that reads from it.
    private func flushOrClose() async {
        do {
            try await flush()
        } catch {
            transport.close()
        }
    }
}
