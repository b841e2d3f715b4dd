package import BrokerProtocol
internal import Dispatch
internal import Glibc
package import MCP
package import Model
internal import Synchronization

/// A connection to the broker. What it starts ends with it.
package final class BrokerClient: Sendable {
    private struct State {
        var pending: [Int64: CheckedContinuation<Answer, any Error>] = [:]
        var nextID: Int64 = 1
        var isGone = false
    }

    /// Descriptors belong to whoever takes the answer.
    private struct Answer: Sendable {
        let result: JSONObject
        let descriptors: [CInt]
    }

    private let socket: PacketSocket
    private let state = Mutex(State())
    /// What happens unasked, in order; ends when the broker is gone. To be iterated once. Bounded by what the broker can
    /// say: a container ends once.
    package let events: AsyncStream<BrokerMessage>

    package convenience init(path: String) throws(BrokerError) {
        self.init(socket: try PacketSocket.connect(to: path))
    }

    package init(socket: PacketSocket) {
        self.socket = socket
        let (events, arrived) = AsyncStream<BrokerMessage>.makeStream()
        self.events = events
        // The thread keeps the client alive no longer than its connection.
        DispatchQueue(label: "broker.client").async { [weak self, socket] in
            while let packet = try? socket.receive() {
                guard let self else {
                    packet.closeDescriptors()
                    break
                }
                self.take(packet, arrived)
            }
            self?.gone()
            arrived.finish()
        }
    }

    deinit {
        socket.shut()
    }

    package var isGone: Bool { state.withLock { $0.isGone } }

    package func close() {
        socket.shut()
    }

    // MARK: The vocabulary

    package func hello() async throws(BrokerError) -> BrokerDescription {
        // The first one tries out how volumes are bound: a container's life.
        try BrokerDescription(try await ask(.hello, deadline: .seconds(60)).result)
    }

    package func surface() async throws(BrokerError) -> JSONObject {
        try await ask(.surface).result
    }

    package struct AgentDescriptors: Sendable {
        /// The container's standard streams, framed (`FrameDecoder`). The caller's.
        package let stream: CInt
        /// Listens; the agent alone can connect. The caller's.
        package let modelDoor: CInt
    }

    package func createAgent(_ id: CompartmentID) async throws(BrokerError) -> AgentDescriptors {
        let descriptors = try await ask(.createAgent(id), descriptors: 2).descriptors
        return AgentDescriptors(stream: descriptors[0], modelDoor: descriptors[1])
    }

    /// Returns the container's standard streams, framed. The caller's.
    package func createWorkspace(
        _ id: CompartmentID, _ volumes: [VolumeGrant]
    ) async throws(BrokerError) -> CInt {
        try await ask(.createWorkspace(id, volumes), descriptors: 1).descriptors[0]
    }

    /// The same for the compartment's errand.
    package func createErrand(
        _ id: CompartmentID, _ volumes: [VolumeGrant]
    ) async throws(BrokerError) -> CInt {
        try await ask(.createErrand(id, volumes), descriptors: 1).descriptors[0]
    }

    /// Returns the door, listening: the caller's. One opened before is out of its container's reach from now on.
    package func openEgress(_ id: CompartmentID, _ part: CompartmentPart) async throws(BrokerError) -> CInt {
        try await ask(.openEgress(id, part), descriptors: 1, deadline: .seconds(10)).descriptors[0]
    }

    package func place(_ grant: VolumeGrant, in id: CompartmentID) async throws(BrokerError) {
        _ = try await ask(.place(id, grant))
    }

    package func end(_ id: CompartmentID, _ part: CompartmentPart? = nil) async throws(BrokerError) {
        _ = try await ask(.end(id, part))
    }

    package func list() async throws(BrokerError) -> [(compartment: CompartmentID, part: CompartmentPart)] {
        let result = try await ask(.list).result
        return (result["containers"]?.arrayValue ?? []).compactMap { entry in
            guard let id = entry["compartment"]?.stringValue.flatMap({ CompartmentID($0) }),
                let part = entry["part"]?.stringValue.flatMap(CompartmentPart.init(rawValue:))
            else { return nil }
            return (id, part)
        }
    }

    /// Sessions that have a scratch volume, in order, after `session`; empty where there are no more.
    package func scratches(after session: SessionID?) async throws(BrokerError) -> [SessionID] {
        let result = try await ask(.scratches(after: session)).result
        return (result["sessions"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { SessionID($0) } }
    }

    /// Returns when nobody can have it any more; deleting it goes on.
    package func discardScratch(of session: SessionID) async throws(BrokerError) {
        _ = try await ask(.discardScratch(session))
    }

    /// Adds a line to the witness; durable when it returns.
    package func witness(_ line: String) async throws(BrokerError) {
        _ = try await ask(.witness(line), deadline: .seconds(20))
    }

    /// Throws where the hook cannot be run, with a sentence for the operator.
    package func checkHook(_ name: String) async throws(BrokerError) {
        _ = try await ask(.checkHook(name), deadline: .seconds(10))
    }

    /// The caller's to close.
    package struct HookDescriptors: Sendable {
        package let input: CInt
        package let output: CInt
        package let error: CInt
        /// Tells how it ended (`exit 0`, `signal 9`); closing it ends the hook and all it started.
        package let control: CInt
    }

    package func runHook(_ name: String) async throws(BrokerError) -> HookDescriptors {
        let all = try await ask(.runHook(name), descriptors: 4, deadline: .seconds(10)).descriptors
        return HookDescriptors(input: all[0], output: all[1], error: all[2], control: all[3])
    }

    package struct Memory: Sendable {
        package let bytes: Int64
        package let pageCacheBytes: Int64
        package let limitBytes: Int64
    }

    package func memory(_ id: CompartmentID, _ part: CompartmentPart) async throws(BrokerError) -> Memory {
        let result = try await ask(.stats(id, part)).result
        return Memory(
            bytes: result["bytes"]?.intValue ?? 0, pageCacheBytes: result["pageCacheBytes"]?.intValue ?? 0,
            limitBytes: result["limitBytes"]?.intValue ?? 0)
    }

    // MARK: Requests and answers

    private func ask(
        _ request: BrokerRequest, descriptors expected: Int = 0, deadline: Duration = .seconds(90)
    ) async throws(BrokerError) -> Answer {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let answer: Answer
        do {
            answer = try await withThrowingTaskGroup(of: Answer.self) { group in
                group.addTask { try await self.exchange(id, request) }
                group.addTask {
                    try await Task.sleep(for: deadline)
                    throw BrokerError(.timedOut, "the broker did not answer in time")
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
        } catch let error as BrokerError {
            throw error
        } catch {
            throw BrokerError(.disconnected, "\(error)")
        }
        guard answer.descriptors.count == expected else {
            for descriptor in answer.descriptors { _ = Glibc.close(descriptor) }
            throw BrokerError(.invalid, "the broker passed \(answer.descriptors.count) descriptors, not \(expected)")
        }
        return answer
    }

    private func exchange(_ id: Int64, _ request: BrokerRequest) async throws -> Answer {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isGone = state.withLock { state in
                    if !state.isGone { state.pending[id] = continuation }
                    return state.isGone
                }
                guard !isGone else {
                    continuation.resume(throwing: Self.goneError)
                    return
                }
                // Cancelled before there was anything to end.
                guard !Task.isCancelled else { return finish(id, .failure(CancellationError())) }
                var object = request.json
                object["id"] = .int(id)
                do {
                    try socket.send(object.serialized())
                } catch {
                    finish(id, .failure(error))
                }
            }
        } onCancel: {
            finish(id, .failure(CancellationError()))
        }
    }

    private static let goneError = BrokerError(
        .disconnected, "the broker is gone: start bulkhead-broker")

    private func finish(_ id: Int64, _ result: Result<Answer, any Error>) {
        let continuation = state.withLock { $0.pending.removeValue(forKey: id) }
        if let continuation {
            continuation.resume(with: result)
        } else if case .success(let answer) = result {
            // Too late for anyone to want it; for a started container that means its stdin ends.
            for descriptor in answer.descriptors { _ = Glibc.close(descriptor) }
        }
    }

    private func take(_ packet: PacketSocket.Packet, _ arrived: AsyncStream<BrokerMessage>.Continuation) {
        guard let value = try? JSONValue(parsing: packet.bytes), let message = try? BrokerMessage(value) else {
            packet.closeDescriptors()
            socket.shut()
            return
        }
        switch message {
        case .success(let id, let result):
            finish(id, .success(Answer(result: result, descriptors: packet.descriptors)))
        case .failure(let id, let error):
            packet.closeDescriptors()
            finish(id, .failure(error))
        case .ended, .engineGone, .engineBack:
            packet.closeDescriptors()
            arrived.yield(message)
        }
    }

    private func gone() {
        let waiting = state.withLock { state in
            state.isGone = true
            defer { state.pending = [:] }
            return state.pending.values
        }
        for continuation in waiting { continuation.resume(throwing: Self.goneError) }
    }
}
