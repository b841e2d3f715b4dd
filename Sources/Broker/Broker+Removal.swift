internal import BrokerProtocol
internal import DockerEngine
internal import Logging
internal import Model

extension Broker {
    /// Removes a container and what belongs to it: first the container, then mounts and doors, then the uid is free. One
    /// removal per container, whoever asks; it fails only where the engine or a mount does, and is then tried again
    /// when the engine is back.
    func removal(of key: Key) -> Task<Void, any Error> {
        if let running = removals[key] { return running }
        containers[key]?.isEnding = true
        let task = Task {
            defer { self.removals[key] = nil }
            try await self.remove(key)
        }
        removals[key] = task
        return task
    }

    private func remove(_ key: Key) async throws {
        // By name: a startup may have been cut off before it knew an id.
        _ = try? await startups[key]?.value
        try await engine.removeContainer(template.name(key))
        doors.close(key)
        if key.part != .agent { try volumes.closeSlot(key) }
        if let container = containers.removeValue(forKey: key) {
            if let id = container.id { diedEarly.remove(id) }
            giveBack(container)
        }
        logger.debug("container removed", metadata: ["container": "\(template.name(key))"])
    }

    func removeAll(where condition: (Container) -> Bool) async {
        let tasks = containers.filter { condition($0.value) }.keys.map { removal(of: $0) }
        for task in tasks {
            do {
                try await task.value
            } catch {
                logger.warning("container not removed, will be tried again", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Ends everything, at the end of the broker's life.
    package func shutDown() async {
        hooks.endAll()
        await removeAll { _ in true }
        volumes.close()
    }

    /// What an earlier life left: containers of this installation, slots, doors. Never adopted, always removed.
    func removeLeftovers() async throws {
        let label = "\(ContainerTemplate.installationLabel)=\(configuration.installation)"
        for found in try await engine.listContainers(labels: [label]) {
            let known = containers.keys.contains { template.name($0) == found.name }
            guard !known, found.name != template.name(Self.trial) || bindingTrial == nil else { continue }
            logger.notice("removing a left-over container", metadata: ["container": "\(found.name)"])
            try await engine.removeContainer(found.id)
        }
        var live = Set(containers.keys.map(\.description))
        if bindingTrial != nil { live.insert(Self.trial.description) }
        for name in volumes.leftovers() where !live.contains(name) { try volumes.closeSlot(name) }
        for name in doors.leftovers() where !live.contains(name) { doors.close(name) }
    }
}
