import CLinux
import Glibc

/// Tries, in a process that has locked itself, what the lock is there to refuse. `bulkhead-agent check-lock` prints it.
package enum LockCheck {
    /// One line for each attempt: `refused` or `ALLOWED`, and what was tried. False where anything was allowed, or where
    /// what the loop needs was refused.
    package static func run(print: (String) -> Void) -> Bool {
        guard clinux_lock_agent() == 0 else {
            print("the system call filter could not be installed: \(String(cString: strerror(errno)))")
            return false
        }
        var isTight = true
        for (name, attempt) in forbidden {
            errno = 0
            let isRefused = attempt() < 0 && errno == EPERM
            isTight = isTight && isRefused
            print("\(isRefused ? "refused" : "ALLOWED") \(name)")
        }
        for index in 0..<clinux_attempt_count() {
            errno = 0
            // Not one of these could succeed with its arguments; what matters is who refuses.
            let isRefused = clinux_attempt(index) < 0 && errno == EPERM
            isTight = isTight && isRefused
            print("\(isRefused ? "refused" : "ALLOWED") \(String(cString: clinux_attempt_name(index)))")
        }
        for (name, attempt) in needed {
            let isAllowed = attempt() >= 0
            isTight = isTight && isAllowed
            print("\(isAllowed ? "works" : "BROKEN") \(name)")
        }
        return isTight
    }

    private typealias Attempt = (name: String, run: () -> Int)

    private static var forbidden: [Attempt] {
        [
            ("execve", { Int(clinux_try_exec("/bin/true")) }),
            ("fork", { Int(clinux_try_fork()) }),
            ("ptrace", { Int(clinux_try_ptrace()) }),
            ("kill", { Int(kill(getpid(), 0)) }),
            ("a signal to another process", { Int(clinux_try_tgkill(getpid() == 1 ? 2 : 1)) }),
            ("socket AF_INET", { Int(socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)) }),
            ("socket AF_UNIX datagram", { Int(socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)) }),
            ("socket AF_VSOCK", { Int(socket(40, CInt(SOCK_STREAM.rawValue), 0)) }),
            ("bind", { Int(bind(-1, nil, 0)) }),
            ("open for writing", { Int(open("/dev/null", O_WRONLY)) }),
            ("open for reading and writing", { Int(open("/dev/null", O_RDWR)) }),
            ("open to create", { Int(open("/tmp/bulkhead-lock-check", O_CREAT, 0o600)) }),
            ("open to truncate", { Int(open("/dev/null", O_TRUNC)) }),
            ("openat2", { Int(clinux_open_beneath(AT_FDCWD, ".", 0, 0)) }),
            ("unlink", { Int(unlink("/tmp/bulkhead-lock-check")) }),
            ("io_uring_setup", { Int(clinux_try_io_uring()) }),
            ("executable memory", { clinux_try_executable_memory() }),
            ("a second filter", { Int(clinux_lock_agent()) }),
            ("becoming dumpable", { Int(clinux_set_dumpable(1)) }),
        ]
    }

    private static var needed: [Attempt] {
        [
            ("socket AF_UNIX stream", { Int(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)) }),
            ("open for reading", { Int(open("/dev/null", O_RDONLY)) }),
        ]
    }
}
