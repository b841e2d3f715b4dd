internal import BrokerProtocol
internal import MCP
internal import Model

/// The containers there are: an agent's, and a workspace's, of which an errand is a second one. What differs between two agents' (or two workspaces') containers is named by the
/// parameters; everything else is fixed here or comes from the root-owned configuration.
struct ContainerTemplate {
    let configuration: BrokerConfiguration

    func name(_ key: Broker.Key) -> String { "bulkhead-\(configuration.installation)-\(key)" }

    static let installationLabel = "bulkhead.installation"
    static let compartmentLabel = "bulkhead.compartment"
    static let partLabel = "bulkhead.part"

    /// Nothing writable, no volume: its two doors are its standard streams and the socket in /run/bulkhead.
    func agent(_ key: Broker.Key, owner: UInt32, image: String, doorDirectory: String) -> JSONObject {
        definition(
            key, owner: owner, image: image, settings: configuration.agent, home: "/",
            mounts: [Self.doors(doorDirectory)],
            // Docker would mount a writable /dev/shm.
            temporary: [("/dev/shm", "ro,nosuid,nodev,noexec,size=4k")], outOfMemoryScore: 300)
    }

    /// One bind, under which volumes appear (`late`), or a bind per volume; and the directory where its egress door will be
    /// if it is ever given one.
    func workspace(
        _ key: Broker.Key, owner: UInt32, image: String, slot: String?, doorDirectory: String?,
        plainBinds: [(String, VolumeGrant)] = []
    ) -> JSONObject {
        var mounts = doorDirectory.map { [Self.doors($0)] } ?? []
        if let slot { mounts.append(Self.bind(slot, "/workspace", readOnly: true, propagation: "rslave")) }
        for (path, grant) in plainBinds {
            mounts.append(
                Self.bind(
                    path, grant.volume.kind.path, readOnly: grant.access == .readOnly, propagation: "rprivate"))
        }
        let size = configuration.workspace.temporaryBytes
        return definition(
            key, owner: owner, image: image, settings: configuration.workspace, home: "/tmp",
            mounts: mounts,
            // Executable: compilers and package builds run what they put there, and /workspace/thread, where the same
            // processes write, is executable as well. What no-new-privileges and nosuid take away stays taken away.
            temporary: [
                ("/tmp", "rw,nosuid,nodev,exec,mode=1777,size=\(size),nr_inodes=\(Self.temporaryFiles)"),
                ("/dev/shm", "rw,nosuid,nodev,noexec,mode=1777,size=\(min(size, 64 << 20))"),
            ], outOfMemoryScore: 800)
    }

    /// In /tmp: without a number of their own empty files take the host's kernel memory.
    private static let temporaryFiles = 131_072

    private func definition(
        _ key: Broker.Key, owner: UInt32, image: String, settings: BrokerConfiguration.PartConfiguration,
        home: String, mounts: [JSONValue], temporary: [(String, String)], outOfMemoryScore: Int64
    ) -> JSONObject {
        func limit(_ name: String, _ value: Int64) -> JSONValue {
            ["Name": .string(name), "Soft": .int(value), "Hard": .int(value)]
        }
        return [
            "Image": .string(image),
            // Always both: with a uid alone Docker gives gid 0.
            "User": .string("\(owner):\(owner)"),
            "Hostname": "sandbox",
            "WorkingDir": "/",
            "Env": [
                .string("HOME=\(home)"), "LANG=C.UTF-8",
                "PATH=/usr/local/bin:/usr/bin:/bin", "TMPDIR=/tmp",
            ],
            "Labels": [
                Self.installationLabel: .string(configuration.installation),
                Self.compartmentLabel: .string(key.compartment.rawValue),
                Self.partLabel: .string(key.part.rawValue),
            ],
            "NetworkDisabled": true,
            "Tty": false,
            "OpenStdin": true,
            // Whoever is attached goes away, and the container's stdin ends.
            "StdinOnce": true,
            "AttachStdin": true, "AttachStdout": true, "AttachStderr": true,
            "HostConfig": [
                "NetworkMode": "none",
                "ReadonlyRootfs": true,
                "Privileged": false,
                "CapDrop": ["ALL"],
                "SecurityOpt": ["no-new-privileges:true", .string("seccomp=\(settings.seccomp)")],
                "IpcMode": "private", "CgroupnsMode": "private",
                // The agent container executes one program, which reaps nothing; a workspace's orphans need a parent.
                "Init": .bool(key.part != .agent),
                "PidsLimit": .int(settings.processes),
                "Memory": .int(settings.memoryBytes), "MemorySwap": .int(settings.memoryBytes),
                "NanoCpus": .int(settings.milliCPUs * 1_000_000),
                "OomScoreAdj": .int(outOfMemoryScore),
                "Ulimits": [
                    limit("nofile", settings.openFiles), limit("fsize", settings.fileBytes), limit("core", 0),
                ],
                "Mounts": .array(mounts),
                "Tmpfs": .object(JSONObject(temporary.map { ($0.0, .string($0.1)) })),
                "LogConfig": ["Type": "none", "Config": [:]],
                "RestartPolicy": ["Name": "no"],
                "AutoRemove": false,
            ],
        ]
    }

    /// Root's, so that what is in it can be connected to and not replaced.
    private static func doors(_ directory: String) -> JSONValue {
        bind(directory, "/run/bulkhead", readOnly: true, propagation: "rprivate")
    }

    private static func bind(
        _ source: String, _ target: String, readOnly: Bool, propagation: String
    ) -> JSONValue {
        [
            "Type": "bind", "Source": .string(source), "Target": .string(target), "ReadOnly": .bool(readOnly),
            // Engines of API 1.44 and up make what is mounted below read-only too unless told otherwise; older ones do not
            // know the member.
            "BindOptions": ["Propagation": .string(propagation), "ReadOnlyNonRecursive": true],
        ]
    }
}
