package import MCP
package import Model

/// Where compartments run. The first is the broker with one Docker Engine; nothing above knows which it is.
package protocol Engine: Sendable {
    func describe() async throws -> EngineDescription
    func createAgent(_ id: CompartmentID) async throws -> AgentContainer
    /// Returns the container's standard streams, its volumes in place.
    func createWorkspace(_ id: CompartmentID, volumes: [VolumeGrant]) async throws -> any MessageTransport
    /// The same for the compartment's errand, a workspace container beside the session's. One at a time.
    func createErrand(_ id: CompartmentID, volumes: [VolumeGrant]) async throws -> any MessageTransport
    /// The egress door of the workspace container or the errand, listening: whoever takes it closes it. It can be opened
    /// again; the earlier one is then out of the container's reach. Gone with the container.
    func openEgress(_ id: CompartmentID, part: CompartmentPart) async throws -> CInt
    /// Throws `CompartmentError.onlyAtCreation` where running containers get no volumes.
    func place(_ grant: VolumeGrant, in id: CompartmentID) async throws
    /// Returns when the container (or all of the compartment) is gone, its mounts and doors too. No error where it is.
    func end(_ id: CompartmentID, part: CompartmentPart?) async throws
    func list() async throws -> [(compartment: CompartmentID, part: CompartmentPart)]
    /// Removes a session's scratch volume. Throws while a container has it; no error where there is none.
    func discardScratch(of session: SessionID) async throws
    /// Sessions that have a scratch volume, in order, after `session`; empty where there are no more.
    func scratches(after session: SessionID?) async throws -> [SessionID]
    /// Bytes of memory without page cache.
    func memory(_ id: CompartmentID, part: CompartmentPart) async throws -> Int64
    /// Stays connected, and hands over what happens in order, until cancelled.
    func run(_ handle: @escaping @Sendable (EngineEvent) async -> Void) async
}

package struct EngineDescription: Sendable {
    /// Name and version, for `doctor`.
    package var name: String
    /// Volumes reach running containers. Otherwise another volume means another container.
    package var placesLate: Bool
    package var mapsOwners: Bool
    /// Where on this host the harness writes `group/<channel>` and `global`.
    package var volumeRoot: String
    /// What stands in the way, in words for the operator.
    package var problem: String?

    package init(name: String, placesLate: Bool, mapsOwners: Bool, volumeRoot: String, problem: String?) {
        self.name = name
        self.placesLate = placesLate
        self.mapsOwners = mapsOwners
        self.volumeRoot = volumeRoot
        self.problem = problem
    }
}

package struct AgentContainer: Sendable {
    /// The agent's standard streams: it is an MCP client.
    package let transport: any MessageTransport
    /// Listens; the agent alone can connect. Whoever takes it closes it.
    package let modelDoor: CInt

    package init(transport: any MessageTransport, modelDoor: CInt) {
        self.transport = transport
        self.modelDoor = modelDoor
    }
}

package enum EngineEvent: Sendable {
    /// A container ended that nobody asked to end.
    case ended(CompartmentID, CompartmentEnd)
    /// Every container is lost with it.
    case lost
    /// It can be asked again.
    case ready
}
