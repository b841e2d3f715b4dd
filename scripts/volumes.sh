#!/usr/bin/env bash
# A filesystem of their own for the volumes, bounded in bytes and inodes, so that nothing a sandbox writes fills the disk the
# database is on: a sparse ext4 image, mounted where the volumes are.
#
#   scripts/volumes.sh mount HOME SIZE [GROUP]    SIZE in bytes; 0: none
#   scripts/volumes.sh unmount HOME
#
# Never formats what has data in it, never hides files that are there, never shrinks. Where it cannot be had it says so in a
# line and leaves everything as it was; where it was there before and cannot be mounted, it fails: an empty directory in its
# place would look like everybody's files gone.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

action=${1:?} home=${2:?}
image=$home/volumes.img
directory=$home/volumes

is_mounted() { mountpoint -q "$directory"; }

has_files() { # anything a person or a sandbox could have put there; the samples come anew with each start
    local found
    # What cannot be looked into may hold anything.
    found=$(find "$directory" -mindepth 1 -not -type d -not -path "$directory/global/samples/*" -print -quit 2>/dev/null) \
        || return 0
    [ -n "$found" ]
}

mebibytes() { echo "$(($1 >> 20)) MiB"; }

free_bytes() { echo $(($(df --output=avail -k "$home" | tail -n 1) << 10)); }

# What may be promised: no more than half of the room there is, or the image could still fill the disk.
bounded() { # bounded WANTED ALREADY-THERE
    local most=$(($2 + $(free_bytes) / 2))
    if [ "$1" -gt "$most" ]; then
        warn "the disk has too little room for volumes of $(mebibytes "$1"): they get $(mebibytes "$most")" >&2
        echo $((most >> 20 << 20))
    else
        echo "$1"
    fi
}

make_image() {
    local size
    size=$(bounded "$wanted" 0)
    if [ "$size" -lt $((64 << 20)) ]; then
        warn "no room for a filesystem of their own for the volumes: they share the disk with the database"
        return 1
    fi
    rm -f "$image.new"
    (
        umask 077
        truncate --size "$size" "$image.new"
    )
    # Root keeps a hundredth back: the broker can still make folders where people have filled the rest.
    mkfs.ext4 -q -m 1 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0 -L bulkhead-volumes \
        "$image.new" </dev/null >/dev/null || {
        rm -f "$image.new"
        warn "mkfs.ext4 failed: the volumes share the disk with the database"
        return 1
    }
    # Tried before it counts, so that a machine without loop devices has no image that could not be mounted.
    local trial
    trial=$(mktemp -d "$home/.volumes.XXXXXX")
    if ! mount -o loop,nosuid,nodev "$image.new" "$trial" 2>/dev/null; then
        rmdir "$trial"
        rm -f "$image.new"
        warn "no loop device can be had here: the volumes share the disk with the database, and a sandbox can fill it"
        note "Mount a filesystem of their own at $directory (docs/operations.md, Volumes)."
        return 1
    fi
    umount "$trial"
    rmdir "$trial"
    mv "$image.new" "$image"
}

grow_image() {
    local now size
    # A file system that was unmounted lazily may still be written to.
    [ -z "$(losetup -j "$image" 2>/dev/null)" ] || return 0
    now=$(stat -c %s "$image")
    [ "$wanted" -gt "$now" ] || return 0
    size=$(bounded "$wanted" "$now" 2>/dev/null)
    [ "$size" -gt "$now" ] || return 0
    truncate --size "$size" "$image"
    # 1: errors mended. What is more is the mount's to refuse.
    e2fsck -fp "$image" </dev/null >/dev/null 2>&1 || [ $? = 1 ] || return 0
    resize2fs "$image" </dev/null >/dev/null 2>&1 || warn "the volumes' filesystem could not be made larger"
}

mount_volumes() {
    if [ -L "$directory" ] || [ -L "$image" ]; then
        fail "$directory or $image is a link" "Put a directory in its place."
    fi
    # Somebody's own filesystem, or an earlier start's.
    if is_mounted; then return; fi
    if [ ! -e "$image" ]; then
        if [ "$wanted" = 0 ]; then return; fi
        if has_files; then
            warn "$directory holds files and shares the disk with the database: a sandbox can fill it"
            note "They stay as they are. To move them into a filesystem of their own: docs/operations.md, Volumes."
            return
        fi
        make_image || return 0
    else
        if has_files; then
            fail "$directory holds files, and $image as well: one would hide the other" \
                "Find out which is the right one (mount -o loop,ro $image /mnt), and move the other away."
        fi
        grow_image
    fi
    mount -o loop,nosuid,nodev,noatime "$image" "$directory" \
        || fail "the volumes in $image cannot be mounted; what people stored is in it" \
            "Look at it with: e2fsck -n $image. Nothing was started."
    # The top is root's; the service user passes through it.
    chown "0:$group" "$directory"
    chmod 710 "$directory"
}

unmount_volumes() {
    [ -e "$image" ] || return 0
    if ! is_mounted; then return; fi
    local tries
    for tries in 1 2 3 4 5 6 7 8 9 10; do
        umount "$directory" 2>/dev/null && return 0
        sleep 0.2
    done
    warn "$directory is in use after $tries tries; it is unmounted as soon as nobody uses it"
    umount --lazy "$directory"
}

case $action in
    mount)
        wanted=${3:?} group=${4:-0}
        mount_volumes
        ;;
    unmount) unmount_volumes ;;
    *) fail "unknown action $action" "Use: scripts/volumes.sh mount HOME SIZE [GROUP] | unmount HOME" ;;
esac
