#define _GNU_SOURCE
#include "clinux_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_beneath(int directory, const char *path, struct open_how how) {
    how.flags |= O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC;
    how.resolve |= RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    for (int attempt = 0; attempt < 16; attempt++) {
        long opened = syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (opened >= 0) return (int)opened;
        // EAGAIN: a rename or mount elsewhere raced with the check for leaving `directory`.
        if (errno != EAGAIN && errno != EINTR) return -errno;
    }
    return -EAGAIN;
}

int bulkhead_open_directory_beneath(int directory, const char *path) {
    return open_beneath(directory, path, (struct open_how){.flags = O_PATH});
}

int bulkhead_open_for_listing(int directory, const char *name) {
    return open_beneath(directory, name, (struct open_how){.flags = O_RDONLY, .resolve = RESOLVE_NO_XDEV});
}

int bulkhead_open_directory(const char *path) {
    int opened = open(path, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
    return opened < 0 ? -errno : opened;
}

int bulkhead_change_owner(int directory, uint32_t uid, uint32_t gid) {
    return fchownat(directory, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int bulkhead_clone_tree(int directory) {
    long tree = syscall(SYS_open_tree, directory, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    return tree < 0 ? -errno : (int)tree;
}

int bulkhead_seal_mount(int mount, int read_only, int user_namespace) {
    // Private: a copy of a shared mount is its peer, and what is later mounted on the copy would be mounted on the volume
    // itself, and on every other copy of it.
    struct mount_attr attributes = {
        .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, .propagation = MS_PRIVATE};
    if (read_only) attributes.attr_set |= MOUNT_ATTR_RDONLY;
    if (user_namespace >= 0) {
        attributes.attr_set |= MOUNT_ATTR_IDMAP;
        attributes.userns_fd = (uint64_t)user_namespace;
    }
    long result = syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
    return result < 0 ? -errno : 0;
}

int bulkhead_attach_mount(int mount, int target) {
    long result =
        syscall(SYS_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    return result < 0 ? -errno : 0;
}

static int write_map(int pid, const char *name, uint32_t from, uint32_t to) {
    char path[64], line[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int length = snprintf(line, sizeof line, "%u %u 1\n", from, to);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = write(file, line, (size_t)length) == length ? 0 : -errno;
    close(file);
    return result;
}

int bulkhead_identity_namespace(uint32_t from_uid, uint32_t from_gid, uint32_t to_uid, uint32_t to_gid) {
    // A namespace needs a first process: a bare clone that only waits to be killed. It shares nothing with us but a copy
    // of memory, runs two system calls, and sends no SIGCHLD (a parent with a handler would reap it).
    long child = syscall(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0);
    if (child == 0) {
        for (;;) syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
    }
    if (child < 0) return -errno;
    int result = write_map((int)child, "uid_map", from_uid, to_uid);
    if (result == 0) result = write_map((int)child, "gid_map", from_gid, to_gid);
    if (result == 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%ld/ns/user", child);
        result = open(path, O_RDONLY | O_CLOEXEC);
        if (result < 0) result = -errno;
    }
    kill((int)child, SIGKILL);
    while (waitpid((int)child, NULL, __WALL) < 0 && errno == EINTR) {}
    return result;
}

int bulkhead_make_shared_root(const char *path) {
    if (mount(path, path, NULL, MS_BIND, NULL) < 0) return -errno;
    if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
        mount(NULL, path, NULL, MS_SHARED, NULL) < 0) {
        int failure = errno;
        umount2(path, MNT_DETACH);
        return -failure;
    }
    return 0;
}
