internal import BrokerProtocol
internal import Glibc
internal import MCP
internal import Model

extension Broker {
    /// What the broker opens, makes and may be asked for: from the vocabulary, the template and the configuration that are
    /// in force, with `*` for what differs from compartment to compartment.
    nonisolated func surface() -> JSONObject {
        let any = CompartmentID(trusted: "*")
        let (agent, workspace) = (Key(compartment: any, part: .agent), Key(compartment: any, part: .workspace))
        return [
            "user": .int(Int64(geteuid())),
            "socket": [
                "path": .string(configuration.socketPath), "mode": .string(Self.octal(BrokerServer.socketMode)),
                "owner": .string("0:\(configuration.serviceGID)"), "type": "seqpacket",
                "may_connect": .int(Int64(configuration.serviceUID)),
            ],
            "doors": door(.model, owner: "the agent container's user"),
            "egress": door(.egress, owner: "the workspace container's user"),
            "vocabulary": .array(BrokerRequest.Operation.allCases.map(\.rawValue).sorted().map { .string($0) }),
            "engine": .string(configuration.engineSocket),
            "directories": ["run": .string(configuration.runDirectory), "volumes": .string(configuration.volumeRoot)],
            "witness": configuration.witnessPath.map { .string($0) } ?? .null,
            "owners": .string(
                "\(configuration.firstOwner)-\(configuration.firstOwner + configuration.ownerCount - 1)"),
            // What root starts for the harness, and as whom.
            "hooks": .object(
                JSONObject(
                    configuration.hooks.map { hook in
                        (
                            hook.name,
                            JSONValue.object([
                                "program": .string(hook.path), "user": .string("\(hook.uid):\(hook.gid)"),
                            ])
                        )
                    })),
            "containers": [
                "agent": .object(
                    Self.summary(
                        of: template.agent(
                            agent, owner: 0, image: configuration.agent.image, doorDirectory: doors.path + "/*"))),
                "workspace": .object(
                    Self.summary(
                        of: template.workspace(
                            workspace, owner: 0, image: configuration.workspace.image,
                            slot: volumes.slotPath(workspace), doorDirectory: doors.path + "/*"))),
            ],
            "volumes": .object(
                JSONObject(Mount.allCases.map { ($0.path, $0.isReadOnly ? "read-only" : "read-write") })),
        ]
    }

    nonisolated private func door(_ door: DoorDirectory.Door, owner: String) -> JSONValue {
        [
            "path": .string("\(doors.path)/*/\(door.rawValue)"), "mode": .string(Self.octal(DoorDirectory.socketMode)),
            "owner": .string(owner), "type": "stream",
        ]
    }

    /// The definition as the engine gets it, without what names one container; the profile as the calls it lets through.
    private static func summary(of definition: JSONObject) -> JSONObject {
        var summary = definition
        for name in ["User", "Labels"] { summary[name] = nil }
        guard var host = summary["HostConfig"]?.objectValue else { return summary }
        let options = host["SecurityOpt"]?.arrayValue ?? []
        let profile = options.compactMap(\.stringValue).first { $0.hasPrefix("seccomp=") }
        host["SecurityOpt"] = .array(options.filter { $0.stringValue != profile })
        summary["HostConfig"] = .object(host)
        summary["seccomp"] = profile.map { .object(calls(in: String($0.dropFirst("seccomp=".count)))) } ?? .null
        return summary
    }

    private static func calls(in profile: String) -> JSONObject {
        let value = try? JSONValue(parsing: Array(profile.utf8))
        var calls: [String: Set<String>] = [:]
        for rule in value?["syscalls"]?.arrayValue ?? [] {
            let action = rule["action"]?.stringValue ?? ""
            // Conditions on arguments make it a narrower permission, and stand with it.
            let condition = rule["args"].map { " with \($0.text)" } ?? ""
            let names = (rule["names"]?.arrayValue ?? []).compactMap(\.stringValue)
            calls[action, default: []].formUnion(names.map { $0 + condition })
        }
        var object: JSONObject = ["default": value?["defaultAction"] ?? .null]
        for (action, names) in calls.sorted(by: { $0.key < $1.key }) {
            object[action] = .array(names.sorted().map { .string($0) })
        }
        return object
    }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
