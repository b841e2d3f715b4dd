#pragma once

/// Locks the calling process, all its threads included, for the rest of its life into what the agent's loop needs:
/// descriptors it has, memory that is not executable, threads, clocks, AF_UNIX stream sockets, files opened for
/// reading. Every other system call fails with EPERM; a foreign architecture or an x32 call kills the process.
/// Returns 0, or -1 with `errno` set (nothing is locked then).
int clinux_lock_agent(void);

// Attempts at what the lock refuses, for its own check. Each returns -1 with `errno` set where it was refused.
int clinux_try_exec(const char *path);
int clinux_try_fork(void);
int clinux_try_ptrace(void);
int clinux_try_tgkill(int process);
int clinux_try_io_uring(void);
long clinux_try_executable_memory(void);

// More attempts, each system call by its number: none does anything where it is let through, for its arguments are bad.
// `clinux_attempt` returns what the call did; refused is -1 with EPERM.
int clinux_attempt_count(void);
const char *clinux_attempt_name(int index);
long clinux_attempt(int index);

// For tests: the attempt in a child of its own, which exits with the error's number (0 for none); and a child that locks
// itself and makes an x32 call. They return the child, or -1.
int clinux_fork_attempt(int index);
int clinux_fork_locked_x32(void);
