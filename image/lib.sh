# shellcheck shell=bash disable=SC2154
# How layers and images are made so that the same input gives the same bytes. Sourced by build.sh and verify.sh, which set
# `here` (this directory), `binary` (the program), `work` (a directory of theirs) and `fail`.

# What every file, directory and image is dated: nothing may depend on when it was built.
image_epoch=1700000000

short_digest() { sha256sum | cut -c1-16; }
# What a layer is: the digest of its archive, which is what the engine calls its diff id.
content_of() { echo "sha256:$(sha256sum < "$1" | cut -c1-64)"; }
label() { docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2> /dev/null || true; }
layers() { docker image inspect --format '{{join .RootFS.Layers " "}}' "$1" 2> /dev/null || true; }

# is_current NAME DEFINITION: it is there, made from that definition, and holds what its label says.
is_current() {
    [ "$(label "$1" bulkhead.definition)" = "$2" ] && [ "$(label "$1" bulkhead.content)" = "$(layers "$1")" ]
}

# What the base is made from; a change of any of it makes another base.
base_definition() { cat "$here"/workspace/{base.sh,packages} | short_digest; }

# Sorted, fixed times and owners, nothing of the filesystem it lay on.
archive() {
    tar --sort=name --mtime="@$image_epoch" --owner=0 --group=0 --numeric-owner --format=gnu -C "$1" -cf - .
}

loader() { ldd "$binary" | awk '$1 ~ /^\/.*ld-linux/ { sub(".*/", "", $1); print $1 }'; }
entry() {
    echo "[\"/opt/bulkhead/lib/$(loader)\",\"--library-path\",\"/opt/bulkhead/lib\",\"/opt/bulkhead/bin/bulkhead-agent\"]"
}

# program_layer BINARY ARCHIVE: the program with all it needs, as both images have it.
program_layer() {
    local tree library
    tree=$(mktemp -d "$work/tree.XXXXXX")
    # Where the engine will mount something: with them in the image nothing has to be made in a read-only root.
    mkdir -p "$tree"/{opt/bulkhead/{bin,lib},run/bulkhead,dev,proc,sys,etc}
    cp "$1" "$tree/opt/bulkhead/bin/bulkhead-agent"
    strip --strip-debug "$tree/opt/bulkhead/bin/bulkhead-agent" 2> /dev/null || true
    while read -r library; do cp -L "$library" "$tree/opt/bulkhead/lib/"; done < <(
        ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/.*ld-linux/ { print $1 }' | sort -u)
    chmod -R u=rwX,go=rX "$tree"
    archive "$tree" > "$2"
    rm -rf "$tree"
}

# load_image NAME KIND DEFINITION COMMAND LAYER…: makes an image of layers: archives, or as the first the name of an image
# whose only layer it takes. Its labels say what it was made from and what is in it.
load_image() {
    local name=$1 kind=$2 definition=$3 command=$4 folder layer diff diffs=() files=() below=''
    shift 4
    folder=$(mktemp -d "$work/image.XXXXXX")
    for layer in "$@"; do
        if [ -f "$layer" ]; then
            diff=$(content_of "$layer")
            ln "$layer" "$folder/${diff#sha256:}.tar" 2> /dev/null || cp "$layer" "$folder/${diff#sha256:}.tar"
        else
            below=$layer
            diff=$(docker image inspect --format '{{index .RootFS.Layers 0}}' "$layer")
        fi
        diffs+=("$diff")
        files+=("${diff#sha256:}.tar")
    done
    local architecture=amd64 quoted settings='' number=0 history=''
    [ "$(uname -m)" != aarch64 ] || architecture=arm64
    quoted=$(printf ',"%s"' "${diffs[@]}")
    [ -z "$command" ] || settings="\"Entrypoint\":$(entry),\"Cmd\":[\"$command\"],"
    local created
    created=$(date --utc --date="@$image_epoch" +%Y-%m-%dT%H:%M:%SZ)
    while [ "$number" -lt $# ]; do
        history+="${history:+,}{\"created\":\"$created\",\"created_by\":\"image/build.sh\"}"
        number=$((number + 1))
    done
    cat > "$folder/config.json" << JSON
{"architecture":"$architecture","os":"linux","created":"$created","config":{${settings}"Labels":{"bulkhead.image":"$kind","bulkhead.definition":"$definition","bulkhead.content":"${diffs[*]}"}},"rootfs":{"type":"layers","diff_ids":[${quoted#,}]},"history":[$history]}
JSON
    quoted=$(printf ',"%s"' "${files[@]}")
    echo "[{\"Config\":\"config.json\",\"RepoTags\":[\"$name\"],\"Layers\":[${quoted#,}]}]" > "$folder/manifest.json"
    # A layer the engine has need not be sent again; an engine that wants it all the same gets it in a second attempt.
    if ! archive "$folder" | docker load > "$work/load.log" 2>&1; then
        [ -z "$below" ] || lower_layer "$below" "$folder/${files[0]}"
        archive "$folder" | docker load > "$work/load.log" 2>&1 || {
            cat "$work/load.log" >&2
            fail "the engine does not take $name"
        }
    fi
    rm -rf "$folder"
}

# lower_layer IMAGE ARCHIVE: an image's only layer, as it was loaded.
lower_layer() {
    local folder
    folder=$(mktemp -d "$work/lower.XXXXXX")
    docker save "$1" | tar -xf - -C "$folder"
    local layer
    layer=$(sed -n 's/.*"Layers":\["\([^"]*\)"\].*/\1/p' "$folder/manifest.json")
    cp -L "$folder/$layer" "$2"
    rm -rf "$folder"
}
