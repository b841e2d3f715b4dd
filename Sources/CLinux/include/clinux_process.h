#pragma once

#include <stdint.h>
#include <sys/types.h>

/// 0: no other process of the same uid may read this one's memory or use its descriptors through /proc.
int clinux_set_dumpable(int dumpable);

/// Ignores SIGPIPE and ends the process, with status 0, at SIGTERM and SIGINT: PID 1 has no default actions.
void clinux_prepare_signals(void);

/// The effective capabilities as a bit set, or -1.
int clinux_effective_capabilities(uint64_t *capabilities);

/// A descriptor that becomes readable when the process ends (close-on-exec), or -1.
int clinux_open_process(pid_t process);

/// Close-on-exec ends, the reading one non-blocking. Returns 0, or -1 with `errno` set.
int clinux_pipe(int *reading, int *writing);

/// A descriptor that `clinux_wake` makes readable, for ever. -1 with `errno` set where there is none.
int clinux_open_wake(void);
void clinux_wake(int descriptor);

/// What a child gets: nothing but these descriptors, default signal actions, an empty signal mask, a session of its own.
struct clinux_child {
    const char *path;
    char *const *arguments;
    char *const *environment;
    int input;      ///< becomes 0; -1: /dev/null
    int output;     ///< becomes 1
    int error;      ///< becomes 2
    int extra;      ///< becomes 3; -1: none
    int directory;  ///< becomes the working directory; -1: the parent's
};

/// Returns 0 and the child's id, or an error number.
int clinux_spawn(const struct clinux_child *child, pid_t *process);
