internal import CLinux
internal import Glibc

/// What the process keeps from others of its own user and from the disk: its memory holds keys and values.
enum ProcessHardening {
    /// Throws `StartError` where it cannot be had. Before any key is read.
    static func apply() throws {
        // No core file of it, whatever ends it.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        guard setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else {
            throw StartError("Core dumps cannot be turned off: \(String(cString: strerror(errno))).", exitStatus: 1)
        }
        // Nor one through a core_pattern program, which limits do not stop; and nobody but root reads its memory.
        guard clinux_set_dumpable(0) == 0 else {
            throw StartError("The process's memory cannot be closed to others of its user.", exitStatus: 1)
        }
    }
}
