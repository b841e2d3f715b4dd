#define _GNU_SOURCE
#include "clinux_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_open_folder(const char *path) { return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); }

int clinux_open_beneath(int directory, const char *path, uint64_t flags, uint64_t mode) {
    struct open_how how = {
        .flags = flags | O_CLOEXEC, .mode = mode, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long result;
    // EAGAIN: a rename elsewhere raced with a `..`; the kernel asks to try again.
    for (int attempt = 0; attempt < 8; attempt++) {
        result = syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (result >= 0 || errno != EAGAIN) break;
    }
    return (int)result;
}
