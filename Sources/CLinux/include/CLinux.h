#pragma once

// C shims for what Swift cannot reach or cannot do safely: one header and one source file per concept.
#include "clinux_confined.h"
#include "clinux_descriptors.h"
#include "clinux_mount.h"
#include "clinux_paths.h"
#include "clinux_process.h"
#include "clinux_seccomp.h"
