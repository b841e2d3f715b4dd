#!/usr/bin/env bash
# Is this a machine Bulkhead can be set up on? Changes nothing; says all that is missing at once.
#
#   scripts/system.sh [run|test]
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

problems=()

os_release=${BULKHEAD_OS_RELEASE:-/etc/os-release}
system=unknown
if [ -r "$os_release" ]; then
    # shellcheck disable=SC1090
    system=$(. "$os_release" && echo "${ID:-?} ${VERSION_ID:-?}")
fi
case $system in
    "debian 12" | "ubuntu 24.04") ;;
    *) problems+=("a supported system: Debian 12 or Ubuntu 24.04 (this is: $system, from $os_release)") ;;
esac

case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-aarch64) ;;
    *) problems+=("a 64-bit Intel/AMD or ARM processor under Linux (this is: $(uname -s) $(uname -m))") ;;
esac

if [ "$(id -u)" != 0 ]; then
    problems+=("root: it installs packages, starts a Docker Engine and a root broker, and makes a service user. Use: sudo make ${1:-run}")
fi

if ! command -v apt-get >/dev/null; then problems+=("apt-get: it installs what is missing"); fi

free_kib=$(df -Pk "$root" | awk 'NR == 2 { print $4 }')
if [ "${free_kib:-0}" -lt $((6 << 20)) ]; then
    problems+=("6 GiB of free disk under $root (there are $((${free_kib:-0} >> 20)) GiB)")
fi

memory_kib=$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo 2>/dev/null || echo 0)
if [ "${memory_kib:-0}" -lt $((3 << 20)) ]; then
    problems+=("3 GiB of memory for the build (there are $((${memory_kib:-0} >> 10)) MiB)")
fi

if [ ${#problems[@]} -gt 0 ]; then
    printf 'Bulkhead cannot be set up here. Nothing was changed. It needs:\n' >&2
    printf '  - %s\n' "${problems[@]}" >&2
    exit 1
fi
