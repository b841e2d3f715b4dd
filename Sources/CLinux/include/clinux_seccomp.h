#pragma once

/// Locks the calling process, all its threads included, for the rest of its life into what the agent's loop needs:
/// descriptors it has, memory that is not executable, threads, clocks, AF_UNIX stream sockets, files opened for
/// reading. Every other system call fails with EPERM; a foreign architecture or an x32 call kills the process.
/// Returns 0, or -1 with `errno` set (nothing is locked then).
int clinux_lock_agent(void);
