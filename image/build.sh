#!/bin/bash
# Builds the two container images as far as their definition changed, and says what they are: names (agent=…,
# workspace=…), definition digests (agent.definition=…) and content digests (agent.content=…).
#   image/build.sh         both
#   image/build.sh base    only the base of the workspace image, which takes longest and needs no program
# BULKHEAD_AGENT_BINARY is the built bulkhead-agent; without it the debug build is taken, and the images are tagged `test`.
# BULKHEAD_IMAGE_TAG sets another tag. Needs root, docker, and for the base mmdebstrap and the Debian archive.
#
# The same input gives the same image, to its id: every layer is a sorted archive with fixed times and owners, and the
# images are put together here rather than by a builder, which would note when and where it ran. image/verify.sh proves it.
set -euo pipefail
export LC_ALL=C
umask 022
here=$(cd "$(dirname "$0")" && pwd)

only_base=false
case ${1-} in
    '') ;;
    base) only_base=true ;;
    *) echo "usage: image/build.sh [base]" >&2; exit 64 ;;
esac
if [ -n "${BULKHEAD_AGENT_BINARY-}" ]; then
    binary=$BULKHEAD_AGENT_BINARY
    tag=${BULKHEAD_IMAGE_TAG:-latest}
else
    binary=$here/../.build/debug/bulkhead-agent
    tag=${BULKHEAD_IMAGE_TAG:-test}
fi

say() { echo "images: $*"; }
fail() { echo "images: $*" >&2; exit 1; }
$only_base || [ -x "$binary" ] ||
    fail "$binary is not there: build it first (swift build --product bulkhead-agent)"
docker version --format '{{.Server.Version}}' > /dev/null 2>&1 ||
    fail "no Docker Engine answers: start it (scripts/engine.sh start), and run this as root"
# shellcheck source=image/lib.sh
. "$here/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One build at a time: two would only get in each other's way.
# In a directory nobody else can write: not a link of theirs is opened, not a lock of theirs waited for.
locks=/run/bulkhead-images
[ "$(id -u)" = 0 ] || locks=${XDG_RUNTIME_DIR:-$work}
install -d -m 700 "$locks"
exec 9> "$locks/lock"
flock -n 9 || { say "waiting for another build of the images"; flock 9; }

# 1. The workspace's base: Debian and its packages. Minutes, but only when the definition changed.
base_definition=$(base_definition)
base=bulkhead-workspace-base:$base_definition
if is_current "$base" "$base_definition"; then
    say "workspace base $base_definition is there"
else
    command -v mmdebstrap > /dev/null || fail "mmdebstrap is missing: apt install mmdebstrap debian-archive-keyring"
    [ "$(id -u)" = 0 ] || fail "building the workspace's base needs root"
    say "building the workspace base (Debian 12 with shell, Python and document readers): one to three minutes"
    "$here/workspace/base.sh" > "$work/base.tar" 2> "$work/base.log" || {
        tail -n 15 "$work/base.log" >&2
        fail "the base could not be built: is the Debian archive reachable? The end of its log is above"
    }
    say "loading $(( $(stat -c %s "$work/base.tar") >> 20 )) MB"
    load_image "$base" workspace-base "$base_definition" '' "$work/base.tar"
    rm -f "$work/base.tar"
fi

$only_base && exit 0

# 2. The program, its libraries and its loader.
program_layer "$binary" "$work/program.tar"
program=$(content_of "$work/program.tar")

# 3. The agent image: the program and nothing else.
agent_definition=$(echo "agent $program $(entry)" | short_digest)
if is_current "bulkhead-agent:$tag" "$agent_definition"; then
    say "bulkhead-agent:$tag is up to date"
else
    say "building bulkhead-agent:$tag ($(( $(stat -c %s "$work/program.tar") >> 20 )) MB)"
    load_image "bulkhead-agent:$tag" agent "$agent_definition" loop "$work/program.tar"
fi

# 4. The workspace image: the program on the base.
workspace_definition=$(echo "workspace $base_definition $program $(entry)" | short_digest)
if is_current "bulkhead-workspace:$tag" "$workspace_definition"; then
    say "bulkhead-workspace:$tag is up to date"
else
    say "building bulkhead-workspace:$tag"
    load_image "bulkhead-workspace:$tag" workspace "$workspace_definition" tools "$base" "$work/program.tar"
fi
for part in agent workspace; do
    definition=${part}_definition
    echo "$part=bulkhead-$part:$tag"
    echo "$part.definition=${!definition}"
    echo "$part.content=$(label "bulkhead-$part:$tag" bulkhead.content)"
done
