extension Catalogue {
    private static func list(_ trials: KeyValuePairs<String, String>) -> [DrillTrial] {
        trials.map { DrillTrial(.container, $0.key, $0.value) }
    }

    static let containerPrivileges = list([
        "root": "becoming root, or of root's groups", "capabilities": "a capability, held or raised",
        "no_new_privileges": "more rights through a set-id program",
        "unfiltered": "running without a system call filter",
    ])

    static let containerFiles = list([
        "read_only_root": "writing to the container's own system",
        "engine_socket": "the container engine's socket, or any other",
        "inherited_descriptors": "a descriptor left open by whoever started it",
        "runtime_binary": "overwriting the program that started it (runc)", "core_pattern": "core_pattern",
        "sysrq": "sysrq-trigger", "kernel_settings": "settings of the kernel", "devices": "devices of the host",
        "kernel_memory": "kernel memory and firmware tables", "block_device_node": "making a disk's device node",
        "device_node": "making a memory's device node", "mounts": "a mount of the host, or one with too many rights",
        "dot_dot": "climbing above the root",
    ])

    static let containerNamespaces = list([
        "user_namespace": "a user namespace", "mount_namespace": "a mount namespace",
        "network_namespace": "a network namespace", "process_namespace": "a process namespace",
        "ipc_namespace": "an IPC namespace", "cgroup_namespace": "a cgroup namespace",
        "clone_namespace": "a namespace through clone and clone3", "join_namespace": "joining another namespace",
        "mount": "a mount", "cgroup_release_agent": "cgroup release_agent", "remount": "remounting the root writable",
        "unmount": "taking a mount away", "mount_tree": "open_tree", "mount_context": "fsopen",
        "pivot_root": "pivot_root", "chroot": "chroot", "open_by_handle": "open_by_handle_at",
    ])

    static let containerKernel = list([
        "ptrace": "ptrace", "process_memory": "process_vm_readv",
        "other_processes": "processes outside, the agent's too",
        "descriptor_theft": "pidfd_getfd", "compare_processes": "kcmp", "bpf": "bpf", "io_uring": "io_uring",
        "keyctl": "keyctl", "add_key": "add_key", "userfaultfd": "userfaultfd", "perf_events": "perf_event_open",
        "secret_memory": "memfd_secret", "kernel_log": "the kernel's log", "kernel_module": "loading a kernel module",
        "kexec": "kexec", "reboot": "reboot", "swap": "swapon", "accounting": "acct", "clock": "setting the clock",
        "host_name": "setting the host name", "vsock": "AF_VSOCK", "packet_socket": "AF_PACKET, raw",
        "packet_datagram": "AF_PACKET, datagrams", "raw_socket": "a raw IP socket", "netlink": "netlink",
        "kernel_crypto": "AF_ALG", "bluetooth": "AF_BLUETOOTH",
    ])
}
