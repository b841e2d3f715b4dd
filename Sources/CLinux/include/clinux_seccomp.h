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
