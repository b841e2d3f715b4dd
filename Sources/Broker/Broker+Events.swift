internal import BrokerProtocol
internal import DockerEngine
internal import Glibc
internal import Logging
internal import MCP
internal import Model

extension Broker {
    /// Watches the engine until cancelled: what ends by itself, and whether the engine is there at all.
    package func run() async {
        var pause = Duration.milliseconds(200)
        var isGone = false
        while !Task.isCancelled {
            do {
                let started = ContinuousClock.now
                try await watch(afterLoss: isGone)
                // Ended without an error: the engine closed it.
                if ContinuousClock.now - started > .seconds(10) { pause = .milliseconds(200) }
            } catch {
                logger.debug("the engine's events ended", metadata: ["error": "\(error)"])
            }
            guard !Task.isCancelled else { return }
            // A broken stream alone is no loss; an engine that does not answer is.
            if (try? await engine.version()) == nil {
                if !isGone { engineLost() }
                isGone = true
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            } else {
                isGone = false
                pause = .milliseconds(200)
                // Never a tight loop, whatever breaks.
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func watch(afterLoss: Bool) async throws {
        try await engine.containerEvents(
            label: "\(ContainerTemplate.installationLabel)=\(configuration.installation)", actions: ["die"],
            since: Int64(time(nil)) - 1,
            connected: { try await self.engineFound() },
            handle: { event in
                await self.died(event.container, exitCode: event.attributes["exitCode"].flatMap { Int64($0) })
            })
    }

    /// The engine answers, for the first time or again: what it has is compared with what we know.
    private func engineFound() async throws {
        await removeAll { $0.isEnding }
        try await removeLeftovers()
        let label = "\(ContainerTemplate.installationLabel)=\(configuration.installation)"
        let running = Set(
            try await engine.listContainers(labels: [label]).filter { $0.state != "exited" && $0.state != "dead" }
                .map(\.id))
        for container in containers.values {
            guard let id = container.id, !container.isEnding, !running.contains(id) else { continue }
            died(id, exitCode: nil)
        }
        if isLost {
            isLost = false
            for sink in sinks.values { sink(.engineBack) }
        }
    }

    /// Its containers' streams are broken: all of them count as ended, and are removed when the engine is back.
    private func engineLost() {
        isLost = true
        logger.error("the Docker Engine is gone", metadata: ["socket": "\(configuration.engineSocket)"])
        for (key, container) in containers where !container.isEnding {
            containers[key]?.isEnding = true
            sinks[container.client]?(.ended(key.compartment, key.part, .engineGone, exitCode: nil))
        }
        for sink in sinks.values { sink(.engineGone) }
    }

    /// A container ended. Where nobody asked for it, its owner is told why, once nothing is left of it.
    func died(_ id: String, exitCode: Int64?) {
        guard let (key, container) = containers.first(where: { $0.value.id == id }), !container.isEnding,
            removals[key] == nil
        else { return }
        guard startups[key] == nil else {
            diedEarly.insert(id)
            return
        }
        containers[key]?.isEnding = true
        removals[key] = Task {
            let (reason, code) = await self.reason(id, exitCode: exitCode)
            self.logger.notice(
                "container ended",
                metadata: [
                    "container": "\(self.template.name(key))", "reason": "\(reason.rawValue)",
                    "exit": "\(code ?? -1)",
                ])
            self.removals[key] = nil
            let removal = self.removal(of: key)
            defer { self.sinks[container.client]?(.ended(key.compartment, key.part, reason, exitCode: code)) }
            try await removal.value
        }
    }

    private func reason(_ id: String, exitCode: Int64?) async -> (EndReason, Int64?) {
        let state = try? await engine.inspectContainer(id)["State"]
        let code = exitCode ?? state?["ExitCode"]?.intValue
        if state?["OOMKilled"]?.boolValue == true { return (.outOfMemory, code) }
        // 128 + signal; PID 1 of a container cannot be killed from inside.
        return (code == 137 ? .killed : .exited, code)
    }
}
