#!/bin/bash
# Builds the two container images as far as their definition changed, and prints their names (agent=…, workspace=…).
#   image/build.sh         both
#   image/build.sh base    only the base of the workspace image, which takes longest and needs no program
# BULKHEAD_AGENT_BINARY is the built bulkhead-agent; without it the debug build is taken, and the images are tagged `test`.
# BULKHEAD_IMAGE_TAG sets another tag. Needs root, docker, and for the base mmdebstrap and the Debian archive.
set -euo pipefail
export LC_ALL=C
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

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

digest() { sha256sum | cut -c1-16; }
label() { docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2> /dev/null || true; }

# Sorted, fixed times and owners: the same input gives the same archive.
archive() {
    tar --sort=name --mtime=@1700000000 --owner=0 --group=0 --numeric-owner --format=gnu -C "$1" -cf - .
}

# One build at a time: two would only get in each other's way.
exec 9> "${TMPDIR:-/tmp}/bulkhead-images.lock"
flock -n 9 || { say "waiting for another build of the images"; flock 9; }

# 1. The workspace's base: Debian and its packages. Minutes, but only when the definition changed.
base_digest=$(cat "$here"/workspace/{base.sh,packages} | digest)
base=bulkhead-workspace-base:$base_digest
if docker image inspect "$base" > /dev/null 2>&1; then
    say "workspace base $base_digest is there"
else
    command -v mmdebstrap > /dev/null || fail "mmdebstrap is missing: apt install mmdebstrap debian-archive-keyring"
    [ "$(id -u)" = 0 ] || fail "building the workspace's base needs root"
    say "building the workspace base (Debian 12 with shell, Python and document readers): one to three minutes"
    "$here/workspace/base.sh" > "$work/base.tar" 2> "$work/base.log" || {
        tail -n 15 "$work/base.log" >&2
        fail "the base could not be built: is the Debian archive reachable? The end of its log is above"
    }
    say "importing $(( $(stat -c %s "$work/base.tar") >> 20 )) MB"
    docker import --change "LABEL bulkhead.base=$base_digest" "$work/base.tar" "$base" > /dev/null
    rm -f "$work/base.tar"
fi

$only_base && exit 0

# 2. The program, its libraries and its loader.
tree=$work/tree/opt/bulkhead
# Where the engine will mount something: with them in the image nothing has to be made in a read-only root.
mkdir -p "$tree/bin" "$tree/lib" "$work"/tree/{run/bulkhead,dev,proc,sys,etc}
cp "$binary" "$tree/bin/bulkhead-agent"
strip --strip-debug "$tree/bin/bulkhead-agent" 2> /dev/null || true
while read -r library; do cp -L "$library" "$tree/lib/"; done < <(
    ldd "$binary" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/.*ld-linux/ { print $1 }' | sort -u)
loader=$(cd "$tree/lib" && echo ld-linux-*)
chmod -R u=rwX,go=rX "$work/tree"
archive "$work/tree" > "$work/program.tar"
program_digest=$(digest < "$work/program.tar")
entry="[\"/opt/bulkhead/lib/$loader\",\"--library-path\",\"/opt/bulkhead/lib\",\"/opt/bulkhead/bin/bulkhead-agent\"]"

# 3. The agent image: the program and nothing else.
agent_digest=$(echo "agent $program_digest $entry" | digest)
if [ "$(label "bulkhead-agent:$tag" bulkhead.definition)" = "$agent_digest" ]; then
    say "bulkhead-agent:$tag is up to date"
else
    say "building bulkhead-agent:$tag ($(( $(stat -c %s "$work/program.tar") >> 20 )) MB)"
    docker import --change "ENTRYPOINT $entry" --change 'CMD ["loop"]' \
        --change 'LABEL bulkhead.image=agent' --change "LABEL bulkhead.definition=$agent_digest" \
        "$work/program.tar" "bulkhead-agent:$tag" > /dev/null
fi

# 4. The workspace image: the program on the base.
workspace_digest=$(echo "workspace $base_digest $program_digest $entry" | digest)
if [ "$(label "bulkhead-workspace:$tag" bulkhead.definition)" = "$workspace_digest" ]; then
    say "bulkhead-workspace:$tag is up to date"
else
    say "building bulkhead-workspace:$tag"
    mkdir "$work/context"
    cp "$work/program.tar" "$work/context/program.tar"
    cat > "$work/context/Dockerfile" << DOCKERFILE
FROM $base
ADD program.tar /
ENTRYPOINT $entry
CMD ["tools"]
LABEL bulkhead.image=workspace
LABEL bulkhead.definition=$workspace_digest
DOCKERFILE
    # The classic builder: it is in every engine, and needs no plugin at the client.
    archive "$work/context" | DOCKER_BUILDKIT=0 docker build -q -t "bulkhead-workspace:$tag" - > "$work/build.log" 2>&1 || {
        cat "$work/build.log" >&2
        fail "the workspace image could not be built"
    }
fi
echo "agent=bulkhead-agent:$tag"
echo "workspace=bulkhead-workspace:$tag"
