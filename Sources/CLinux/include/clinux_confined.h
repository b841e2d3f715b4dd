#pragma once

#include <stdint.h>
#include <sys/types.h>

/// A program of somebody else's, as an unprivileged user: no groups, no way back to privileges, limits on what it uses,
/// nothing of ours but these descriptors, a session and (where the kernel lets us) a process namespace of its own, so that
/// its end is the end of all it started.
struct clinux_confined_child {
    const char *path;
    char *const *arguments;
    char *const *environment;
    int input;   ///< becomes 0
    int output;  ///< becomes 1
    int error;   ///< becomes 2
    uint32_t user;
    uint32_t group;
    uint64_t processes;      ///< of this user, all of its programs together
    uint64_t open_files;
    uint64_t file_bytes;
    uint64_t address_bytes;
    uint64_t cpu_seconds;
};

/// Returns 0 and the child's id once it runs the program, or the error number of what failed. Needs root.
int clinux_spawn_confined(const struct clinux_confined_child *child, pid_t *process);
