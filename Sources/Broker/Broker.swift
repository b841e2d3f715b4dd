package import BrokerProtocol
internal import DockerEngine
internal import Glibc
package import Logging
package import MCP
internal import Model

/// What the broker knows and does. Every compartment belongs to the connection that asked for it and ends with it;
/// nothing outlives a life of the broker, nothing found is ever adopted.
package actor Broker {
    package typealias ClientID = Int

    /// Its text names the container's directories: no two keys have the same.
    struct Key: Hashable, CustomStringConvertible {
        let compartment: CompartmentID
        let part: CompartmentPart

        var description: String { "\(compartment)-\(part.rawValue)" }
    }

    /// A container from the decision to make it until nothing is left of it.
    struct Container {
        let client: ClientID
        let owner: UInt32
        /// Whether `owner` came from the range and goes back there.
        let hasOwnUID: Bool
        var id: String?
        /// What is bound in it, from before it is.
        var volumes: Set<Volume> = []
        /// No way leads back: from here on it is only removed.
        var isEnding = false
    }

    /// At once, of all compartments: each is a container more than the configuration counts.
    static let maximumErrands = 8

    let configuration: BrokerConfiguration
    let engine: DockerEngine
    let logger: Logger
    let template: ContainerTemplate
    let volumes: VolumeBinder
    let doors: DoorDirectory

    private var owners: OwnerRange
    private var witness: Witness?
    let hooks: HookRunner
    var containers: [Key: Container] = [:]
    var startups: [Key: Task<[CInt], any Error>] = [:]
    /// Containers that ended before their start was over.
    var diedEarly: Set<String> = []
    var removals: [Key: Task<Void, any Error>] = [:]
    var sinks: [ClientID: @Sendable (BrokerMessage) -> Void] = [:]
    private var lastClient = 0
    var binding: BrokerDescription.VolumeBinding?
    var isLost = false
    var bindingTrial: Task<BrokerDescription.VolumeBinding, any Error>?

    package init(configuration: BrokerConfiguration, logger: Logger) throws(BrokerError) {
        let collisions = ReservedOwners(first: configuration.firstOwner, count: configuration.ownerCount).collisions()
        guard collisions.isEmpty else {
            throw BrokerError(
                .configuration,
                "owners: compartments would share a uid with others: \(collisions.prefix(5).joined(separator: "; ")). "
                    + "Choose another range")
        }
        self.configuration = configuration
        self.logger = logger
        engine = DockerEngine(socketPath: configuration.engineSocket)
        template = ContainerTemplate(configuration: configuration)
        owners = OwnerRange(first: configuration.firstOwner, count: configuration.ownerCount)
        doors = try DoorDirectory(configuration: configuration)
        witness = configuration.witnessPath.map(Witness.init)
        hooks = HookRunner(configuration.hooks)
        volumes = try VolumeBinder(configuration: configuration, volumeOwner: owners.volumeOwner, logger: logger)
    }

    // MARK: Connections

    /// A new connection. `sink` is called for each event; it must not block.
    package func connected(_ sink: @escaping @Sendable (BrokerMessage) -> Void) -> ClientID {
        lastClient += 1
        sinks[lastClient] = sink
        return lastClient
    }

    /// Its connection is gone, and so are its containers.
    package func disconnected(_ client: ClientID) async {
        sinks[client] = nil
        await removeAll { $0.client == client }
    }

    package func handle(
        _ request: BrokerRequest, from client: ClientID
    ) async throws -> (result: JSONObject, descriptors: [CInt]) {
        switch request {
        case .hello: return (await describe().json, [])
        case .surface: return (surface(), [])
        case .createAgent(let id): return ([:], try await createAgent(id, for: client))
        case .createWorkspace(let id, let grants):
            return ([:], try await createWorkspace(Key(compartment: id, part: .workspace), grants, for: client))
        case .createErrand(let id, let grants):
            return ([:], try await createWorkspace(Key(compartment: id, part: .errand), grants, for: client))
        case .openEgress(let id, let part):
            let key = Key(compartment: id, part: part)
            return ([:], [try doors.open(.egress, of: key, owner: try container(key, of: client).owner)])
        case .place(let id, let grant):
            try place(grant, in: id, for: client)
            return ([:], [])
        case .end(let id, let part):
            try await end(id, part, for: client)
            return ([:], [])
        case .scratches(let after): return (["sessions": .array(volumes.scratches(after: after))], [])
        case .discardScratch(let session):
            try discardScratch(of: session)
            return ([:], [])
        case .witness(let line):
            guard witness != nil else { throw BrokerError(.configuration, "no witness is configured") }
            try witness?.append(line)
            return ([:], [])
        case .checkHook(let name):
            _ = try hooks.verified(name)
            return ([:], [])
        case .runHook(let name): return ([:], try hooks.start(name))
        case .list:
            let own = Set(containers.filter { $0.value.client == client && !$0.value.isEnding }.keys)
            let sorted = own.sorted { ($0.compartment, $0.part.rawValue) < ($1.compartment, $1.part.rawValue) }
            let list: [JSONValue] = sorted.map {
                ["compartment": .string($0.compartment.rawValue), "part": .string($0.part.rawValue)]
            }
            return (["containers": .array(list)], [])
        case .stats(let id, let part):
            let container = try container(Key(compartment: id, part: part), of: client)
            let memory = try await engine.containerMemory(container.id ?? "")
            return (
                [
                    "bytes": .int(memory.bytes), "pageCacheBytes": .int(memory.pageCacheBytes),
                    "limitBytes": .int(memory.limitBytes),
                ], []
            )
        }
    }

    // MARK: Compartments

    private func createAgent(_ id: CompartmentID, for client: ClientID) async throws -> [CInt] {
        let key = Key(compartment: id, part: .agent)
        let image = try await image(.agent)
        // Nothing is awaited between these checks and `register`.
        guard CompartmentPart.allCases.allSatisfy({ containers[Key(compartment: id, part: $0)] == nil }) else {
            throw BrokerError(.conflict, "compartment \(id) exists already")
        }
        let agents = containers.keys.count { $0.part == .agent }
        guard agents < configuration.maximumCompartments else {
            throw BrokerError(.limit, "\(agents) compartments run already: as many as the configuration allows")
        }
        let owner = try register(key, client: client, ownUID: true)
        return try await start(key) {
            let doorDirectory = try self.doors.make(key)
            let door = try self.doors.open(.model, of: key, owner: owner)
            do {
                let definition = self.template.agent(key, owner: owner, image: image, doorDirectory: doorDirectory)
                return [try await self.launch(key, definition), door]
            } catch {
                close(door)
                throw error
            }
        }
    }

    private func createWorkspace(
        _ key: Key, _ grants: [VolumeGrant], for client: ClientID
    ) async throws -> [CInt] {
        let binding = try await provenBinding()
        let image = try await image(key.part)
        _ = try container(Key(compartment: key.compartment, part: .agent), of: client)
        guard containers[key] == nil else {
            throw BrokerError(
                .conflict, "compartment \(key.compartment) has its \(key.part.rawValue) container already")
        }
        guard key.part == .workspace || containers.keys.count(where: { $0.part == .errand }) < Self.maximumErrands
        else {
            throw BrokerError(.limit, "\(Self.maximumErrands) commands with secrets run already: try again shortly")
        }
        let isLate = binding == .late
        let owner = try register(key, client: client, ownUID: isLate && volumes.canMapOwners)
        containers[key]?.volumes = Set(grants.map(\.volume))
        // The channel's files lie within the channel's folder.
        let ordered = grants.sorted { $0.volume.kind == .group && $1.volume.kind != .group }
        return try await start(key) {
            var binds: [(String, VolumeGrant)] = []
            if isLate {
                // What is placed before the start comes along with the slot; the rest follows through it.
                try self.volumes.openSlot(key)
                for grant in ordered { try self.volumes.place(grant, in: key, owner: owner) }
            } else {
                binds = try ordered.map { (try self.volumes.hostPath($0.volume), $0) }
            }
            let definition = self.template.workspace(
                key, owner: owner, image: image, slot: isLate ? self.volumes.slotPath(key) : nil,
                doorDirectory: try self.doors.make(key), plainBinds: binds)
            return [try await self.launch(key, definition)]
        }
    }

    private func place(_ grant: VolumeGrant, in id: CompartmentID, for client: ClientID) throws {
        let key = Key(compartment: id, part: .workspace)
        let container = try container(key, of: client)
        guard binding == .late else {
            throw BrokerError(
                .onlyAtCreation,
                "volumes are bound at creation here: end the workspace and create it with \(grant.volume)")
        }
        containers[key]?.volumes.insert(grant.volume)
        try volumes.place(grant, in: key, owner: container.owner)
    }

    private func end(_ id: CompartmentID, _ part: CompartmentPart?, for client: ClientID) async throws {
        let parts = part.map { [$0] } ?? CompartmentPart.allCases
        let keys = parts.map { Key(compartment: id, part: $0) }
        // Ended already, or by itself: what was asked for is the case.
        let own = keys.filter { containers[$0]?.client == client }
        let all = own.map { removal(of: $0) }
        for task in all { try await task.value }
    }

    // MARK: Containers

    func container(_ key: Key, of client: ClientID) throws(BrokerError) -> Container {
        guard let container = containers[key], container.client == client, !container.isEnding else {
            throw BrokerError(.unknown, "compartment \(key.compartment) has no \(key.part.rawValue) container")
        }
        return container
    }

    private func register(_ key: Key, client: ClientID, ownUID: Bool) throws(BrokerError) -> UInt32 {
        let owner = ownUID ? try owners.take() : owners.volumeOwner
        containers[key] = Container(client: client, owner: owner, hasOwnUID: ownUID)
        return owner
    }

    /// Runs `body` so that a removal in the meantime waits for it, and leaves nothing behind where it fails.
    private func start(_ key: Key, _ body: @escaping @Sendable () async throws -> [CInt]) async throws -> [CInt] {
        let task = Task(operation: body)
        startups[key] = task
        do {
            let descriptors = try await task.value
            startups[key] = nil
            guard containers[key]?.isEnding == false else {
                for descriptor in descriptors { close(descriptor) }
                throw BrokerError(.conflict, "compartment \(key.compartment) was ended while it started")
            }
            if let id = containers[key]?.id, diedEarly.remove(id) != nil { died(id, exitCode: nil) }
            return descriptors
        } catch {
            startups[key] = nil
            try? await removal(of: key).value
            throw error
        }
    }

    /// Create, attach, start: attached first, or what the container says first is lost.
    private func launch(_ key: Key, _ definition: JSONObject) async throws -> CInt {
        let id = try await engine.createContainer(named: template.name(key), definition)
        containers[key]?.id = id
        guard containers[key]?.isEnding == false else {
            throw BrokerError(.conflict, "compartment \(key.compartment) was ended while it started")
        }
        let stream = try await engine.attachDescriptor(id)
        do {
            try await engine.startContainer(id)
        } catch {
            close(stream)
            throw error
        }
        return stream
    }

    /// The image of the configuration, by its digest.
    func image(_ part: CompartmentPart) async throws -> String {
        let (name, kind) =
            part == .agent ? (configuration.agent.image, "agent") : (configuration.workspace.image, "workspace")
        let image = try await engine.inspectImage(name)
        guard image.labels["bulkhead.image"] == kind else {
            throw BrokerError(.image, "image \(name) is not labelled bulkhead.image=\(kind): build the images")
        }
        return image.id
    }

    func giveBack(_ container: Container) {
        if container.hasOwnUID { owners.giveBack(container.owner) }
    }
}
