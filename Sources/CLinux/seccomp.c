#define _GNU_SOURCE
#include "clinux_seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define AGENT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define AGENT_ARCH AUDIT_ARCH_AARCH64
#else
#error "the agent's system call filter knows x86-64 and arm64 only"
#endif

// System call arguments are 64 bits wide, a filter reads 32 at a time. The kernel itself looks at the lower half only
// of every argument tested here (int or unsigned int), except the flags of clone, mmap's and mprotect's prot, where
// the upper half is ignored or refused by the kernel.
#define LOWER(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define DENIED (SECCOMP_RET_ERRNO | EPERM)

// Each rule is self-contained: jumps over itself unless the accumulator (the call's number) matches.
#define ALLOW(name) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), RETURN(SECCOMP_RET_ALLOW)
#define ANSWER(name, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), RETURN(SECCOMP_RET_ERRNO | (error))
// Argument `n` has no bits outside `mask`.
#define ALLOW_ONLY_BITS(name, n, mask) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), LOAD(LOWER(n)), \
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, ~(unsigned)(mask), 1, 0), RETURN(SECCOMP_RET_ALLOW), RETURN(DENIED)
// Argument `n` has none of these bits.
#define ALLOW_WITHOUT_BITS(name, n, bits) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), LOAD(LOWER(n)), \
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (unsigned)(bits), 1, 0), RETURN(SECCOMP_RET_ALLOW), RETURN(DENIED)
// Argument `n` has all of these bits: `n & bits == bits`.
#define ALLOW_WITH_BITS(name, n, bits) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 5), LOAD(LOWER(n)), \
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (unsigned)(bits)), \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(bits), 0, 1), RETURN(SECCOMP_RET_ALLOW), RETURN(DENIED)
#define ALLOW_VALUE(name, n, value) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), LOAD(LOWER(n)), \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), 0, 1), RETURN(SECCOMP_RET_ALLOW), RETURN(DENIED)

#define READING_FLAGS (O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_DIRECTORY | O_NOFOLLOW | 0100000 /* O_LARGEFILE */)
#define THREAD_FLAGS (CLONE_VM | CLONE_THREAD | CLONE_SIGHAND)

int clinux_lock_agent(void) {
    const unsigned self = (unsigned)getpid();
    struct sock_filter rules[] = {
        LOAD(offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AGENT_ARCH, 1, 0),
        RETURN(SECCOMP_RET_KILL_PROCESS),
        LOAD(offsetof(struct seccomp_data, nr)),
#if defined(__x86_64__)
        // x32 calls carry this bit and would pass a filter that compares numbers only.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1),
        RETURN(SECCOMP_RET_KILL_PROCESS),
#endif
        // Descriptors it has.
        ALLOW(read), ALLOW(write), ALLOW(readv), ALLOW(writev), ALLOW(pread64), ALLOW(close), ALLOW(lseek),
        ALLOW(fstat),
#if defined(__NR_newfstatat)
        ALLOW(newfstatat),
#endif
        ALLOW(ppoll),
#if defined(__NR_poll)
        ALLOW(poll),
#endif
        ALLOW_VALUE(fcntl, 1, F_GETFL),

        // Threads and memory, none of it executable.
        ALLOW(futex), ALLOW(madvise), ALLOW(munmap), ALLOW(mremap), ALLOW(brk), ALLOW(exit), ALLOW(exit_group),
        ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn), ALLOW(rt_sigaction), ALLOW(sigaltstack),
        ALLOW(set_robust_list), ALLOW(rseq), ALLOW(sched_yield), ALLOW(sched_getaffinity), ALLOW(gettid),
        ALLOW(getpid), ALLOW(membarrier), ALLOW(restart_syscall), ALLOW(getrandom), ALLOW(getuid), ALLOW(geteuid),
        ALLOW_WITHOUT_BITS(mmap, 2, PROT_EXEC), ALLOW_WITHOUT_BITS(mprotect, 2, PROT_EXEC),
        ALLOW_WITH_BITS(clone, 0, THREAD_FLAGS),
        ANSWER(clone3, ENOSYS),  // its flags are behind a pointer; libc falls back to clone
        ALLOW_VALUE(prlimit64, 2, 0),  // reading limits only
        ALLOW_VALUE(tgkill, 0, self),  // abort()
        ALLOW_VALUE(prctl, 0, PR_SET_NAME),

        // Clocks and the runtime's own wake-ups.
        ALLOW(clock_gettime), ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(gettimeofday), ALLOW(eventfd2),
        ALLOW(epoll_create1), ALLOW(epoll_ctl), ALLOW(epoll_pwait), ALLOW(timerfd_create), ALLOW(timerfd_settime),
#if defined(__NR_epoll_wait)
        ALLOW(epoll_wait),
#endif

        // The model's door.
        ALLOW(connect), ALLOW(sendto), ALLOW(recvfrom), ALLOW(shutdown), ALLOW(getsockopt),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, 7), LOAD(LOWER(0)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 4), LOAD(LOWER(1)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~(unsigned)(SOCK_CLOEXEC | SOCK_NONBLOCK)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 0, 1), RETURN(SECCOMP_RET_ALLOW), RETURN(DENIED),

        // Files, for reading. openat2 is not here: its flags are behind a pointer.
        ALLOW_ONLY_BITS(openat, 2, READING_FLAGS),
#if defined(__NR_open)
        ALLOW_ONLY_BITS(open, 1, READING_FLAGS),
#endif
        RETURN(DENIED),
    };
    struct sock_fprog program = {.len = sizeof rules / sizeof rules[0], .filter = rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    const long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    if (result > 0) errno = ESRCH;  // the id of a thread that could not be brought along
    return result == 0 ? 0 : -1;
}
