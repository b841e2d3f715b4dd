/// One hardening less, as a JSON merge patch of what the engine is asked for, and the attempts that have to notice.
struct Weakening: Sendable {
    var name: String
    var patch: String
    var group: String
    var red: Set<String>
}

extension Weakening {
    static let all = [
        Weakening(
            name: "no system call filter",
            patch: #"{"HostConfig": {"SecurityOpt": ["no-new-privileges:true", "seccomp=unconfined"]}}"#,
            group: "container",
            red: [
                "container.unfiltered", "container.ptrace", "container.process_memory", "container.keyctl",
                "container.io_uring", "container.user_namespace", "container.compare_processes",
                "container.netlink",
            ]),
        Weakening(
            name: "capabilities kept", patch: #"{"HostConfig": {"CapDrop": []}}"#, group: "container",
            red: ["container.capabilities"]),
        Weakening(
            name: "new privileges allowed", patch: #"{"HostConfig": {"SecurityOpt": ["seccomp=unconfined"]}}"#,
            group: "container", red: ["container.no_new_privileges"]),
        Weakening(
            name: "a writable root", patch: #"{"HostConfig": {"ReadonlyRootfs": false}}"#, group: "container",
            red: ["container.read_only_root"]),
        Weakening(
            name: "the engine's socket",
            patch: """
                {"mounts": [{"Type": "bind", "Source": "/var/run/docker.sock", "Target": "/run/docker.sock"}]}
                """, group: "container", red: ["container.engine_socket", "container.mounts"]),
        Weakening(
            name: "the host's processes", patch: #"{"HostConfig": {"PidMode": "host"}}"#, group: "container",
            red: ["container.other_processes"]),
        Weakening(
            name: "a network", patch: #"{"NetworkDisabled": false, "HostConfig": {"NetworkMode": "bridge"}}"#,
            group: "network",
            red: ["network.tcp", "network.udp", "network.metadata", "network.routes", "network.interfaces"]),
        Weakening(
            name: "the host's network",
            patch: #"{"NetworkDisabled": false, "HostConfig": {"NetworkMode": "host"}}"#,
            group: "network", red: ["network.host_loopback", "network.tcp"]),
        Weakening(
            name: "processes without limit", patch: #"{"HostConfig": {"PidsLimit": -1}}"#, group: "resources",
            red: ["resources.fork_bomb", "resources.threads"]),
        Weakening(
            name: "memory without limit", patch: #"{"HostConfig": {"Memory": 0, "MemorySwap": 0}}"#,
            group: "resources", red: ["resources.memory"]),
        Weakening(
            name: "processors and files without limit", patch: #"{"HostConfig": {"NanoCpus": 0, "Ulimits": []}}"#,
            group: "resources", red: ["resources.processors", "resources.file_size"]),
        Weakening(
            name: "memory shared with others", patch: #"{"HostConfig": {"IpcMode": "host"}}"#, group: "tenant",
            red: ["tenant.shared_memory"]),
        Weakening(
            name: "one network for all",
            patch: #"{"NetworkDisabled": false, "HostConfig": {"NetworkMode": "host"}}"#,
            group: "tenant", red: ["tenant.loopback", "tenant.abstract_socket"]),
        Weakening(
            name: "a key in the environment",
            patch: #"{"Env": ["ANTHROPIC_API_KEY=x", "PATH=/usr/local/bin:/usr/bin:/bin"]}"#,
            group: "secrets", red: ["secrets.environment", "secrets.processes"]),
        Weakening(
            name: "a folder of secrets",
            patch: #"{"mounts": [{"Type": "bind", "Source": "/etc/ssl", "Target": "/run/secrets"}]}"#,
            group: "secrets", red: ["secrets.mounts"]),
        Weakening(
            name: "programs that rise to root, with all capabilities",
            patch: risen(
                #""ReadonlyRootfs": false, "Devices": [{"PathOnHost": "/dev/kmsg", "PathInContainer": "/dev/kmsg", "CgroupPermissions": "rwm"}], "MaskedPaths": [], "ReadonlyPaths": []"#
            ),
            group: "container",
            red: [
                "container.accounting", "container.add_key", "container.block_device_node",
                "container.bluetooth", "container.bpf", "container.capabilities", "container.cgroup_namespace",
                "container.cgroup_release_agent", "container.chroot", "container.clock",
                "container.clone_namespace", "container.compare_processes", "container.core_pattern",
                "container.descriptor_theft", "container.device_node", "container.devices",
                "container.host_name", "container.io_uring", "container.ipc_namespace",
                "container.join_namespace", "container.kernel_crypto", "container.kernel_log",
                "container.kernel_memory", "container.kernel_settings", "container.keyctl", "container.mount",
                "container.mount_context", "container.mount_namespace", "container.mount_tree",
                "container.netlink", "container.network_namespace", "container.no_new_privileges",
                "container.open_by_handle", "container.other_processes", "container.packet_datagram",
                "container.packet_socket", "container.perf_events", "container.pivot_root",
                "container.process_memory", "container.process_namespace", "container.ptrace",
                "container.raw_socket", "container.read_only_root", "container.reboot", "container.remount",
                "container.root", "container.runtime_binary", "container.secret_memory", "container.swap",
                "container.unfiltered", "container.unmount", "container.user_namespace", "container.userfaultfd",
                "container.vsock",
            ]),
        Weakening(
            name: "a network one can configure",
            patch: risen(#""NetworkMode": "bridge""#, #""NetworkDisabled": false"#),
            group: "network",
            red: [
                "network.broadcast", "network.configure", "network.dns", "network.icmp", "network.interfaces",
                "network.link_local", "network.metadata", "network.private", "network.routes", "network.tcp",
                "network.udp",
            ]),
        Weakening(
            name: "memory for files without limit",
            patch: #"{"HostConfig": {"Tmpfs": {"/tmp": "rw,nosuid,nodev,exec,mode=1777,size=40g,nr_inodes=0"}}}"#,
            group: "resources", red: ["resources.inodes", "resources.temporary_files"]),
        Weakening(name: "limits one can raise", patch: risen(), group: "resources", red: ["resources.raise_limits"]),
        Weakening(
            name: "everybody's volumes",
            patch: able(
                "",
                """
                "mounts": [{"Type": "bind", "Source": "{HOME}/volumes", "Target": "{HOME}/volumes"},
                           {"Type": "bind", "Source": "{HOME}/volumes", "Target": "/run/everybody"}]
                """),
            group: "tenant",
            red: [
                "tenant.planted_link", "tenant.volume", "tenant.volume_by_name",
            ]),
        Weakening(
            name: "everybody's processes", patch: able(#""PidMode": "host""#), group: "tenant",
            red: ["tenant.processes", "tenant.signals"]),
        Weakening(
            name: "doors that can be replaced",
            patch: able("", #""mountPoints": {"/run/bulkhead": {"ReadOnly": false}}"#),
            group: "tenant", red: ["tenant.socket"]),
        Weakening(
            name: "a key in a file",
            patch: """
                {"mounts": [{"Type": "bind", "Source": "{HOME}/leaked", "Target": "/run/leaked"},
                            {"Type": "bind", "Source": "{HOME}/leaked/key", "Target": "/tmp/.netrc"}]}
                """,
            group: "secrets", red: ["secrets.files", "secrets.history"]),
        Weakening(
            name: "a secret of the vault in an environment",
            patch: #"{"Env": ["HOME=/tmp", "PATH=/usr/local/bin:/usr/bin:/bin", "PLAIN={SECRET}"]}"#,
            group: "secrets", red: ["secrets.live_in_mounts", "secrets.live_values"]),
    ]

    /// Attempts that no change of what the engine is asked for turns red, and what they hang on.
    static let others = [
        // Code of ours, which has tests of its own: the tool server, the harness's way with files, the scan.
        "container.inherited_descriptors", "resources.orphan", "resources.output_flood", "tenant.git_hook",
        "tenant.tool_link", "secrets.leak_plain", "secrets.leak_base64", "secrets.leak_base64_shifted",
        "secrets.leak_hex", "secrets.leak_url", "secrets.leak_reversed", "secrets.leak_json",
        // A kernel's fault would be needed, or a part of it that many are built without.
        "container.dot_dot", "container.kernel_module", "container.kexec", "container.sysrq",
        // The engine's own limit is often lower than what the attempt takes for none.
        "resources.open_files",
        // One user for all stops the sandbox: its volumes are another's then.
        "tenant.user",
    ]

    /// Python, in which the probes are written, rises to root with every capability that an engine usually has: what stands
    /// behind the container's user, its capabilities and its filter then shows.
    private static func risen(_ hostConfig: String = "", _ more: String = "") -> String {
        stronger(
            "{RISEN}",
            [
                "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "SYS_PTRACE", "SYS_TIME", "SYS_BOOT", "SYS_PACCT", "SYS_NICE",
                "SYSLOG", "NET_ADMIN", "DAC_READ_SEARCH",
            ], hostConfig, more)
    }

    /// It (and what it looks through files with) stays who it is, and no file's mode and no process's owner stops it.
    private static func able(_ hostConfig: String = "", _ more: String = "") -> String {
        stronger("{ABLE}", ["DAC_READ_SEARCH", "SYS_PTRACE"], hostConfig, more)
    }

    private static func stronger(_ image: String, _ capabilities: [String], _ hostConfig: String, _ more: String)
        -> String
    {
        """
        {"Image": "\(image)"\(more.isEmpty ? "" : ", \(more)"), "HostConfig": {
            "CapDrop": [], "CapAdd": [\(capabilities.map { "\"\($0)\"" }.joined(separator: ", "))],
            "SecurityOpt": ["seccomp=unconfined"]\(hostConfig.isEmpty ? "" : ", \(hostConfig)")}}
        """
    }

    /// Makes the two images, of the workspace's, and names them.
    static func makeImages(of workspace: String) async throws -> (risen: String, able: String) {
        // struct vfs_cap_data (capabilities(7)): effective; DAC_OVERRIDE, DAC_READ_SEARCH, KILL and SYS_PTRACE permitted.
        let able = """
            import os, struct; [os.setxattr(os.path.realpath('/usr/bin/' + n), 'security.capability', \
            struct.pack('<IIIII', 0x02000001, 1 << 1 | 1 << 2 | 1 << 5 | 1 << 19, 0, 0, 0)) \
            for n in ('python3', 'grep', 'find')]
            """
        func build(_ name: String, _ command: String) async throws -> String {
            let image = "\(workspace)-\(name)"
            let result = try await Command.run(
                "/usr/bin/docker", ["build", "--quiet", "--tag", image, "-"],
                input: "FROM \(workspace)\nUSER root\nRUN \(command)\n")
            guard result.status == 0 else { throw Installation.Failure(description: "\(result)") }
            return image
        }
        return (
            try await build("risen", "chmod u+s \"$(readlink -f /usr/bin/python3)\""),
            try await build("able", "python3 -c \"\(able)\"")
        )
    }
}
