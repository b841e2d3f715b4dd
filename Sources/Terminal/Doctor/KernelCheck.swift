internal import Glibc

/// What containers need of the kernel: cgroups that limit them, seccomp that confines them, mounts that reach them.
package enum KernelCheck {
    package static func run(files: (String) -> String? = { SmallFile.read($0) }) -> [Finding] {
        [cgroups(files), seccomp(files), propagation(files)]
    }

    package static func cgroups(_ files: (String) -> String?) -> Finding {
        let mounts = (files("/proc/self/mounts") ?? "").split(separator: "\n").map { $0.split(separator: " ") }
        let unified = mounts.contains { $0.count > 2 && $0[2] == "cgroup2" && $0[1] == "/sys/fs/cgroup" }
        let controllers: Set<Substring>
        let listing = files("/sys/fs/cgroup/cgroup.controllers") ?? ""
        if unified {
            controllers = Set(listing.split { $0 == " " || $0 == "\n" })
        } else {
            let options = mounts.filter { $0.count > 3 && $0[2] == "cgroup" }.flatMap { $0[3].split(separator: ",") }
            controllers = Set(options)
        }
        let missing = ["memory", "pids", "cpu"].filter { !controllers.contains(Substring($0)) }
        let version = unified ? "version 2" : "version 1"
        guard missing.isEmpty else {
            return Finding(
                .fail, "cgroups", "\(version), without \(missing.joined(separator: ", "))",
                advice:
                    "Containers would have no limits. Mount the cgroup controllers (systemd does), or enable them at boot "
                    + "(cgroup_enable=memory).")
        }
        return Finding(.ok, "cgroups", "\(version) with memory, pids and cpu limits")
    }

    package static func seccomp(_ files: (String) -> String?) -> Finding {
        let actions = files("/proc/sys/kernel/seccomp/actions_avail") ?? ""
        guard actions.contains("errno"), actions.contains("kill_process") else {
            return Finding(
                .fail, "seccomp", "the kernel offers no seccomp filters",
                advice: "Use a kernel with CONFIG_SECCOMP_FILTER.")
        }
        return Finding(.ok, "seccomp", "filters available")
    }

    /// Volumes are mounted into containers that run already; that needs a shared mount.
    package static func propagation(_ files: (String) -> String?) -> Finding {
        let root = (files("/proc/self/mountinfo") ?? "").split(separator: "\n").map { $0.split(separator: " ") }
            .last { $0.count > 6 && $0[4] == "/" }
        guard let root else { return Finding(.warn, "mounts", "/proc/self/mountinfo does not list the root mount") }
        let fields = root[6...].prefix { $0 != "-" }
        if fields.contains(where: { $0.hasPrefix("shared:") }) {
            return Finding(.ok, "mounts", "the root mount is shared: volumes reach running containers")
        }
        return Finding(
            .warn, "mounts", "the root mount is private; the broker makes its own volume root shared",
            advice: "If containers see empty volumes, run `mount --make-rshared /` before the Docker Engine starts.")
    }
}
