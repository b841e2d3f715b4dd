internal import DockerEngine
internal import Glibc

/// The Docker Engine: who can use it, what it offers, and whether the containers of this installation have the walls the
/// broker asked for.
struct EngineCheck {
    let broker: InstalledBroker?

    func run(_ facts: inout HostFacts) async -> [Drift] {
        let path = broker?.engine ?? "/var/run/docker.sock"
        let engine = DockerEngine(socketPath: path)
        var found = socket(path, &facts)
        do {
            let version = try await engine.version()
            facts[.engine, "version"] = version.engine
            found += setup(try await engine.setup(), &facts)
            found += listeners(path, &facts)
            for (part, name) in (broker?.images ?? [:]).sorted(by: { $0.key < $1.key }) {
                facts[.image, "\(part) (\(name))"] = try await engine.inspectImage(name).id
            }
            if let broker {
                let labels = ["bulkhead.installation=\(broker.installation)"]
                let check = ContainerCheck(broker) { try await engine.inspectContainer($0) }
                found += await check.run(over: try await engine.listContainers(labels: labels))
            }
        } catch {
            found.append(
                Drift(
                    .fail, "Docker Engine", "could not be looked at: \(error)",
                    advice: "Start it (`scripts/engine.sh`), then look again."))
        }
        return found
    }

    /// Whoever can use the engine's socket is root.
    private func socket(_ path: String, _ facts: inout HostFacts) -> [Drift] {
        // Often /var/run is a link, and the socket is not.
        guard let file = FileFact(path) else { return [] }
        facts[.file, path] = file.words
        let members = SystemNames.members(of: file.gid)
        let group = SystemNames.group(file.gid)
        facts[.engine, "members of the group \(group)"] = members.joined(separator: " ")
        var found: [Drift] = []
        if file.mode & 0o006 != 0 {
            found.append(
                Drift(
                    .fail, path, "everybody on this machine can use the Docker Engine, and is root by it",
                    expected: "0660", found: file.words, since: file.changed, advice: "`chmod 660 \(path)`"))
        }
        guard file.gid != 0 else { return found }
        if let service = broker?.serviceUID, members.contains(SystemNames.user(service)) {
            found.append(
                Drift(
                    .fail, "group \(group)",
                    "the service user \(SystemNames.user(service)) is in it: whoever breaks into the daemon is root",
                    expected: "only people who are root anyway", found: members.joined(separator: ", "),
                    advice: "`gpasswd --delete \(SystemNames.user(service)) \(group)`, then start the daemon again."))
        } else if !members.isEmpty {
            found.append(
                Drift(
                    .warn, "group \(group)",
                    "\(members.joined(separator: ", ")) can use the Docker Engine, and so be root",
                    advice: "`gpasswd --delete NAME \(group)` for those who should not be."))
        }
        return found
    }

    private func setup(_ setup: EngineSetup, _ facts: inout HostFacts) -> [Drift] {
        for name in ["seccomp", "apparmor", "selinux", "userns", "rootless", "no-new-privileges"] {
            facts[.engine, name] = setup.security[name].map { $0.isEmpty ? "on" : $0 } ?? "off"
        }
        facts[.engine, "live-restore"] = setup.survivesItsRestart ? "on" : "off"
        facts[.engine, "default runtime"] = setup.runtime
        facts[.engine, "cgroups"] = setup.cgroups
        facts[.engine, "storage driver"] = setup.storage
        var found: [Drift] = []
        if setup.security["seccomp"] == nil {
            found.append(
                Drift(
                    .fail, "Docker Engine", "has no seccomp: containers make any system call", expected: "seccomp",
                    found: "off", advice: "Use an engine and a kernel with seccomp."))
        }
        for warning in setup.warnings where warning.contains("accessible on") {
            found.append(
                Drift(
                    .fail, "Docker Engine", String(warning.prefix(300)), expected: "a Unix socket alone",
                    advice: "Take `-H tcp://…` out of its options or /etc/docker/daemon.json, and start it again."))
        }
        return found
    }

    /// TCP ports the engine's own process listens on. Whoever reaches one may be root here.
    private func listeners(_ path: String, _ facts: inout HostFacts) -> [Drift] {
        guard let process = PeerProcess.at(path)?.pid, process > 0 else { return [] }
        let ports = ListeningPorts.of(process)
        facts[.engine, "TCP ports"] = ports.isEmpty ? "none" : ports.joined(separator: " ")
        guard !ports.isEmpty else { return [] }
        return [
            Drift(
                .fail, "Docker Engine",
                "listens on TCP \(ports.joined(separator: ", ")): whoever gets there may be root",
                expected: "a Unix socket alone", found: ports.joined(separator: ", "),
                advice: "Take `-H tcp://…` out of its options or /etc/docker/daemon.json, and start it again.")
        ]
    }
}
