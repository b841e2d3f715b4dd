import Glibc
import MCP
import Testing

/// What the two profiles let through, call by call. A call that is new in a profile has to be written down here too, by
/// somebody who has looked at what it opens.
@Suite struct SeccompProfileTests {
    /// Reviewed: what the workspace's programs may call, by what it is for.
    static let workspace: [(why: String, calls: String)] = [
        (
            "files, beneath the mounts the container has",
            """
            access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
            fadvise64 fallocate fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fgetxattr flistxattr
            flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64
            getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl lchown lgetxattr link
            linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat memfd_create mkdir mkdirat newfstatat
            open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead
            readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile setxattr splice stat
            statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat utime
            utimensat utimes write writev
            """
        ),
        (
            "processes of its own pid namespace",
            """
            arch_prctl clone clone3 execve execveat exit exit_group fork getcpu getpgid getpgrp getpid getppid
            getpriority getrlimit getrusage getsid gettid ioprio_get ioprio_set kill personality pidfd_open
            pidfd_send_signal prctl prlimit64 restart_syscall rseq setpgid setpriority setrlimit setsid sysinfo
            tgkill times tkill uname vfork wait4 waitid
            """
        ),
        (
            "identities, of which it has one and no capability for another",
            """
            capget capset getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid setfsuid setgid
            setgroups setregid setresgid setresuid setreuid setuid
            """
        ),
        (
            "signals",
            """
            alarm pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
            rt_sigtimedwait rt_tgsigqueueinfo sigaltstack signalfd signalfd4
            """
        ),
        (
            "memory, within the limit of its cgroup",
            """
            brk madvise membarrier mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall
            munmap pkey_alloc pkey_free pkey_mprotect semctl semget semop semtimedop shmat shmctl shmdt shmget
            """
        ),
        (
            "threads and their scheduling",
            """
            futex futex_waitv get_robust_list sched_get_priority_max sched_get_priority_min sched_getaffinity
            sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity
            sched_setattr sched_setparam sched_setscheduler sched_yield set_robust_list set_tid_address
            """
        ),
        (
            "waiting",
            """
            epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 poll ppoll
            pselect6 select
            """
        ),
        (
            "reading clocks, and chance",
            """
            clock_getres clock_gettime clock_nanosleep getitimer getrandom gettimeofday nanosleep setitimer time
            timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create
            timerfd_gettime timerfd_settime
            """
        ),
        (
            "sockets: of kinds the arguments say, in a network namespace with loopback alone",
            """
            accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg
            sendmmsg sendmsg sendto setsockopt shutdown socket socketpair
            """
        ),
        (
            "confining itself further",
            """
            landlock_add_rule landlock_create_ruleset landlock_restrict_self
            """
        ),
    ]

    /// Reviewed: what the agent's program may call while it starts; its own lock takes most of it away again.
    static let agent = """
        access arch_prctl brk capget capset chdir clock_getres clock_gettime clock_nanosleep clone clone3
        close close_range connect dup dup2 dup3 epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd2
        execve exit exit_group faccessat faccessat2 fchdir fcntl fstat fstatfs futex get_robust_list getcwd
        getdents64 getegid geteuid getgid getgroups getpeername getpid getppid getrandom getresgid getresuid
        getrlimit getrusage getsockname getsockopt gettid gettimeofday getuid ioctl kill lseek lstat madvise
        membarrier mmap mprotect mremap munmap nanosleep newfstatat open openat pipe2 poll ppoll prctl
        pread64 prlimit64 pselect6 read readlink readlinkat readv recvfrom recvmsg restart_syscall rseq
        rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait
        sched_getaffinity sched_yield seccomp select sendmsg sendto set_robust_list set_tid_address setgid
        setgroups setresgid setresuid setsockopt setuid shutdown sigaltstack socket socketpair stat statfs
        statx sysinfo tgkill time timerfd_create timerfd_settime umask uname wait4 write writev
        """

    /// Never, in any profile, with any argument.
    static let never = """
        acct add_key adjtimex bpf chroot clock_adjtime clock_settime create_module delete_module fanotify_init
        fanotify_mark finit_module fsconfig fsmount fsopen fspick init_module io_uring_enter io_uring_register
        io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind memfd_secret migrate_pages
        mknod mknodat modify_ldt mount mount_setattr move_mount move_pages name_to_handle_at nfsservctl
        open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_madvise process_mrelease
        process_vm_readv process_vm_writev ptrace quotactl quotactl_fd reboot request_key set_mempolicy setdomainname
        sethostname setns settimeofday swapoff swapon sysfs syslog umount umount2 unshare uselib userfaultfd ustat vhangup
        """

    private static func profile(_ part: String) throws -> JSONValue {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        return try JSONValue(parsing: String(contentsOf: root + "/image/seccomp/\(part).json"))
    }

    private static func words(_ text: String) -> Set<String> {
        Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }

    private static func named(_ profile: JSONValue) -> Set<String> {
        Set((profile["syscalls"]?.arrayValue ?? []).flatMap { $0["names"]?.arrayValue ?? [] }.compactMap(\.stringValue))
    }

    @Test(arguments: ["workspace", "agent"])
    func whatAProfileNamesIsWhatWasReviewed(part: String) throws {
        let named = Self.named(try Self.profile(part))
        let reviewed =
            part == "agent" ? Self.words(Self.agent) : Self.words(Self.workspace.map(\.calls).joined(separator: " "))
        #expect(named.subtracting(reviewed).isEmpty, "not reviewed: \(named.subtracting(reviewed).sorted())")
        #expect(reviewed.subtracting(named).isEmpty, "reviewed, and not there: \(reviewed.subtracting(named).sorted())")
        #expect(named.isDisjoint(with: Self.words(Self.never)))
    }

    @Test(arguments: ["workspace", "agent"])
    func aProfileRefusesWhatItDoesNotNameAndKnowsOneTableOfCalls(part: String) throws {
        let profile = try Self.profile(part)
        #expect(profile["defaultAction"] == "SCMP_ACT_ERRNO" && profile["defaultErrnoRet"] == 1)
        for entry in profile["archMap"]?.arrayValue ?? [] { #expect(entry["subArchitectures"]?.arrayValue == []) }
        for rule in profile["syscalls"]?.arrayValue ?? [] {
            let names = (rule["names"]?.arrayValue ?? []).compactMap(\.stringValue)
            #expect(["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"].contains(rule["action"]?.stringValue ?? ""))
            // These are never let through whatever their arguments.
            let isBare = rule["args"]?.arrayValue?.isEmpty ?? true
            if rule["action"] == "SCMP_ACT_ALLOW", isBare {
                #expect(Set(names).isDisjoint(with: ["clone", "clone3", "socket", "socketpair", "personality"]))
            }
        }
    }

    /// No arm of the profile lets clone make a namespace.
    @Test(arguments: ["workspace", "agent"])
    func cloneMakesNoNamespace(part: String) throws {
        let rules = (try Self.profile(part)["syscalls"]?.arrayValue ?? []).filter { $0["names"] == ["clone"] }
        #expect(rules.count == 1)
        // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: masked, and nought.
        #expect(
            rules.first?["args"] == [["index": 0, "value": 0x7E02_0000, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"]])
    }
}

extension String {
    fileprivate init(contentsOf path: String) throws {
        let file = try #require(fopen(path, "re"), "\(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
        self = String(decoding: bytes, as: UTF8.self)
    }
}
