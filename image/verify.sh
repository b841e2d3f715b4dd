#!/bin/bash
# Proves that the images are reproducible: builds twice from nothing, in different directories, time zones and umasks, and
# compares layers and image ids. The same program and the same package versions have to give the same image.
#   image/verify.sh            both images, with two builds of the base: minutes, and the Debian archive
#   image/verify.sh program    the program's layer and the agent image: seconds
# BULKHEAD_AGENT_BINARY is the built bulkhead-agent; without it the debug build is taken. Exit status 1: they differ; 2: the
# Debian archive changed between the two builds, so that they could not be compared.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
binary=${BULKHEAD_AGENT_BINARY:-$here/../.build/debug/bulkhead-agent}

say() { echo "images: $*"; }
fail() { echo "images: $*" >&2; exit 1; }
with_base=true
case ${1-} in
    '') ;;
    program) with_base=false ;;
    *) echo "usage: image/verify.sh [program]" >&2; exit 64 ;;
esac
[ -x "$binary" ] || fail "$binary is not there: build it first (swift build --product bulkhead-agent)"
# shellcheck source=image/lib.sh
. "$here/lib.sh"

everything=$(mktemp -d)
names=("bulkhead-verify-agent:$$")
! $with_base || names+=("bulkhead-verify-base:$$" "bulkhead-verify-workspace:$$")
clean() {
    docker image rm --force "${names[@]}" > /dev/null 2>&1 || true
    rm -rf "$everything"
}
trap clean EXIT

# built NUMBER: one build, into $everything/NUMBER.*; what the engine was given is taken away again, so that the next build
# finds nothing.
built() {
    local number=$1 image
    if $with_base; then
        say "build $number: the base"
        TMPDIR=$work "$here/workspace/base.sh" > "$everything/$number.base.tar" 2> "$everything/base.log" || {
            tail -n 15 "$everything/base.log" >&2
            fail "the base could not be built: is the Debian archive reachable?"
        }
    fi
    say "build $number: the program"
    program_layer "$binary" "$everything/$number.program.tar"
    load_image "${names[0]}" agent verify loop "$everything/$number.program.tar"
    if $with_base; then
        load_image "${names[1]}" workspace-base verify '' "$everything/$number.base.tar"
        load_image "${names[2]}" workspace verify tools "${names[1]}" "$everything/$number.program.tar"
    fi
    for image in "${names[@]}"; do
        docker image inspect --format '{{index .Config.Labels "bulkhead.image"}} {{.Id}} {{.RootFS.Layers}}' "$image"
    done > "$everything/$number.ids"
    docker image rm --force "${names[@]}" > /dev/null
}

# listing ARCHIVE: every entry with mode, owner, size, time, and the digest of what it holds.
listing() {
    tar --list --verbose --numeric-owner --full-time --file "$1"
    # The variable is tar's.
    # shellcheck disable=SC2016
    tar --extract --file "$1" --to-command='echo "$(sha256sum | cut -c1-64) $TAR_FILENAME"'
}

versions() {
    tar --extract --to-stdout --file "$1" ./var/lib/dpkg/status | grep -E '^(Package|Version):' || true
}

work=$everything/here
mkdir -p "$work"
(umask 022; TZ=UTC; export TZ; built 1)
work=$everything/quite/somewhere/else
mkdir -p "$work"
(umask 077; TZ=Asia/Tokyo; export TZ; built 2)

if $with_base && ! cmp -s <(versions "$everything/1.base.tar") <(versions "$everything/2.base.tar"); then
    say "the Debian archive changed between the two builds:" >&2
    diff <(versions "$everything/1.base.tar") <(versions "$everything/2.base.tar") >&2 || true
    exit 2
fi
for layer in "$everything"/1.*.tar; do
    other=$everything/2.${layer##*/1.}
    if ! cmp -s "$layer" "$other"; then
        diff <(listing "$layer") <(listing "$other") | head -n 40 >&2 || true
        fail "the two builds of the $(basename "${layer##*/1.}" .tar) differ; how stands above"
    fi
    say "$(basename "${layer##*/1.}" .tar): twice $(content_of "$layer"), $(tar --list --file "$layer" | wc -l) entries"
done
diff "$everything"/{1,2}.ids >&2 || fail "the layers are the same, but not the images"
while read -r kind id _; do say "$kind image: twice $id"; done < "$everything/1.ids"
