#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Packets with descriptors over a Unix socket (SCM_RIGHTS), and who is at its other end (SO_PEERCRED): glibc offers these
// as macros, which Swift does not import.

/// The most descriptors one packet carries; a packet with more is refused by the receiver.
enum { BULKHEAD_MAXIMUM_DESCRIPTORS = 4 };

/// Sends one packet. Returns 0 or an errno. Never raises SIGPIPE; `nonblocking` gives EAGAIN instead of waiting.
int bulkhead_send_packet(
    int socket, const void *_Nonnull bytes, size_t count, const int *_Nullable descriptors, size_t descriptor_count,
    int nonblocking);

/// Receives one packet, its descriptors close-on-exec. Returns its size, 0 at the end, or -errno: -EMSGSIZE for a packet
/// larger than `capacity`, -EPROTO for one with more than BULKHEAD_MAXIMUM_DESCRIPTORS; in both cases what came with
/// it is closed.
ssize_t bulkhead_receive_packet(
    int socket, void *_Nonnull bytes, size_t capacity, int *_Nonnull descriptors, size_t *_Nonnull descriptor_count);

/// The next connection of a listening socket, close-on-exec and non-blocking from its first moment, or -1.
int clinux_accept(int listener);

/// Who connected, as the kernel recorded it then. Returns 0 or an errno.
int bulkhead_peer_credentials(int socket, int32_t *_Nonnull pid, uint32_t *_Nonnull uid, uint32_t *_Nonnull gid);
