#pragma once

#include <stdint.h>

// The new mount interface and openat2, by system call: glibc 2.36 (Debian 12) has wrappers for some only.
// All return a descriptor or 0, or -errno.

/// Opens `path` under `directory` as a path only (O_PATH | O_NOFOLLOW | O_DIRECTORY), refusing symbolic links, magic
/// links and anything that leaves `directory` (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS).
int bulkhead_open_directory_beneath(int directory, const char *_Nonnull path);

/// Opens the directory `name` in `directory` to list it. Follows no link, enters no mount (RESOLVE_NO_XDEV).
int bulkhead_open_for_listing(int directory, const char *_Nonnull name);

/// Opens the directory `path` as a path only, without following a symbolic link at its end.
int bulkhead_open_directory(const char *_Nonnull path);

/// Changes the owner of what an O_PATH descriptor stands for.
int bulkhead_change_owner(int directory, uint32_t uid, uint32_t gid);

/// A detached copy of the mount at `directory` (an O_PATH descriptor), without what is mounted below it.
int bulkhead_clone_tree(int directory);

/// Sets flags on a detached mount before anybody can see it: nosuid, nodev and private always, read-only as asked;
/// owners shown through `user_namespace` where it is not -1.
int bulkhead_seal_mount(int mount, int read_only, int user_namespace);

/// Attaches a detached mount at the directory that `target` (an O_PATH descriptor) stands for.
int bulkhead_attach_mount(int mount, int target);

/// A user namespace in which disk owner `from` shows as `to`, for `bulkhead_seal_mount`. No process stays behind.
int bulkhead_identity_namespace(uint32_t from_uid, uint32_t from_gid, uint32_t to_uid, uint32_t to_gid);

/// Binds `path` onto itself (nosuid, nodev, noexec) and makes that mount shared, so that what is mounted below it
/// later reaches containers that hold it as a slave.
int bulkhead_make_shared_root(const char *_Nonnull path);
