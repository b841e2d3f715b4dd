internal import BrokerProtocol
internal import DockerEngine
internal import Glibc
internal import Logging
internal import MCP
internal import Model

/// How volumes can be bound here, found out by doing it.
extension Broker {
    static let trial = Key(compartment: CompartmentID(trusted: "trial"), part: .workspace)

    func describe() async -> BrokerDescription {
        var description = BrokerDescription(
            installation: configuration.installation, engine: nil, binding: .atCreation,
            identityMapped: volumes.canMapOwners, volumeRoot: configuration.volumeRoot, problem: nil)
        do {
            description.engine = try await engine.version().engine
            for part in [CompartmentPart.agent, .workspace] { _ = try await image(part) }
            description.binding = try await provenBinding()
            description.identityMapped = volumes.canMapOwners && description.binding == .late
        } catch {
            description.problem = "\(error)"
        }
        return description
    }

    /// Whether what is mounted in a slot reaches a running container: not so where the engine lives in another mount
    /// namespace, and nothing but trying tells. Tried once, by whoever needs it first.
    func provenBinding() async throws -> BrokerDescription.VolumeBinding {
        if let binding { return binding }
        guard volumes.canMount else {
            logger.warning("volumes are bound at creation: the broker has no right to mount")
            binding = .atCreation
            return .atCreation
        }
        let task = bindingTrial ?? Task { try await self.tryBinding() }
        bindingTrial = task
        defer { bindingTrial = nil }
        let result = try await task.value
        binding = result
        return result
    }

    private func tryBinding() async throws -> BrokerDescription.VolumeBinding {
        let name = template.name(Self.trial)
        let owner = configuration.firstOwner
        let image = try await image(.workspace)
        try await engine.removeContainer(name)
        try volumes.closeSlot(Self.trial)
        try volumes.openSlot(Self.trial)
        let result: BrokerDescription.VolumeBinding
        do {
            result = try await tryBinding(name: name, owner: owner, image: image)
        } catch {
            try? await engine.removeContainer(name)
            try? volumes.closeSlot(Self.trial)
            throw error
        }
        try await engine.removeContainer(name)
        try volumes.closeSlot(Self.trial)
        if result == .atCreation {
            logger.warning("volumes are bound at creation: the Docker Engine does not see the broker's mounts")
        }
        return result
    }

    private func tryBinding(
        name: String, owner: UInt32, image: String
    ) async throws -> BrokerDescription.VolumeBinding {
        let definition = template.workspace(
            Self.trial, owner: owner, image: image, slot: volumes.slotPath(Self.trial), doorDirectory: nil)
        let id: String
        do {
            id = try await engine.createContainer(named: name, definition)
            try await engine.startContainer(id)
        } catch let error as EngineError where error.message.contains("shared") || error.message.contains("slave") {
            // "path … is mounted on / but it is not a shared or slave mount": the slot is none where the engine looks.
            return .atCreation
        }
        let state = try await engine.inspectContainer(id)["State"]
        guard let process = state?["Pid"]?.intValue, process > 0 else {
            throw BrokerError(.image, "the workspace image's program ends at once: build the images")
        }
        guard let probe = Volume(kind: .session, key: Self.trial.compartment.rawValue) else { return .atCreation }
        try volumes.place(VolumeGrant(probe, .readWrite), in: Self.trial, owner: owner)
        let seen = MountTable(process: String(process))?.entries
            .contains { $0.mountPoint == probe.kind.path && $0.options.isSuperset(of: ["nosuid", "nodev"]) }
        return seen == true ? .late : .atCreation
    }
}
