import Glibc
import Testing

/// Makes each dangerous system call and prints what became of it, a line each: its name and the error's name, or its
/// result. The same program runs confined and, as the control, unconfined as root of this host, where no argument it uses
/// does any harm.
enum SystemCallProbe {
    struct Outcome: Hashable {
        var text: String

        /// What the filter says, and a capability that is missing. The control tells the two apart.
        var isPermission: Bool { text == "EPERM" }
        var isKilled: Bool { text == "SIGSYS" }
    }

    /// What a run said, by name.
    static func outcomes(_ output: String) -> [String: Outcome] {
        var outcomes: [String: Outcome] = [:]
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: "=", maxSplits: 1)
            guard fields.count == 2, fields[0].hasPrefix("call ") else { continue }
            outcomes[String(fields[0].dropFirst(5))] = Outcome(text: String(fields[1]))
        }
        return outcomes
    }

    /// A shell command, its output; for what is not run through a workspace.
    static func shell(_ command: String, input: String) throws -> String {
        let path = "/tmp/bulkhead-probe-\(UInt64.random(in: 0...UInt64.max))"
        let file = try #require(fopen(path, "we"))
        fputs(input, file)
        fclose(file)
        defer { unlink(path) }
        let pipe = try #require(popen("\(command) < \(path) 2>&1", "re"))
        defer { pclose(pipe) }
        var output = ""
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, pipe) > 0, let line { output += String(cString: line) }
        return output
    }

    static let program = #"""
        import ctypes, errno, mmap, os, platform, signal, sys
        arm = platform.machine() == "aarch64"
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        def say(name, result):
            code = ctypes.get_errno()
            print(f"call {name}={'ok' if result >= 0 else errno.errorcode.get(code, code)}", flush=True)
        def call(name, number, *args):
            if number is None: return
            ctypes.set_errno(0)
            args = (list(args) + [0] * 6)[:6]
            say(name, libc.syscall(ctypes.c_long(number), *[ctypes.c_ulong(a & (2**64 - 1)) for a in args]))
        BAD = 1  # a pointer to nothing
        # name: (x86-64, arm64, arguments). Arguments are such that the call fails harmlessly where it is let through.
        calls = dict(
            io_uring_setup=(425, 425, 0, BAD), io_uring_enter=(426, 426, -1), io_uring_register=(427, 427, -1),
            ptrace=(101, 117, 9999, 0), process_vm_readv=(310, 270, 0, BAD, 1, BAD, 1, 9),
            process_vm_writev=(311, 271, 0, BAD, 1, BAD, 1, 9), kcmp=(312, 272, 0, 0, 99),
            pidfd_getfd=(438, 438, -1, 0), process_madvise=(440, 440, -1), process_mrelease=(448, 448, -1),
            keyctl=(250, 219, 9999), add_key=(248, 217, BAD, BAD), request_key=(249, 218, BAD, BAD),
            bpf=(321, 280, 9999, BAD, 8), perf_event_open=(298, 241, BAD, -5), userfaultfd=(323, 282, 0x7fffffff),
            memfd_secret=(447, 447, 0x7fffffff), name_to_handle_at=(303, 264, -1, BAD, BAD, BAD),
            open_by_handle_at=(304, 265, -1, BAD), fanotify_init=(300, 262, 0x7fffffff), fanotify_mark=(301, 263, -1),
            mount=(165, 40, BAD, BAD, BAD), umount2=(166, 39, BAD), pivot_root=(155, 41, BAD, BAD), chroot=(161, 51, BAD),
            open_tree=(428, 428, -1, BAD), move_mount=(429, 429, -1, BAD, -1, BAD, 0), fsopen=(430, 430, BAD),
            fsconfig=(431, 431, -1), fsmount=(432, 432, -1), fspick=(433, 433, -1, BAD),
            mount_setattr=(442, 442, -1, BAD, 0x7fffffff), setns=(308, 268, -1), unshare_bad=(272, 97, 0x1),
            mknod=(133, None, BAD, 0o020666, 0x103), mknodat=(259, 33, -100, BAD, 0o020666, 0x103),
            init_module=(175, 105, BAD, 0), finit_module=(313, 273, -1), delete_module=(176, 106, BAD),
            create_module=(174, None), kexec_load=(246, 104, 0, 0, 0, 0x7fffffff), kexec_file_load=(320, 294, -1, -1, 0, 0, 0x7fffffff),
            reboot=(169, 142, 1, 2, 3), swapon=(167, 224, BAD), swapoff=(168, 225, BAD), acct=(163, 89, BAD),
            settimeofday=(164, 170, BAD), clock_settime=(227, 112, 0, BAD), adjtimex=(159, 171, BAD),
            clock_adjtime=(305, 266, 0, BAD), syslog=(103, 116, 9999), sethostname=(170, 161, BAD, 5),
            setdomainname=(171, 162, BAD, 5), quotactl=(179, 60, 9999, BAD), quotactl_fd=(443, 443, -1),
            iopl=(172, None, 9), ioperm=(173, None, 1 << 40, 1, 1), modify_ldt=(154, None, 99), uselib=(134, None, BAD),
            ustat=(136, None, 0, BAD), sysfs=(139, None, 99), lookup_dcookie=(212, 18),
            move_pages=(279, 239, 0, 1, BAD, BAD, BAD, 0x7fff), mbind=(237, 235, 1, 1, 0x7fff),
            set_mempolicy=(238, 237, 0x7fff), migrate_pages=(256, 238, 0, 99999999), nfsservctl=(180, 42),
            clone3=(435, 435, BAD, 8), landlock_bad=(444, 444, BAD, 1, 0x7fff))
        for name, (x86, generic, *args) in calls.items(): call(name, generic if arm else x86, *args)
        # Without CLONE_VM a shared signal handler is refused by the kernel: no child comes of it.
        SIGHAND = 0x800
        for name, flag in dict(newns=0x20000, newcgroup=0x02000000, newuts=0x04000000, newipc=0x08000000,
                newuser=0x10000000, newpid=0x20000000, newnet=0x40000000).items():
            call("clone " + name, 220 if arm else 56, flag | SIGHAND | 17)
            call("clone " + name + " with junk above", 220 if arm else 56, 1 << 40 | flag | SIGHAND | 17)
            # CLONE_PARENT is no flag of unshare: EINVAL.
            call("unshare " + name, 97 if arm else 272, flag | 0x8000)
        call("unshare newtime", 97 if arm else 272, 0x80 | 0x8000)
        call("personality of another kernel", 92 if arm else 135, 0x0000006)
        call("personality with readable code", 92 if arm else 135, 0x0400000)
        call("personality with junk above", 92 if arm else 135, 1 << 40 | 0x0400000)
        SOCKET = 198 if arm else 41
        for family in list(range(0, 46)):
            if family in (1, 2, 10): continue
            for kind in (1, 2, 3, 5): call(f"socket {family} {kind}", SOCKET, family, kind, 0)
        for family in (2, 10):
            for kind in (3, 4, 5, 6, 10, 3 | 0o2000000, 3 | 0o4000):
                call(f"socket {family} {kind}", SOCKET, family, kind, 255)
        call("socket AF_VSOCK with junk above", SOCKET, 1 << 32 | 40, 1, 0)
        call("socket AF_NETLINK with junk above", SOCKET, 1 << 32 | 16, 3, 0)
        def child(name, body):
            sys.stdout.flush()
            pid = os.fork()
            if pid == 0:
                try: body()
                except BaseException as e: print("call", name, "=", e)
                os._exit(0)
            status = os.waitpid(pid, 0)[1]
            if os.WIFSIGNALED(status): print(f"call {name}={signal.Signals(os.WTERMSIG(status)).name}", flush=True)
        if not arm:
            # By the x32 table, and by the 32-bit entry: other tables of calls that a filter by number would not know.
            child("x32 getpid", lambda: call("x32 getpid", 0x40000000 | 39))
            child("x32 ptrace", lambda: call("x32 ptrace", 0x40000000 | 521, 9999))
            def entry(number):
                def body():
                    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
                    page.write(b"\xb8" + number.to_bytes(4, "little") + b"\x31\xdb\xcd\x80\x48\x98\xc3")
                    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
                    result = ctypes.CFUNCTYPE(ctypes.c_long)(address)()
                    print(f"call 32-bit {number}={'ok' if result >= 0 else errno.errorcode.get(-result, result)}", flush=True)
                return body
            child("32-bit 20", entry(20))
            child("32-bit 26", entry(26))
        # What has to work shows that refusals are refusals of these calls.
        call("needed getpid", 172 if arm else 39)
        call("needed socketless read", 63 if arm else 0, 0, 0, 0)
        call("needed AF_UNIX", SOCKET, 1, 1, 0)
        """#
}
