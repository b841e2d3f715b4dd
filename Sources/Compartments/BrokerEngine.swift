package import BrokerClient
internal import BrokerProtocol
package import Logging
package import MCP
package import Model

/// The broker as an engine. Connects when it is first needed, and again after a loss.
package actor BrokerEngine: Engine {
    private let connect: @Sendable () throws -> BrokerClient
    private let logger: Logger
    private var connection: BrokerClient?

    /// `connect` is called for each connection: `{ try BrokerClient(path: …) }`.
    package init(logger: Logger, connect: @escaping @Sendable () throws -> BrokerClient) {
        self.connect = connect
        self.logger = logger
    }

    private func client() throws -> BrokerClient {
        if let connection, !connection.isGone { return connection }
        let client = try Self.translated { try connect() }
        connection = client
        return client
    }

    package func describe() async throws -> EngineDescription {
        let client = try client()
        let description = try await Self.translated { try await client.hello() }
        return EngineDescription(
            name: description.engine.map { "Docker Engine \($0)" } ?? "no Docker Engine",
            placesLate: description.binding == .late, mapsOwners: description.identityMapped,
            volumeRoot: description.volumeRoot, problem: description.problem)
    }

    package func createAgent(_ id: CompartmentID) async throws -> AgentContainer {
        let client = try client()
        let created = try await Self.translated { try await client.createAgent(id) }
        return AgentContainer(transport: transport(created.stream, id, .agent), modelDoor: created.modelDoor)
    }

    package func createWorkspace(_ id: CompartmentID, volumes: [VolumeGrant]) async throws -> any MessageTransport {
        let client = try client()
        return transport(
            try await Self.translated { try await client.createWorkspace(id, volumes) }, id, .workspace)
    }

    package func createErrand(_ id: CompartmentID, volumes: [VolumeGrant]) async throws -> any MessageTransport {
        let client = try client()
        return transport(try await Self.translated { try await client.createErrand(id, volumes) }, id, .errand)
    }

    package func openEgress(_ id: CompartmentID, part: CompartmentPart) async throws -> CInt {
        let client = try client()
        return try await Self.translated { try await client.openEgress(id, part) }
    }

    package func place(_ grant: VolumeGrant, in id: CompartmentID) async throws {
        let client = try client()
        try await Self.translated { try await client.place(grant, in: id) }
    }

    package func end(_ id: CompartmentID, part: CompartmentPart?) async throws {
        let client = try client()
        try await Self.translated { try await client.end(id, part) }
    }

    package func list() async throws -> [(compartment: CompartmentID, part: CompartmentPart)] {
        let client = try client()
        return try await Self.translated { try await client.list() }
    }

    package func discardScratch(of session: SessionID) async throws {
        let client = try client()
        try await Self.translated { try await client.discardScratch(of: session) }
    }

    package func scratches(after session: SessionID?) async throws -> [SessionID] {
        let client = try client()
        return try await Self.translated { try await client.scratches(after: session) }
    }

    package func memory(_ id: CompartmentID, part: CompartmentPart) async throws -> Int64 {
        let client = try client()
        let memory = try await Self.translated { try await client.memory(id, part) }
        return max(0, memory.bytes - memory.pageCacheBytes)
    }

    package func run(_ handle: @escaping @Sendable (EngineEvent) async -> Void) async {
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled {
            guard let client = try? client() else {
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
                continue
            }
            pause = .milliseconds(100)
            await handle(.ready)
            for await message in client.events { await Self.hand(message, to: handle) }
            guard !Task.isCancelled else { return }
            logger.error("the connection to the broker is lost, and every compartment with it")
            await handle(.lost)
        }
    }

    private static func hand(_ message: BrokerMessage, to handle: @Sendable (EngineEvent) async -> Void) async {
        switch message {
        case .ended(let id, let part, let reason, let exitCode):
            let translated: CompartmentEnd.Reason =
                switch reason {
                case .exited: .exited(code: exitCode ?? -1)
                case .outOfMemory: .outOfMemory
                case .killed: .killed
                case .engineGone: .engineGone
                }
            await handle(.ended(id, CompartmentEnd(part: part, reason: translated)))
        case .engineGone: await handle(.lost)
        case .engineBack: await handle(.ready)
        case .success, .failure: break
        }
    }

    /// What a container prints on standard error is for whoever looks for a fault: never more than a line at debug level.
    private func transport(_ stream: CInt, _ id: CompartmentID, _ part: CompartmentPart) -> any MessageTransport {
        let decoder = FrameDecoder { [logger] text in
            logger.debug(
                "container says",
                metadata: [
                    "compartment": "\(id)", "part": "\(part.rawValue)", "text": "\(text.prefix(500))",
                ])
        }
        return DescriptorTransport(reading: stream, writing: stream, decoder: decoder)
    }

    private static func translated<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as BrokerError {
            throw CompartmentError(error)
        }
    }

    private static func translated<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as BrokerError {
            throw CompartmentError(error)
        }
    }
}

extension CompartmentError {
    init(_ error: BrokerError) {
        let code: Code =
            switch error.code {
            case .limit: .limit
            case .onlyAtCreation: .onlyAtCreation
            case .unknown, .conflict: .ended
            case .timedOut: .timedOut
            default: .unavailable
            }
        self.init(code, error.message)
    }
}
