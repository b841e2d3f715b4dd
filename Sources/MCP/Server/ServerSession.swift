/// The server's side of one connection: answers a client of either era out of a `ToolProvider`.
package actor ServerSession {
    private let provider: any ToolProvider
    private let transport: any MessageTransport
    private let limits: SessionLimits
    private var rules: ServerProtocol
    private var subscriptions = ServerSubscriptions()
    private var inFlight: RequestsInFlight
    private var slotWaiter: CheckedContinuation<Void, Never>?
    private var isClientGone = false
    private var batches: [Int: AnswerBatch] = [:]
    private var lastBatch = 0

    private var outgoing: [[UInt8]] = []
    private var outgoingBytes = 0
    /// While what one read brought is worked on, answers gather and go out in one write.
    private var gathersAnswers = false
    private let progressNews: AsyncStream<RequestID>
    private let progressWake: AsyncStream<RequestID>.Continuation

    private static let maximumGatheredBytes = 256 << 10

    /// Tool requests that were read and are to be started, in order. Not empty only while one message is worked on.
    private var ready: [Call] = []

    private struct Call {
        let id: RequestID
        let method: String
        let params: JSONObject
        let version: ProtocolVersion
        let bytes: Int
        let batch: Int?
    }

    package init(
        info: Implementation, instructions: String? = nil, provider: any ToolProvider,
        transport: any MessageTransport, limits: SessionLimits = .default
    ) {
        self.provider = provider
        self.transport = transport
        self.limits = limits
        rules = ServerProtocol(info: info, instructions: instructions)
        inFlight = RequestsInFlight(limits: limits)
        // Bounded by the requests in flight: a reporter wakes once per unsent report.
        (progressNews, progressWake) = AsyncStream.makeStream(of: RequestID.self)
    }

    /// Serves until the client closes, then cancels what still runs and closes the transport. Throws where the
    /// connection broke. To be called once.
    package func run() async throws {
        defer { transport.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.sendProgress() }
            group.addTask { await self.watchPresence() }
            defer {
                progressWake.finish()
                group.cancelAll()
            }
            do {
                try await receiveAll()
            } catch {
                await end()
                throw error
            }
            await end()
        }
    }

    /// Tells the client that `tools/list` would answer differently now, as far as its era lets it be told.
    package func toolsChanged() async {
        if rules.initialized != nil { post(RPCMessage.notification("notifications/tools/list_changed")) }
        for message in subscriptions.toolsChanged() { post(message) }
        if !gathersAnswers { await flushOrClose() }
    }

    // MARK: Receiving

    private func receiveAll() async throws {
        var batches = transport.messages.makeAsyncIterator()
        do {
            while let batch = try await batches.next(isolation: self) {
                gathersAnswers = true
                for message in batch {
                    receive(message)
                    if !ready.isEmpty { await startReady() }
                    if outgoingBytes > Self.maximumGatheredBytes { try await flush() }
                }
                gathersAnswers = false
                try await flush()
            }
        } catch let error as TransportError where error.code == .messageTooLong {
            gathersAnswers = false
            post(RPCMessage.response(nil, .invalidRequest(error.message)))
            try await flush()
            throw error
        } catch let error as TransportError where error.code == .closed {
            // Gone before it had all its answers: an end like any other.
        }
        try Task.checkCancellation()
    }

    private func watchPresence() async {
        // Ends with the cancellation of `run` as well, which has to get past a wait for a slot, too.
        for await _ in transport.messages.presence {}
        isClientGone = true
        freeSlot()
    }

    private func end() async {
        let tasks = inFlight.tasks
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func receive(_ bytes: [UInt8]) {
        do {
            switch try JSONValue(parsing: bytes, limits: limits.json) {
            case .array(let messages): receive(batch: messages, bytes.count)
            case let message: receive(message, bytes.count, batch: nil)
            }
        } catch {
            post(RPCMessage.response(nil, MCPError(code: .parseError, message: error.description)))
        }
    }

    private func receive(batch messages: [JSONValue], _ bytes: Int) {
        do {
            try AnswerBatch.check(messages, version: rules.initialized)
        } catch {
            return post(RPCMessage.response(nil, error))
        }
        lastBatch += 1
        let batch = lastBatch
        batches[batch] = AnswerBatch()
        for message in messages { receive(message, bytes / messages.count, batch: batch) }
        answer(nil, batch)
    }

    private func receive(_ message: JSONValue, _ bytes: Int, batch: Int?) {
        do {
            switch try RPCMessage(message) {
            case .request(let id, let method, let params):
                if let batch { batches[batch]?.expectOne() }
                request(id, method, params, bytes, batch)
            case .notification(let method, let params): notification(method, params)
            // This side sends no requests.
            case .result, .failure: break
            }
        } catch {
            if let batch { batches[batch]?.expectOne() }
            answer(RPCMessage.response(error.id, error.error), batch)
        }
    }

    private func notification(_ method: String, _ params: JSONObject) {
        guard method == "notifications/cancelled", let id = RequestID(params["requestId"]) else { return }
        subscriptions.cancel(id)
        inFlight.cancel(id)
    }

    // MARK: Requests

    private func request(
        _ id: RequestID, _ method: String, _ params: JSONObject, _ bytes: Int, _ batch: Int?
    ) {
        do {
            switch method {
            case "tools/call", "tools/list":
                let version = try rules.version(of: method, params)
                ready.append(
                    Call(id: id, method: method, params: params, version: version, bytes: bytes, batch: batch))
            case "initialize":
                try checkIsNew(id)
                guard batch == nil else { throw MCPError.invalidRequest("initialize may not be part of a batch") }
                answer(RPCMessage.response(id, try rules.initialize(params)), batch)
            // The one request that may come before `initialize`.
            case "ping" where params["_meta"]?[MetaKey.protocolVersion] == nil:
                try checkIsNew(id)
                answer(RPCMessage.response(id, [:]), batch)
            case "server/discover":
                try checkIsNew(id)
                _ = try rules.version(of: method, params)
                answer(RPCMessage.response(id, rules.discover()), batch)
            case "subscriptions/listen":
                try checkIsNew(id)
                _ = try rules.version(of: method, params)
                answer(try subscriptions.open(id, params), batch)
            default:
                throw MCPError.methodNotFound(method)
            }
        } catch {
            answer(failure(id, error), batch)
        }
    }

    private func checkIsNew(_ id: RequestID) throws(MCPError) {
        guard inFlight[id] == nil, !subscriptions.contains(id) else {
            throw .invalidRequest("a request with the id \(id.description.prefix(100)) is still running")
        }
    }

    private func failure(_ id: RequestID, _ error: any Error) -> [UInt8] {
        RPCMessage.response(id, error as? MCPError ?? .internalError("the request failed"))
    }

    private func startReady() async {
        for index in ready.indices {
            let call = ready[index]
            if inFlight.isFull(for: call.bytes), await !waitForSlot(call.bytes) { break }
            do {
                try checkIsNew(call.id)
                start(call)
            } catch {
                answer(failure(call.id, error), call.batch)
            }
        }
        ready.removeAll(keepingCapacity: true)
    }

    /// False where the client went meanwhile.
    private func waitForSlot(_ bytes: Int) async -> Bool {
        // Meanwhile answers go out one by one: the client may wait for one before it sends what would free a slot.
        gathersAnswers = false
        defer { gathersAnswers = true }
        await flushOrClose()
        while inFlight.isFull(for: bytes), !isClientGone {
            await withCheckedContinuation { slotWaiter = $0 }
        }
        return !isClientGone
    }

    private func freeSlot() {
        slotWaiter?.resume()
        slotWaiter = nil
    }

    private func start(_ call: Call) {
        let id = call.id
        let reporter = RequestID(call.params["_meta"]?["progressToken"]).map { token in
            ProgressReporter(token: token.json) { [progressWake] in progressWake.yield(id) }
        }
        inFlight.add(id, RequestsInFlight.Entry(batch: call.batch, bytes: call.bytes, progress: reporter))
        // Runs at once, up to its first suspension: most calls are over before this returns, in the order they came.
        let task = Task.immediate {
            let response: [UInt8]
            do {
                response = try await self.response(to: call, reporter)
            } catch {
                response = self.failure(id, error)
            }
            self.finish(id, response)
            if !self.gathersAnswers { await self.flushOrClose() }
        }
        // Where the entry is gone the call is over. Nothing can have cancelled it: no message was read since.
        inFlight.set(task, for: id)
    }

    private func response(to call: Call, _ reporter: ProgressReporter?) async throws -> [UInt8] {
        let params = call.params
        guard call.method == "tools/call" else {
            if let cursor = params["cursor"], cursor.stringValue == nil {
                throw MCPError.invalidParams("cursor has to be a string")
            }
            let page = try await provider.listTools(cursor: params["cursor"]?.stringValue)
            var result: JSONObject = ["tools": .array(page.tools.map(\.json))]
            result["nextCursor"] = page.nextCursor.map(JSONValue.string)
            return RPCMessage.response(call.id, rules.finished(result, version: call.version, isCacheable: true))
        }
        guard let name = params["name"]?.stringValue else {
            throw MCPError.invalidParams("tools/call needs a string name")
        }
        let arguments = params["arguments"] ?? [:]
        guard case .object(let arguments) = arguments else {
            throw MCPError.invalidParams("arguments has to be an object")
        }
        let context = RequestContext(request: call.id, reporter: reporter)
        let result = try await provider.callTool(name, arguments: arguments, context: context)
        return RPCMessage.response(call.id, result, version: call.version)
    }

    private func finish(_ id: RequestID, _ response: [UInt8]) {
        guard let entry = inFlight.remove(id) else { return }
        freeSlot()
        guard !entry.isCancelled else { return answer(nil, entry.batch) }
        if let news = entry.progress?.take() { post(news) }
        answer(response, entry.batch)
    }

    private func sendProgress() async {
        for await id in progressNews {
            guard let entry = inFlight[id], !entry.isCancelled, let news = entry.progress?.take() else { continue }
            post(news)
            if !gathersAnswers { await flushOrClose() }
        }
    }

    // MARK: Sending

    /// To the client, or into the batch the request came in. `nil` where there is no answer to be.
    private func answer(_ response: [UInt8]?, _ batch: Int?) {
        guard let batch else {
            if let response { post(response) }
            return
        }
        guard batches[batch]?.add(response) == true, let whole = batches.removeValue(forKey: batch)?.message else {
            return
        }
        post(whole)
    }

    /// Goes out with the next `flush`, which is for the caller to see to where nothing gathers.
    private func post(_ message: [UInt8]) {
        outgoing.append(message)
        outgoingBytes += message.count
    }

    private func flush() async throws {
        guard !outgoing.isEmpty else { return }
        let messages = outgoing
        outgoing = []
        outgoingBytes = 0
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
