#define _GNU_SOURCE
#include "clinux_seccomp.h"

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_try_exec(const char *path) {
    char *const none[] = {(char *)path, NULL};
    return execve(path, none, none + 1);
}

int clinux_try_fork(void) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
    return child < 0 ? -1 : 0;
}

int clinux_try_ptrace(void) { return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL); }

int clinux_try_tgkill(int process) { return (int)syscall(SYS_tgkill, process, process, 0); }

int clinux_try_io_uring(void) { return (int)syscall(SYS_io_uring_setup, 1, NULL); }

long clinux_try_executable_memory(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : 0;
}
