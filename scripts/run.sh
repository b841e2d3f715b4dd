#!/usr/bin/env bash
# From a fresh clone to a chat: sets up what is missing, starts broker and daemon with their data in .bulkhead/, prints
# the chat's link and opens it in this terminal. What it started ends with it, the Docker Engine apart.
#
#   scripts/run.sh          start
#   scripts/run.sh --stop   stop the one that runs
#   scripts/run.sh --key    take an API key for the next start
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$root"

service_user=bulkhead
home=${BULKHEAD_HOME:-$root/.bulkhead}
home=$(realpath -m "$home")
runtime=/run/bulkhead-$(printf %s "$home" | sha256sum | cut -c1-8)
# They become part of mounts and JSON.
case $home in
    *[!A-Za-z0-9._/-]*) fail "the data directory's path may have letters, digits, '.', '_', '-' and '/' only: $home" \
        "Clone to such a path, or name one: BULKHEAD_HOME=/srv/bulkhead make run" ;;
esac
on_terminal=false
if [ -t 0 ] && [ -t 1 ]; then on_terminal=true; fi

as_service() { setpriv --reuid="$service_user" --regid="$service_user" --init-groups "$@"; }
# The person at this terminal: whoever called sudo, else root.
as_person() {
    if [ -n "${SUDO_UID:-}" ] && [ "$SUDO_UID" != 0 ] && [ -n "${SUDO_GID:-}" ]; then
        setpriv --reuid="$SUDO_UID" --regid="$SUDO_GID" --init-groups "$@"
    else
        "$@"
    fi
}

running_pid() { # the pid of the run.sh that holds this data directory
    [ -r "$home/run.pid" ] && ! flock --nonblock "$home/run.lock" true && cat "$home/run.pid"
}

stop_running() {
    local pid
    if ! pid=$(running_pid); then
        say "Nothing runs with its data in $home"
        return
    fi
    kill -TERM "$pid" 2>/dev/null || fail "process $pid is not yours to stop" "Use: sudo make stop"
    say "Stopping Bulkhead (process $pid)"
    flock --timeout 40 "$home/run.lock" true || fail "process $pid did not end within 40 s"
}

