#pragma once

// C shims for what Swift cannot reach or cannot do safely: one header and one source file per concept.
#include "clinux_seccomp.h"
#include "clinux_process.h"
#include "clinux_paths.h"
#if __has_include("descriptors.h")
#include "descriptors.h"
#endif
#if __has_include("mount.h")
#include "mount.h"
#endif
