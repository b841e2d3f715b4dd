#define _GNU_SOURCE
#include "clinux_confined.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int limit(int resource, uint64_t value) {
    struct rlimit limits = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(resource, &limits);
}

/// In the child, a copy of one thread of ours: system calls only. Returns where one failed. The identity is changed by
/// system call, since glibc's functions would want to change threads that are not here.
static void become(const struct clinux_confined_child *child, int report) {
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    if (setsid() < 0 || chdir("/") != 0) return;
    umask(077);
    if (dup2(child->input, 0) < 0 || dup2(child->output, 1) < 0 || dup2(child->error, 2) < 0) return;
    if (report != 3 && dup3(report, 3, O_CLOEXEC) < 0) return;
    if (syscall(SYS_close_range, 4U, ~0U, 0) != 0) return;
    if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_NPROC, child->processes) != 0
        || limit(RLIMIT_NOFILE, child->open_files) != 0 || limit(RLIMIT_FSIZE, child->file_bytes) != 0
        || limit(RLIMIT_AS, child->address_bytes) != 0 || limit(RLIMIT_CPU, child->cpu_seconds) != 0)
        return;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return;
    if (syscall(SYS_setgroups, 0, NULL) != 0
        || syscall(SYS_setresgid, child->group, child->group, child->group) != 0
        || syscall(SYS_setresuid, child->user, child->user, child->user) != 0)
        return;
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(child->path, child->arguments, child->environment);
}

int clinux_spawn_confined(const struct clinux_confined_child *child, pid_t *process) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return errno;
    // No handler of ours may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    long id = syscall(SYS_clone, SIGCHLD | CLONE_NEWPID, 0, 0, 0, 0);
    if (id < 0 && errno == EPERM) id = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (id == 0) {
        become(child, report[1]);
        int error = errno;
        // 3 holds the report from half-way on; before that it is where it was.
        if (write(report[1], &error, sizeof error) != sizeof error)
            if (write(3, &error, sizeof error) != sizeof error) _exit(126);
        _exit(127);
    }
    int error = id < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    // Nothing comes where the program was begun: the end closed itself.
    if (id > 0) {
        int reported = 0;
        ssize_t count;
        do count = read(report[0], &reported, sizeof reported);
        while (count < 0 && errno == EINTR);
        if (count > 0) {
            error = reported != 0 ? reported : EIO;
            while (waitpid((pid_t)id, NULL, 0) < 0 && errno == EINTR) {}
        }
    }
    close(report[0]);
    if (error == 0) *process = (pid_t)id;
    return error;
}
