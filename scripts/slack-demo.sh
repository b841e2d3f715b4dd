#!/usr/bin/env bash
# Bulkhead in a Slack of its own on this machine: the simulated Slack with a page to talk in, a broker, a daemon with the
# offline model, real containers. Prints where the page is; Ctrl-C ends all of it and leaves nothing behind. For developers:
# it builds in debug, and nothing of it is kept.
#
#   scripts/slack-demo.sh [COMMAND…]     with a command: runs it (BULKHEAD_SLACK is the page's address), then ends
#
# BULKHEAD_PRODUCTS names a directory with programs that are built already, and images there are (BULKHEAD_IMAGE_TAG).
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$root"
[ "$(id -u)" = 0 ] || fail "this needs root, for containers and mounts" "Use: sudo scripts/slack-demo.sh"

PATH=$(scripts/toolchain.sh):$PATH
export PATH
products=${BULKHEAD_PRODUCTS:-}
if [ -z "$products" ]; then
    products=.build/debug
    scripts/engine.sh
    say "Building (debug)"
    for product in bulkhead bulkhead-broker bulkhead-agent; do swift build --product "$product" -j "$(nproc)" </dev/null; done
    BULKHEAD_AGENT_BINARY=$products/bulkhead-agent image/build.sh </dev/null
fi
python=$(scripts/python-peers.sh | tail -n 1)
user=bulkhead
id "$user" >/dev/null 2>&1 \
    || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"

token=$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
home=/var/tmp/bulkhead-slack-$token
runtime=/run/${home##*/}
end_child() {
    kill -TERM -- "-$1" 2>/dev/null || return 0
    for _ in $(seq 200); do
        kill -0 -- "-$1" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "-$1" 2>/dev/null || true
}
finish() {
    local status=$? mount
    trap - EXIT INT TERM
    # The daemon before the broker, which it needs to end its containers.
    while [ ${#children[@]} -gt 0 ]; do
        end_child "${children[-1]}"
        unset 'children[-1]'
    done
    docker ps -aq --filter "name=bulkhead-$token-" | xargs -r docker rm -f >/dev/null || true
    awk -v runtime="$runtime" 'index($5, runtime) == 1 { print $5 }' /proc/self/mountinfo | tac \
        | while read -r mount; do umount "$mount"; done
    [ "$status" = 0 ] || tail -n 20 "$home"/log/*.log >&2 2>/dev/null || true
    rm -rf --one-file-system "$home" "$runtime"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install -d -m 755 "$home" "$home/bin" "$home/log" "$home/volumes" "$home/volumes/global" "$runtime"
install -d -m 700 -o "$user" -g "$user" "$home/data"
install -d -m 755 -o "$user" -g "$user" "$runtime/daemon"
cp "$products/bulkhead" "$products/bulkhead-broker" "$home/bin/"
for part in agent workspace; do
    cp "image/seccomp/$part.json" "$home/bin/seccomp-$part.json"
    echo "bulkhead-$part:${BULKHEAD_IMAGE_TAG:-latest}" >"$home/.image-$part"
done
cp -R samples "$home/volumes/global/samples"
chmod -R a+rX "$home/volumes/global"
say "The simulated Slack"
mkfifo "$home/hold"
setsid "$python" Tests/SlackSimulator/slack_simulator.py --demo <"$home/hold" >"$home/log/slack.log" 2>&1 &
children+=($!)
exec 3>"$home/hold"
for _ in $(seq 100); do
    grep -q '^listening on ' "$home/log/slack.log" && break
    sleep 0.1
done
url=$(sed -n 's/^listening on //p' "$home/log/slack.log")
for kind in bot app; do
    (
        umask 077
        sed -n "s/^$kind token *//p" "$home/log/slack.log" >"$home/data/slack-$kind.token"
    )
    chown "$user:" "$home/data/slack-$kind.token"
done
cat >"$home/bulkhead.yaml" <<YAML
data: {directory: data}
runtime: {directory: $runtime/daemon}
broker: {socket: $runtime/broker/broker.sock}
console: {port: $((20000 + RANDOM % 20000))}
people: {owner: root}
slack:
  api_url: $url/api/
  bot_token_file: data/slack-bot.token
  app_token_file: data/slack-app.token
YAML
# So that there is something to be asked: commands by which a file goes away.
cat >"$home/policy.yaml" <<'YAML'
version: 1
rules:
  - name: taking files away asks
    tool: bash
    arguments:
      - at: /command
        glob: 'rm *'
    decision: ask
    approvers: requester
YAML
chmod 644 "$home/bulkhead.yaml" "$home/policy.yaml"

scripts/broker-config.sh "$home" "$home" "$runtime" "$user" >"$home/broker.json"
chmod 600 "$home/broker.json"

wait_for() { # wait_for SOCKET NAME
    for _ in $(seq 600); do
        [ ! -S "$1" ] || return 0
        sleep 0.05
    done
    fail "the $2 does not start; its log is above"
}
say "Broker and daemon"
start_child "$home/log/broker.log" "$home/bin/bulkhead-broker" --config "$home/broker.json"
wait_for "$runtime/broker/broker.sock" broker
start_child "$home/log/daemon.log" setpriv --reuid="$user" --regid="$user" --init-groups "$home/bin/bulkhead" serve \
    --config "$home/bulkhead.yaml"
wait_for "$runtime/daemon/console.sock" daemon

export BULKHEAD_SLACK=$url
if [ $# -gt 0 ]; then
    "$@"
else
    say "Talk in it at $url/ (choose who you are at the top left). Try in #general:"
    note "@bulkhead run sleep 15 && echo done"
    note "@bulkhead run rm -r /workspace/thread/old"
    note "Ctrl-C ends it."
    wait
fi
