# shellcheck shell=bash
# What the other scripts share: how they speak, time and fail. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DEBIAN_FRONTEND=noninteractive
# A service manager or CI may start us without these, and SwiftPM and git want them.
export HOME="${HOME:-/root}" PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"

say() { printf '\033[1m==>\033[0m %s\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
note() { printf '    %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
fail() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    local line
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

# seconds_since START: whole seconds, START being an earlier value of $SECONDS.
seconds_since() { echo $((SECONDS - $1)); }

# What the sources of the binaries are, as one digest: changes exactly when a build can give something new.
source_digest() {
    (
        cd "$root" || exit
        {
            swift --version 2>/dev/null
            find Package.swift Sources -type f ! -name '.*' -print0 | sort -z | xargs -0 sha256sum
        } | sha256sum | cut -c1-64
    )
}

# children: background jobs, each the leader of its own process group, so that stopping one stops all it started.
children=()
start_child() { # start_child LOG COMMAND…
    local log=$1
    shift
    setsid "$@" >"$log" 2>&1 </dev/null 9>&- &
    children+=($!)
}
stop_children() {
    local child
    for child in "${children[@]}"; do kill -TERM -- "-$child" 2>/dev/null || true; done
    for child in "${children[@]}"; do
        for _ in $(seq 50); do
            kill -0 -- "-$child" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL -- "-$child" 2>/dev/null || true
    done
    children=()
}
