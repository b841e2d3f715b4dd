#!/usr/bin/env bash
# Installs with apt what is missing, saying what and why.
#
#   scripts/packages.sh [run|test]
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC1091
system=$(. /etc/os-release && echo "$ID")
case $system in
    debian) gcc=12 ;;
    *) gcc=13 ;;
esac

# package, why
wanted=(
    "ca-certificates" "certificates, to fetch over HTTPS"
    "curl" "fetches the Swift toolchain where it is missing"
    "git" "SwiftPM fetches the dependencies with it"
    "gnupg" "verifies the Swift toolchain's signature"
    "binutils" "the Swift linker driver needs it"
    "libc6-dev" "C headers, for the build"
    "libgcc-$gcc-dev" "C compiler runtime, for the build"
    "libstdc++-$gcc-dev" "C++ headers, for the build (swift-crypto)"
    "libsqlite3-dev" "SQLite headers, for the database layer"
    "libedit2" "the Swift toolchain wants it"
    "libncurses-dev" "the Swift toolchain wants it"
    "libxml2-dev" "SwiftPM's runtime wants libxml2"
    "libz3-dev" "the Swift toolchain wants it"
    "zlib1g-dev" "compression headers, for the build"
    "pkg-config" "SwiftPM finds system libraries with it"
    "tzdata" "time zones"
    "iptables" "the Docker Engine sets its network up with it"
    "mmdebstrap" "makes the base of the workspace image"
    "debian-archive-keyring" "mmdebstrap verifies the packages of that base with it"
)
if ! ldconfig -p | grep -q 'libcurl\.so\.4'; then
    wanted+=("libcurl4-openssl-dev" "SwiftPM's runtime wants libcurl")
fi
if ! command -v dockerd >/dev/null && ! docker info >/dev/null 2>&1; then
    wanted+=("docker.io" "the Docker Engine: every session works in containers")
fi
if [ "${1:-run}" = test ]; then
    wanted+=(
        "python3-venv" "runs the official SDKs the tests talk to"
        "python3-openpyxl" "reads and writes the sheets the workspace tools are tested with"
        "poppler-utils" "reads the PDFs the workspace tools are tested with"
        "systemd" "checks the units of packaging/systemd"
        "ripgrep" "searches, for the workspace tools under test"
        "shellcheck" "checks these scripts (make lint)"
    )
    # Ubuntu has it as a snap only, which is no use to root without a session.
    if [ "$system" = debian ]; then
        wanted+=("chromium" "the browser in which the web chat is tested")
    elif ! command -v chromium >/dev/null; then
        fail "the tests need a Chromium named 'chromium' on PATH, and apt has none here (Ubuntu ships it as a snap)" \
            "Install one (a .deb or an unpacked build, linked as /usr/local/bin/chromium), then run this again."
    fi
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
missing=()
for ((i = 0; i < ${#wanted[@]}; i += 2)); do
    package=${wanted[i]}
    if ! grep -qxF "$package" <<<"$installed"; then
        [ ${#missing[@]} -gt 0 ] || say "Installing with apt what is missing:"
        note "$package: ${wanted[i + 1]}"
        missing+=("$package")
    fi
done
[ ${#missing[@]} -gt 0 ] || exit 0

# Installing docker.io must not start its service where there is no service manager: scripts/engine.sh starts the engine.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_get() { apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -qq "$@" </dev/null >"$log" 2>&1; }
if ! { apt_get update && apt_get install -y --no-install-recommends "${missing[@]}"; }; then
    tail -n 20 "$log" >&2
    fail "apt could not install: ${missing[*]}" \
        "Its last lines stand above. Install them by hand (apt-get install …), then run this again."
fi
