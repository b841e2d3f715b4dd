#pragma once

#include <stdint.h>

/// Opens a folder anywhere, only to work in it (O_PATH). Returns a descriptor, or -1 with `errno` set.
int clinux_open_folder(const char *path);

/// Opens `path` below `directory` (close-on-exec). No component, `..`, symbolic or magic link may lead out of it:
/// EXDEV or ELOOP then. Returns a descriptor, or -1 with `errno` set.
int clinux_open_beneath(int directory, const char *path, uint64_t flags, uint64_t mode);
