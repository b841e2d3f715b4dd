#!/usr/bin/env bash
# Prints the directory to put in front of PATH so that `swift` is 6.3 or newer. Where there is none, fetches the
# official toolchain, verifies its signature, and installs it to /opt. All talk goes to standard error. Where anything
# fails it says what, and leaves nothing behind.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
exec 3>&1 1>&2

version=6.3.1
prefix=/opt
downloads=https://download.swift.org
keys=https://www.swift.org/keys
# The key "Swift 6.x Release Signing Key", https://www.swift.org/keys/. Pinned here: keys fetched beside the file they
# vouch for would prove nothing.
signing_key=52BB7E3DE28A71BE22EC05FFEF80A866B47A981F
destination=$prefix/swift-$version

is_recent() { # is_recent PATH-OF-SWIFT
    local found
    found=$("$1" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
    [ -n "$found" ] || return 1
    local major=${found% *} minor=${found#* }
    [ "$major" -gt 6 ] || { [ "$major" = 6 ] && [ "$minor" -ge 3 ]; }
}

for candidate in "$(command -v swift || true)" "$destination/usr/bin/swift" "$prefix/swift/usr/bin/swift"; do
    if [ -x "$candidate" ] && is_recent "$candidate"; then
        dirname "$candidate" >&3
        exit 0
    fi
done

# shellcheck disable=SC1091
platform=$(. /etc/os-release && echo "$ID$VERSION_ID")
case $(uname -m) in
    aarch64) suffix=-aarch64 ;;
    *) suffix= ;;
esac
folder=${platform//./}$suffix
archive=swift-$version-RELEASE-$platform$suffix.tar.gz
url=$downloads/swift-$version-release/$folder/swift-$version-RELEASE/$archive
by_hand="Install Swift 6.3 yourself (https://www.swift.org/install/linux/), put its usr/bin on PATH, then run this again."

say "Swift 6.3 is missing: fetching the official toolchain ($archive, about 1 GB)"
for program in curl gpg tar; do
    command -v "$program" >/dev/null || fail "$program is missing, and fetching the toolchain needs it" "$by_hand"
done
partial=$(mkdir -p "$prefix" && mktemp -d "$destination.partial.XXXXXX") \
    || fail "cannot write to $prefix: installing the toolchain needs root" "$by_hand"
work=$(mktemp -d)
trap 'rm -rf "$work" "$partial"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
progress=(--silent --show-error)
[ ! -t 2 ] || progress=(--progress-bar)
fetch() { curl --fail --location --retry 3 --connect-timeout 20 "$@"; }
fetch "${progress[@]}" -o "$work/$archive" "$url" || fail "could not fetch $url; nothing was installed" "$by_hand"
fetch --silent --show-error -o "$work/$archive.sig" "$url.sig" \
    || fail "could not fetch the signature $url.sig, so the toolchain cannot be verified; it was not installed" "$by_hand"

note "verifying its signature"
mkdir -m 700 "$work/gnupg"
# --no-autostart leaves no agent behind; verification needs none.
gpg() { command gpg --homedir "$work/gnupg" --batch --no-autostart "$@"; }
# Only what bears the pinned fingerprint counts, so where the keys come from is no matter of trust.
if ! { fetch --silent --show-error "$keys/release-key-swift-6.x.asc" || fetch --silent --show-error "$keys/all-keys.asc"; } \
    >"$work/keys.asc" || ! gpg --quiet --import "$work/keys.asc" 2>"$work/verify.log"; then
    fail "could not fetch Swift's public keys from $keys, so the toolchain cannot be verified; it was not installed" \
        "$by_hand"
fi
gpg --status-fd 1 --verify "$work/$archive.sig" "$work/$archive" >"$work/status" 2>"$work/verify.log" || true
# VALIDSIG's last word is the fingerprint of the primary key. A key that expired after it signed the release is still the
# key that signed it; a revoked one is not to be believed.
if ! grep -q "^\[GNUPG:\] VALIDSIG .*$signing_key\$" "$work/status" \
    || grep -qE '^\[GNUPG:\] (BADSIG|ERRSIG|EXPSIG|REVKEYSIG)' "$work/status"; then
    cat "$work/verify.log"
    fail "the toolchain's signature is not by Swift's release key $signing_key, or the file was changed; it was not installed" \
        "$by_hand"
fi
note "good signature by $signing_key"

note "unpacking to $destination"
tar -xzf "$work/$archive" -C "$partial" --strip-components=1 --no-same-owner \
    || fail "could not unpack the toolchain (is the disk full?); it was not installed" "$by_hand"
chmod 755 "$partial"
is_recent "$partial/usr/bin/swift" \
    || fail "the fetched toolchain does not run here, or is older than 6.3; it was not installed" "$by_hand"
# What is there is no toolchain that would do: that was looked at first.
rm -rf "$destination"
mv "$partial" "$destination"
echo "$destination/usr/bin" >&3