ask_for_key() {
    local key
    printf '\nAn Anthropic API key gives the assistant a real model. Without one it works with the built-in offline\n'
    printf 'model, which is no AI: it follows a small command language, enough to see the whole machine work.\n'
    printf 'Key (not shown; empty for the offline model): '
    IFS= read -rs key || key=
    printf '\n'
    key=${key//[[:space:]]/}
    if [ -z "$key" ]; then
        note "offline model. 'make key' takes a key at any time."
        return
    fi
    # The directory is the service user's: noclobber opens nothing that is there already, links included.
    rm -f "$home/data/anthropic.key.new"
    (
        umask 077
        set -o noclobber
        printf '%s\n' "$key" >"$home/data/anthropic.key.new"
    )
    chown --no-dereference "$service_user:$service_user" "$home/data/anthropic.key.new"
    mv "$home/data/anthropic.key.new" "$home/data/anthropic.key"
    note "stored in $home/data/anthropic.key, readable by the service user alone"
}

make_service_user() {
    if id "$service_user" >/dev/null 2>&1; then return; fi
    say "Making the service user '$service_user' (no password, no shell, no home)"
    # The group may be left from an earlier time.
    groupadd --system --force "$service_user"
    useradd --system --gid "$service_user" --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin \
        "$service_user"
}

# Root owns all but the daemon's own data, so that the service user cannot swap what root reads or runs.
make_directories() {
    install -d -m 755 "$home" "$home/bin" "$home/log"
    install -d -m 710 -g "$service_user" "$home/volumes"
    install -d -m 700 -o "$service_user" -g "$service_user" "$home/data"
}

# Needs the program, which knows the settings.
mount_volumes() {
    scripts/volumes.sh mount "$home" \
        "$(scripts/broker-config.sh --bytes "$("$home/bin/bulkhead" config get containers.volumes_size \
            --config "$home/bulkhead.yaml")")" "$service_user"
    install -d -m 755 -o "$service_user" -g "$service_user" "$home/volumes/global"
}

build_binaries() {
    local digest
    PATH=$(scripts/toolchain.sh):$PATH
    digest=$(source_digest)
    if [ "$(cat "$home/bin/.sources" 2>/dev/null)" = "$digest" ] && [ -x "$home/bin/bulkhead-agent" ]; then return; fi
    say "Building the binaries (release; the first time takes 5 to 10 minutes) and, beside it, the images' base"
    start_child "$home/log/images-base.log" image/build.sh base
    swift build -c release --static-swift-stdlib -j "$(nproc)" </dev/null 9>&- \
        || fail "the build failed; what is wrong stands above"
    # What went wrong with the base, if anything did, is said by the step that needs it.
    wait "${children[0]}" || true
    children=()
    local bin name
    bin=$(swift build -c release --static-swift-stdlib --show-bin-path)
    for name in bulkhead bulkhead-broker bulkhead-agent; do
        install -m 755 "$bin/$name" "$home/bin/.$name.new"
        mv "$home/bin/.$name.new" "$home/bin/$name"
    done
    rm -rf "$home/bin"/*.resources
    find "$bin" -maxdepth 1 -name '*.resources' -exec cp -a {} "$home/bin/" \;
    echo "$digest" >"$home/bin/.sources"
}

build_images() {
    local part
    say "Images"
    BULKHEAD_AGENT_BINARY=$home/bin/bulkhead-agent image/build.sh </dev/null 9>&- | tee "$home/log/images.log"
    for part in agent workspace; do
        sed -n "s/^$part=//p" "$home/log/images.log" | tail -n 1 >"$home/.image-$part"
        install -m 644 "image/seccomp/$part.json" "$home/bin/seccomp-$part.json"
    done
    # What `bulkhead doctor` holds the images against.
    grep -E '^(agent|workspace)(\.[a-z]+)?=' "$home/log/images.log" >"$home/bin/images.new"
    mv "$home/bin/images.new" "$home/bin/images"
}

free_port() {
    local port
    for port in $(seq 8181 8199); do
        if ! (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    echo 8181
}

write_configuration() {
    [ ! -e "$home/bulkhead.yaml" ] || return 0
    cat >"$home/bulkhead.yaml.new" <<YAML
# Bulkhead's configuration. Every key: docs/configuration.md. After a change: kill -HUP, or start again.
data:
  directory: data
runtime:
  directory: $runtime/daemon
broker:
  socket: $runtime/broker/broker.sock
console:
  port: $(free_port)
people:
  owner: ${SUDO_USER:-root}
YAML
    mv "$home/bulkhead.yaml.new" "$home/bulkhead.yaml"
}

# Where the clone lies in a directory the service user cannot enter (/root), it gets its own way in.
make_runtime_directory() {
    install -d -m 755 "$runtime"
    install -d -m 755 -o "$service_user" -g "$service_user" "$runtime/daemon"
    rm -f "$runtime/broker/broker.sock" "$runtime/daemon/"*.sock
    visible=$home
    if ! as_service test -x "$home/bin/bulkhead"; then
        visible=$runtime/home
        install -d -m 755 "$visible"
        # With the volumes' filesystem in it.
        mountpoint -q "$visible" || mount --rbind "$home" "$visible"
    fi
}

install_samples() {
    # As the service user, to whom the volume belongs: root does not write where another could put a link.
    local global=$visible/volumes/global
    as_service rm -rf "$global/samples"
    as_service mkdir -m 755 "$global/samples"
    tar --create --directory samples --exclude '*.py' --mode=a+rX,go-w . \
        | as_service tar --extract --directory "$global/samples" --no-same-owner
}

broker_pid=
daemon_pid=
chat_pid=
terminal_state=
# end NAME PID: TERM, twenty seconds, KILL.
end() {
    if [ -z "$2" ] || ! kill -TERM "$2" 2>/dev/null; then return 0; fi
    for _ in $(seq 200); do
        kill -0 "$2" 2>/dev/null || return 0
        sleep 0.1
    done
    warn "$1 (process $2) did not end within 20 s: killed"
    kill -KILL "$2" 2>/dev/null || true
}
stop_all() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    stop_children
    if [ -n "$chat_pid" ]; then
        # The chat itself is a child of the subshell that became somebody else.
        pkill -TERM -P "$chat_pid" 2>/dev/null || true
        wait "$chat_pid" 2>/dev/null || true
        stty "$terminal_state" </dev/tty 2>/dev/null || true
    fi
    end daemon "$daemon_pid"
    end broker "$broker_pid"
    # The broker's slots first: they were bound from below home.
    local mount
    for mount in "$runtime/broker/slots" "$runtime/home"; do
        if mountpoint -q "$mount"; then
            umount --recursive "$mount" 2>/dev/null || umount --lazy --recursive "$mount" || true
        fi
    done
    scripts/volumes.sh unmount "$home" || true
    rm -f "$home/run.pid"
    exit "$status"
}

# await_end [PID]: until the daemon, the broker or PID has ended. Signals with a trap only interrupt the waiting.
await_end() {
    ended=
    status=0
    while [ -z "$ended" ]; do
        status=0
        wait -n "$@" "$broker_pid" "$daemon_pid" || status=$?
        local pid
        for pid in "$@" "$broker_pid" "$daemon_pid"; do
            kill -0 "$pid" 2>/dev/null || ended=${ended:-$pid}
        done
    done
}
tell_what_ended() {
    case $ended in
        "$daemon_pid") fail "the daemon ended (exit status $status); stopping" "Its log: $home/log/daemon.log" ;;
        "$broker_pid") fail "the broker ended (exit status $status); stopping" "Its log: $home/log/broker.log" ;;
    esac
}

# launch LOG COMMAND…: out of the terminal's reach (Ctrl-C is the chat's), but ending with this script, kill -9 included.
launch() {
    local log=$1
    shift
    if $on_terminal; then
        [ ! -e "$log" ] || mv -f "$log" "$log.1"
        setsid setpriv --pdeathsig TERM "$@" </dev/null >"$log" 2>&1 9>&- &
    else
        setsid setpriv --pdeathsig TERM "$@" </dev/null 9>&- &
    fi
}

# await_socket NAME PID SOCKET LOG
await_socket() {
    for _ in $(seq 600); do
        if [ -S "$3" ]; then return; fi
        if ! kill -0 "$2" 2>/dev/null; then
            if $on_terminal; then tail -n 20 "$4" >&2; fi
            fail "the $1 did not start; why stands above"
        fi
        sleep 0.1
    done
    fail "the $1 did not answer within 60 s; its log is $4"
}

start_broker() {
    if [ "$("$home/bin/bulkhead" config get broker.in_process --config "$home/bulkhead.yaml")" = true ]; then
        fail "broker.in_process is true in $home/bulkhead.yaml, and make run always starts a broker of its own" \
            "Set it to false, or start the daemon as root yourself (docs/operations.md, Without a broker)."
    fi
    scripts/broker-config.sh "$home" "$visible" "$runtime" "$service_user" >"$home/broker.json.new"
    chmod 600 "$home/broker.json.new"
    mv "$home/broker.json.new" "$home/broker.json"
    launch "$home/log/broker.log" "$home/bin/bulkhead-broker" --config "$home/broker.json"
    broker_pid=$!
    await_socket broker "$broker_pid" "$runtime/broker/broker.sock" "$home/log/broker.log"
}

start_daemon() {
    launch "$home/log/daemon.log" --reuid "$service_user" --regid "$service_user" --init-groups \
        "$visible/bin/bulkhead" serve --config "$visible/bulkhead.yaml"
    daemon_pid=$!
    await_socket daemon "$daemon_pid" "$runtime/daemon/console.sock" "$home/log/daemon.log"
}

case ${1:-} in
    "") ;;
    --stop)
        stop_running
        exit 0
        ;;
    --key)
        scripts/system.sh run
        $on_terminal || fail "a key is taken at a terminal only"
        make_service_user
        make_directories
        ask_for_key
        exit 0
        ;;
    *) fail "unknown option $1" "Use: scripts/run.sh [--stop | --key]" ;;
esac

scripts/system.sh run
install -d -m 755 "$home"
exec 9>"$home/run.lock"
flock --nonblock 9 \
    || fail "Bulkhead runs already with its data in $home (process $(cat "$home/run.pid" 2>/dev/null || echo unknown))." \
        "Stop it with 'make stop', or give this one a data directory of its own: BULKHEAD_HOME=/path make run"
echo $$ >"$home/run.pid"
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

scripts/packages.sh run
make_service_user
make_directories
if $on_terminal && [ ! -e "$home/bulkhead.yaml" ] && [ ! -e "$home/data/anthropic.key" ]; then ask_for_key; fi
scripts/engine.sh 9>&-
build_binaries
build_images
write_configuration
mount_volumes
make_runtime_directory
install_samples
say "Starting"
start_broker
start_daemon

# What was set up now is what later looks are held against.
if [ ! -e "$home/security.baseline.json" ]; then
    "$home/bin/bulkhead" doctor --security --accept --config "$home/bulkhead.yaml" >"$home/log/security.log" 2>&1 \
        || warn "the hardening of this host is not as it should be: bulkhead doctor --security"
fi

link=$(as_person "$visible/bin/bulkhead" login-link --config "$visible/bulkhead.yaml")
say "Bulkhead is running, ready after $SECONDS s. Data and configuration: $home"
note "Chat in the browser (link for one use): $link"
note "Another link: $home/bin/bulkhead login-link    Health: $home/bin/bulkhead doctor"

if $on_terminal; then
    note "Leaving the chat (Ctrl-D) stops Bulkhead. Logs: $home/log/"
    # Ctrl-C belongs to the chat: it cancels a turn. The chat runs beside this script, which can so be told to stop, and
    # notices when what it started ends.
    trap : INT
    terminal_state=$(stty -g </dev/tty)
    as_person env --default-signal=INT,QUIT "$visible/bin/bulkhead" chat --config "$visible/bulkhead.yaml" \
        </dev/tty 9>&- &
    chat_pid=$!
    await_end "$chat_pid"
    trap 'exit 130' INT
    if [ "$ended" = "$chat_pid" ]; then chat_pid=; fi
    tell_what_ended
    say "Stopping"
else
    note "Ctrl-C or SIGTERM stops it; SIGHUP rereads the configuration and the policy."
    trap 'kill -HUP "$daemon_pid"' HUP
    await_end
    tell_what_ended
fi
