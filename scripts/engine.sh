#!/usr/bin/env bash
# Sees to it that a Docker Engine answers: uses the one there is, else starts the service, else starts dockerd itself.
#   scripts/engine.sh [start]
# Sourced, it offers `engine_answers` and `engine_start` instead. Needs root to start one.
set -euo pipefail

engine_socket=${BULKHEAD_ENGINE_SOCKET:-/var/run/docker.sock}
engine_log=${BULKHEAD_ENGINE_LOG:-/var/log/bulkhead-dockerd.log}

engine_say() { echo "engine: $*"; }

# Asks for the version, which needs no docker client.
engine_answers() {
    curl --silent --fail --max-time 5 --unix-socket "$engine_socket" http://docker/version >/dev/null 2>&1
}

# engine_await SECONDS [PID]: until it answers, the time is over, or process PID is gone.
engine_await() {
    local deadline=$((SECONDS + $1))
    until engine_answers; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        [ -z "${2-}" ] || kill -0 "$2" 2>/dev/null || return 1
        sleep 0.2
    done
}

engine_start() {
    if engine_answers; then
        engine_say "a Docker Engine answers at $engine_socket"
        return 0
    fi
    if [ "$(id -u)" != 0 ]; then
        engine_say "no Docker Engine answers at $engine_socket, and starting one needs root: sudo systemctl start docker" >&2
        return 1
    fi
    command -v dockerd >/dev/null || {
        engine_say "dockerd is not installed: apt-get install docker.io" >&2
        return 1
    }
    # A service manager that runs, not just one that is installed.
    if [ -d /run/systemd/system ]; then
        engine_say "starting the docker service"
        systemctl start docker || true
        engine_await 60 && return 0
        engine_say "the docker service does not answer: journalctl -u docker" >&2
        return 1
    fi
    engine_say "starting dockerd, its log is $engine_log"
    # What an engine that was killed left behind would keep the next one from starting.
    if [ -e /var/run/docker.pid ] && ! kill -0 "$(cat /var/run/docker.pid)" 2>/dev/null; then
        rm -f /var/run/docker.pid
    fi
    engine_prepare_cgroups
    local number
    # setsid and no inherited descriptors: it outlives this shell, and holds none of its locks or pipes.
    # shellcheck disable=SC2016
    setsid bash -c 'for d in /proc/$$/fd/*; do n=${d##*/}; [ "$n" -gt 2 ] && eval "exec $n>&-"; done
        exec dockerd --host "unix://$1"' _ "$engine_socket" </dev/null >"$engine_log" 2>&1 &
    number=$!
    engine_await 60 "$number" && return 0
    engine_say "dockerd does not answer. The end of $engine_log:" >&2
    tail -n 15 "$engine_log" >&2
    return 1
}

# On a machine without a service manager nobody has mounted the control groups.
engine_prepare_cgroups() {
    [ -e /sys/fs/cgroup/cgroup.controllers ] || mountpoint -q /sys/fs/cgroup/memory && return 0
    mountpoint -q /sys/fs/cgroup || mount -t tmpfs -o mode=755,nosuid,nodev,noexec cgroup /sys/fs/cgroup
    local controller
    for controller in cpuset cpu cpuacct blkio memory devices freezer net_cls perf_event pids; do
        mkdir -p "/sys/fs/cgroup/$controller"
        mountpoint -q "/sys/fs/cgroup/$controller" ||
            mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" 2>/dev/null ||
            rmdir "/sys/fs/cgroup/$controller"
    done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    case ${1:-start} in
        start) engine_start ;;
        *) echo "usage: scripts/engine.sh [start]" >&2; exit 64 ;;
    esac
fi
