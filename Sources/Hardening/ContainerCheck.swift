internal import DockerEngine
internal import MCP

/// The containers of this installation: what runs, not what was asked for.
struct ContainerCheck {
    private let profiles: [String: String]
    private let inspect: @Sendable (String) async throws -> JSONValue

    /// `inspect` throws `EngineError`; `.noSuchContainer` for one that is gone.
    init(_ broker: InstalledBroker, inspect: @escaping @Sendable (String) async throws -> JSONValue) {
        self.init(profiles: broker.profiles.mapValues(SystemFile.text), inspect: inspect)
    }

    /// `profiles`: the seccomp profiles by part.
    init(profiles: [String: String], inspect: @escaping @Sendable (String) async throws -> JSONValue) {
        self.profiles = profiles
        self.inspect = inspect
    }

    func run(over all: [ContainerSummary]) async -> [Drift] {
        var found: [Drift] = []
        var sound = 0
        // Paused ones too: whatever has not come to its end.
        for container in all where !["created", "exited", "dead", "removing"].contains(container.state) {
            let about: JSONValue
            do {
                about = try await inspect(container.id)
            } catch let error as EngineError where error.code == .noSuchContainer {
                // Gone meanwhile is no weakness.
                continue
            } catch {
                found.append(
                    Drift(
                        .fail, container.name, "runs, and what walls it has could not be looked at: \(error)",
                        advice: "Look again; where that stays so, `docker kill \(container.name)`."))
                continue
            }
            let profile = profiles[container.labels["bulkhead.part"] ?? ""] ?? profiles["workspace"]
            let weak = ContainerWalls.missing(about, profile: profile ?? "")
            if weak.isEmpty { sound += 1 }
            for wall in weak {
                found.append(
                    Drift(
                        .fail, container.name, "runs \(wall)", found: wall,
                        advice: "End it (`docker kill \(container.name)`) and find out who made it."))
            }
        }
        if sound > 0 {
            found.append(Drift(.ok, "containers", "\(sound) run, each with all its walls"))
        }
        return found
    }
}

/// Whether a container has what the broker gives each one.
enum ContainerWalls {
    static func missing(_ about: JSONValue, profile: String) -> [String] {
        let host = about["HostConfig"]
        var missing: [String] = []
        func check(_ holds: Bool, _ words: String) { if !holds { missing.append(words) } }
        check(host?["NetworkMode"] == "none", "with a network")
        check(host?["ReadonlyRootfs"] == true, "with a root filesystem it can write")
        check(host?["Privileged"] == false, "privileged")
        check(host?["CapDrop"] == ["ALL"], "without having dropped all capabilities")
        check((host?["CapAdd"]?.arrayValue ?? []).isEmpty, "with capabilities added")
        check((host?["Devices"]?.arrayValue ?? []).isEmpty, "with devices")
        check(host?["PidMode"] == "" && host?["IpcMode"] == "private", "in another's namespaces")
        check((host?["PidsLimit"]?.intValue ?? 0) > 0, "without a limit of processes")
        check((host?["Memory"]?.intValue ?? 0) > 0, "without a limit of memory")
        let options = (host?["SecurityOpt"]?.arrayValue ?? []).compactMap(\.stringValue)
        check(options.contains { $0.hasPrefix("no-new-privileges") }, "without no-new-privileges")
        let seccomp = options.first { $0.hasPrefix("seccomp=") }.map { String($0.dropFirst(8)) }
        check(seccomp == profile && !profile.isEmpty, "with another seccomp profile than the configured one")
        let user = about["Config"]?["User"]?.stringValue ?? ""
        check(!user.isEmpty && !user.hasPrefix("0") && user != "root", "as root")
        return missing
    }
}
