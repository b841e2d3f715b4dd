#!/usr/bin/env bash
# Prints the broker's configuration (JSON): paths and limits of this installation. The limits come from the root-owned
# bulkhead.yaml; the broker takes nothing from the harness.
#
#   scripts/broker-config.sh HOME VISIBLE-HOME RUNTIME SERVICE-USER
#   scripts/broker-config.sh --bytes 1GiB    the number of a size
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# The file says 1GiB, the broker wants a number.
bytes() {
    local text=$1
    case $text in
        *TiB) echo $((${text%TiB} << 40)) ;;
        *GiB) echo $((${text%GiB} << 30)) ;;
        *MiB) echo $((${text%MiB} << 20)) ;;
        *KiB) echo $((${text%KiB} << 10)) ;;
        *) echo "${text%B}" ;;
    esac
}
if [ "$1" = --bytes ]; then
    bytes "$2"
    exit
fi

home=$1 visible=$2 runtime=$3 service_user=$4

setting() { "$home/bin/bulkhead" config get "$1" --config "$home/bulkhead.yaml"; }

# Uids no person and no system user has, in a range of this installation's own. Kept, because volumes belong to the
# first of them.
if [ ! -e "$home/.owners" ]; then
    seed=$((16#$(printf %s "$home" | sha256sum | cut -c1-6)))
    echo $((1500000000 + seed % 6000 * 100000)) >"$home/.owners"
fi

compartments=$(setting containers.maximum)
cpus=$(setting containers.cpus)
memory=$(setting containers.memory)
processes=$(setting containers.processes)
open_files=$(setting containers.open_files)
milli_cpus=$(awk -v cpus="$cpus" 'BEGIN { printf "%d", cpus * 1000 }')

# The operator's hooks: name, program and user of each that some event names. The broker refuses what is not root's.
hooks=
names=$(for event in message_in session_start tool_before tool_after message_out session_end; do
    setting "hooks.$event" | tr -d '[] ' | tr ',' '\n'
done | sed '/^$/d' | sort -u)
if [ -n "$names" ]; then
    hook_user=$(setting hooks.user)
    id "$hook_user" >/dev/null 2>&1 \
        || fail "there is no user '$hook_user' for hooks (hooks.user in bulkhead.yaml)" \
            "Make one: useradd --system --user-group --no-create-home --shell /usr/sbin/nologin $hook_user"
    directory=$(setting hooks.directory)
    for name in $names; do
        hooks+="${hooks:+, }{\"name\": \"$name\", \"path\": \"$directory/$name\","
        hooks+=" \"uid\": $(id -u "$hook_user"), \"gid\": $(id -g "$hook_user")}"
    done
fi

cat <<JSON
{
  "installation": "${runtime##*-}",
  "run": "$runtime/broker",
  "volumes": "$visible/volumes",
  "engine": "/var/run/docker.sock",
  "witness": "$home/audit.witness",
  "hooks": [$hooks],
  "service": {"uid": $(id -u "$service_user"), "gid": $(id -g "$service_user")},
  "owners": {"first": $(cat "$home/.owners"), "count": $((compartments * 2 + 64))},
  "compartments": $compartments,
  "agent": {
    "image": "$(cat "$home/.image-agent")",
    "seccomp": "$home/bin/seccomp-agent.json",
    "milliCPUs": $milli_cpus
  },
  "workspace": {
    "image": "$(cat "$home/.image-workspace")",
    "seccomp": "$home/bin/seccomp-workspace.json",
    "milliCPUs": $milli_cpus,
    "memoryBytes": $(bytes "$memory"),
    "processes": $processes,
    "openFiles": $open_files
  }
}
JSON
