#!/bin/bash
# Builds the workspace image's base: Debian 12 from the Debian archive, as a tar archive on stdout.
# A registry is not needed. Run by image/build.sh; needs root and mmdebstrap.
set -euo pipefail
# Nothing of the caller's: its umask would be the modes' of what the hooks make.
umask 022
export LC_ALL=C TZ=UTC
here=$(cd "$(dirname "$0")" && pwd)

# Times of files do not depend on when this ran, nor does what they hold: no caches, logs or identifiers, and not the
# builder's resolv.conf. Package versions are those of the archive at that time.
export SOURCE_DATE_EPOCH=1700000000
packages=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$here/packages" | tr -s ' \n' ',,' | sed 's/,$//')

# Nobody here is root, and the root filesystem is read-only: what these two keep goes where there is room, and nothing is
# taken for an administrator's machine. The way out they learn from the environment.
pip='[global]\nbreak-system-packages = true\ndisable-pip-version-check = true\nno-cache-dir = true\nno-input = true\n'
apt='Dir::State "/tmp/apt";\nDir::State::status "/var/lib/dpkg/status";\nDir::Cache "/tmp/apt";\nDir::Log "/tmp/apt";\n'
# shellcheck disable=SC2089
apt+='APT::Sandbox::User "";\n'
# shellcheck disable=SC2090
export pip apt

# The hooks' "$1" is mmdebstrap's to expand.
# shellcheck disable=SC2016
exec mmdebstrap --mode=root --variant=minbase --format=tar --components=main \
    --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' --aptopt='Acquire::http::Timeout "30"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/lintian/*' \
    --dpkgopt='path-exclude=/usr/share/gitweb/*' \
    --customize-hook='find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +' \
    --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/var/log/* "$1"/var/cache/debconf/*' \
    --customize-hook='find "$1/usr/lib/python3/dist-packages" -depth -type d -name tests -exec rm -rf {} +' \
    --customize-hook='rm -rf "$1"/var/cache/ldconfig/aux-cache "$1"/etc/machine-id "$1"/var/lib/dbus/machine-id' \
    --customize-hook='mkdir -p "$1/workspace" "$1/opt/bulkhead"; echo sandbox > "$1/etc/hostname"' \
    --customize-hook='rm -f "$1/etc/resolv.conf"; : > "$1/etc/resolv.conf"' \
    --customize-hook='printf "$pip" > "$1/etc/pip.conf"; printf "$apt" > "$1/etc/apt/apt.conf.d/90sandbox"' \
    bookworm -
