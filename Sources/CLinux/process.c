#define _GNU_SOURCE
#include "clinux_process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

static void end(int signal) {
    (void)signal;
    _exit(0);
}

void clinux_prepare_signals(void) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, end);
    signal(SIGINT, end);
}

int clinux_effective_capabilities(uint64_t *capabilities) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2] = {{0}};
    if (syscall(SYS_capget, &header, data) != 0) return -1;
    *capabilities = (uint64_t)data[1].effective << 32 | data[0].effective;
    return 0;
}

int clinux_open_process(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int clinux_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

int clinux_open_wake(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void clinux_wake(int descriptor) { eventfd_write(descriptor, 1); }

int clinux_spawn(const struct clinux_child *child, pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) return error;
    if ((error = posix_spawnattr_init(&attributes)) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    // The parent's own descriptors are 3 and above, so no step below overwrites what a later one needs, except 3 itself:
    // it is filled last.
    if (error == 0) error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &all);
    if (error == 0)
        error = posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (error == 0 && child->directory >= 0)
        error = posix_spawn_file_actions_addfchdir_np(&actions, child->directory);
    if (error == 0)
        error = child->input >= 0
            ? posix_spawn_file_actions_adddup2(&actions, child->input, 0)
            : posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, child->output, 1);
    if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, child->error, 2);
    if (error == 0 && child->extra >= 0) error = posix_spawn_file_actions_adddup2(&actions, child->extra, 3);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, child->extra >= 0 ? 4 : 3);
    if (error == 0)
        error = posix_spawn(process, child->path, &actions, &attributes, child->arguments, child->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}
