#!/usr/bin/env bash
# Makes services of Bulkhead on this machine: what `make run` built here, in /opt/bulkhead (programs), /etc/bulkhead
# (configuration and the vault's master key) and /var/lib/bulkhead (data and volumes), with the units of packaging/systemd.
# Run again it brings new programs and units, and leaves configuration, keys and data as they are.
#
#   scripts/install.sh [SIZE]    SIZE of the volumes' filesystem in GiB, 20 unless said; only the first time
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$root"

size=${1:-20}
built=${BULKHEAD_HOME:-$root/.bulkhead}
programs=/opt/bulkhead/bin settings=/etc/bulkhead state=/var/lib/bulkhead run=/run/bulkhead-service user=bulkhead

[ "$(id -u)" = 0 ] || fail "services are root's to make" "Use: sudo scripts/install.sh"
[ -d /run/systemd/system ] || fail "systemd does not run here" "make run works without it."
for name in bin/bulkhead bin/bulkhead-broker bin/images .image-agent .image-workspace; do
    [ -e "$built/$name" ] || fail "$built/$name is missing" "Run 'make run' here once: it builds programs and images."
done
case $size in *[!0-9]* | "") fail "the size is a number of GiB, not '$size'" ;; esac

say "User and directories"
id "$user" >/dev/null 2>&1 || useradd --system --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin "$user"
install -d "$programs" "$settings/bin" "$state"
install -d -m 700 -o "$user" -g "$user" "$state/data"

# An update: the daemon first, which still has something to say to the broker.
for unit in bulkhead bulkhead-broker; do
    if systemctl is-active --quiet "$unit"; then systemctl stop "$unit"; fi
done

say "Programs and units"
install "$built"/bin/bulkhead "$built"/bin/bulkhead-broker "$built"/bin/bulkhead-agent "$programs/"
install -m 644 image/seccomp/agent.json "$programs/seccomp-agent.json"
install -m 644 image/seccomp/workspace.json "$programs/seccomp-workspace.json"
install -m 644 "$built/bin/images" "$settings/bin/images"
find "$built/bin" -maxdepth 1 -name '*.resources' -exec cp -a {} "$programs/" \;
install -m 644 packaging/systemd/*.service packaging/systemd/*.mount /etc/systemd/system/

say "Configuration"
if [ ! -e "$settings/vault-master.key" ]; then
    openssl rand -hex 32 | install -m 600 /dev/stdin "$settings/vault-master.key"
    note "$settings/vault-master.key is made: keep a copy elsewhere, for without it no secret can be read again"
fi
if [ ! -e "$settings/bulkhead.yaml" ]; then
    cat >"$settings/bulkhead.yaml" <<YAML
# Bulkhead's configuration. Every key: docs/configuration.md. After a change: systemctl reload bulkhead, or restart.
data:
  directory: $state/data
runtime:
  directory: /run/bulkhead
broker:
  socket: $run/broker/broker.sock
audit:
  witness_file: $state/audit.witness
vault:
  key: credential
people:
  owner: ${SUDO_USER:-root}
YAML
fi
# Made anew each time: its limits are those of bulkhead.yaml. The range of owners stays, because volumes are theirs.
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
ln -s "$programs" "$stage/bin"
cp "$settings/bulkhead.yaml" "$built/.image-agent" "$built/.image-workspace" "$stage/"
if [ -e "$settings/owners" ]; then cp "$settings/owners" "$stage/.owners"; fi
scripts/broker-config.sh "$stage" "$state" "$run" "$user" \
    | sed -e "s|$stage/bin|$programs|" -e "s|$stage/|$state/|" >"$stage/broker.json"
install -m 600 "$stage/broker.json" "$settings/broker.json"
install -m 644 "$stage/.owners" "$settings/owners"

say "Volumes"
install -d -m 710 -g "$user" "$state/volumes"
if [ ! -e "$state/volumes.img" ]; then
    scripts/volumes.sh mount "$state" $((size << 30)) "$user"
    scripts/volumes.sh unmount "$state"
fi

say "Services"
systemctl daemon-reload
systemctl enable var-lib-bulkhead-volumes.mount bulkhead-broker bulkhead
systemctl start var-lib-bulkhead-volumes.mount bulkhead-broker bulkhead
for _ in $(seq 60); do
    if [ -S /run/bulkhead/console.sock ]; then break; fi
    sleep 0.5
done
install -d -m 755 -o "$user" -g "$user" "$state/volumes/global"
"$programs/bulkhead" doctor --config "$settings/bulkhead.yaml" || fail "the doctor finds something wrong (above)" \
    "journalctl -u bulkhead -u bulkhead-broker says more."
note "Accept what runs now as the baseline: $programs/bulkhead doctor --security --accept --config $settings/bulkhead.yaml"
