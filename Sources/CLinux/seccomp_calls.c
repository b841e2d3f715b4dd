#define _GNU_SOURCE
#include "clinux_seccomp.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// A pointer to nothing.
#define BAD 1L

struct attempt {
    const char *name;
    long number;
    long arguments[6];
};

#define CALL(name, ...) {#name, __NR_##name, {__VA_ARGS__}}

static const struct attempt attempts[] = {
    // Other processes, and what belongs to them.
    CALL(process_vm_readv, 0, BAD, 1, BAD, 1, 9), CALL(process_vm_writev, 0, BAD, 1, BAD, 1, 9),
    CALL(kcmp, 0, 0, 99), CALL(pidfd_open, -1), CALL(pidfd_send_signal, -1), {"pidfd_getfd", 438, {-1}},
    {"process_madvise", 440, {-1}}, {"process_mrelease", 448, {-1}}, CALL(setns, -1), CALL(unshare, CLONE_NEWUSER),
    {"clone into a user namespace", __NR_clone, {CLONE_NEWUSER | CLONE_SIGHAND | SIGCHLD}},
    {"clone into a mount namespace", __NR_clone, {CLONE_NEWNS | CLONE_SIGHAND | SIGCHLD}},
    {"clone into a network namespace", __NR_clone, {CLONE_NEWNET | CLONE_SIGHAND | SIGCHLD}},
    CALL(execveat, -1, BAD), CALL(setpriority, 99), CALL(sched_setscheduler, -1), CALL(setpgid, -1, -1),
    CALL(rt_sigqueueinfo, -1, -1, BAD), CALL(tkill, -1),
    // The kernel's own doors.
    CALL(io_uring_enter, -1), CALL(io_uring_register, -1), CALL(keyctl, 9999), CALL(add_key, BAD, BAD),
    CALL(request_key, BAD, BAD), CALL(bpf, 9999, BAD, 8), CALL(perf_event_open, BAD, -5),
    CALL(userfaultfd, 0x7fffffff), {"memfd_secret", 447, {0x7fffffff}}, CALL(memfd_create, BAD, 0x7fff),
    CALL(name_to_handle_at, -1, BAD, BAD, BAD), CALL(open_by_handle_at, -1, BAD), CALL(fanotify_init, 0x7fffffff),
    CALL(init_module, BAD, 0), CALL(finit_module, -1), CALL(delete_module, BAD), CALL(kexec_load, 0, 0, 0, 0x7fffffff),
    CALL(reboot, 1, 2, 3), CALL(swapon, BAD), CALL(swapoff, BAD), CALL(acct, BAD), CALL(quotactl, 9999, BAD),
    CALL(syslog, 9999), CALL(personality, 0x0400000), CALL(ptrace, 9999), CALL(seccomp, 99),
    // Time and names.
    CALL(settimeofday, BAD), CALL(clock_settime, 0, BAD), CALL(adjtimex, BAD), CALL(clock_adjtime, 0, BAD),
    CALL(sethostname, BAD, 5), CALL(setdomainname, BAD, 5),
    // Mounts.
    CALL(mount, BAD, BAD, BAD), CALL(umount2, BAD), CALL(pivot_root, BAD, BAD), CALL(chroot, BAD),
    CALL(open_tree, -1, BAD), CALL(move_mount, -1, BAD, -1, BAD), CALL(fsopen, BAD), CALL(fsmount, -1),
    {"mount_setattr", 442, {-1, BAD, 0x7fffffff}},
    // Files, where anything would be made or changed.
    CALL(mknodat, -100, BAD, 0020666, 0x103), CALL(mkdirat, -100, BAD), CALL(unlinkat, -100, BAD),
    CALL(renameat2, -100, BAD, -100, BAD), CALL(linkat, -100, BAD, -100, BAD), CALL(symlinkat, BAD, -100, BAD),
    CALL(ftruncate, -1), CALL(truncate, BAD), CALL(fchmod, -1), CALL(fchmodat, -100, BAD), CALL(fchownat, -100, BAD),
    CALL(fallocate, -1), CALL(utimensat, -1), CALL(setxattr, BAD, BAD), CALL(inotify_init1, 0), CALL(chdir, BAD),
    CALL(sendmsg, -1, BAD), CALL(recvmsg, -1, BAD), CALL(listen, -1), CALL(accept4, -1), CALL(socketpair, 1, 1, 0, BAD),
    CALL(shmget, 0, 0, 0), CALL(semget, 0, 0, 0), CALL(msgget, 0, 0), CALL(mq_open, BAD),
    {"duplicating a descriptor with fcntl", __NR_fcntl, {0, 0 /* F_DUPFD */}},
    {"changing a limit", __NR_prlimit64, {0, 7, BAD}},
    // The kernel looks at the lower half of a family; so does the filter.
    {"socket AF_VSOCK with junk above", __NR_socket, {(1L << 32) | 40, SOCK_STREAM}},
    {"socket AF_UNIX of kind raw", __NR_socket, {AF_UNIX, SOCK_RAW}},
};

enum { fixed = sizeof attempts / sizeof attempts[0], families = 46 };

int clinux_attempt_count(void) { return fixed + families - 1; }

/// Every family but AF_UNIX.
static int family(int index) { return index - fixed < AF_UNIX ? index - fixed : index - fixed + 1; }

const char *clinux_attempt_name(int index) {
    static _Thread_local char name[32];
    if (index < fixed) return attempts[index].name;
    snprintf(name, sizeof name, "socket of family %d", family(index));
    return name;
}

long clinux_attempt(int index) {
    if (index >= fixed) return syscall(__NR_socket, family(index), SOCK_STREAM, 0);
    const long *a = attempts[index].arguments;
    return syscall(attempts[index].number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int clinux_fork_attempt(int index) {
    const pid_t child = fork();
    if (child == 0) {
        errno = 0;
        _exit(clinux_attempt(index) < 0 ? errno & 0xFF : 0);
    }
    return child;
}

int clinux_fork_locked_x32(void) {
    const pid_t child = fork();
    if (child == 0) {
        if (clinux_lock_agent() != 0) _exit(1);
        syscall(0x40000000L | 39);
        _exit(2);
    }
    return child;
}
