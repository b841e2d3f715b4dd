#!/usr/bin/env bash
# Format and script checks. --strict because without it `swift format lint` reports and exits 0.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$root"
PATH=$(scripts/toolchain.sh):$PATH

swift format lint --strict --parallel --recursive Package.swift Sources Tests

mapfile -t scripts < <(git ls-files -co --exclude-standard 'scripts/*.sh' 'image/*.sh' '.ci/run')
for script in "${scripts[@]}"; do bash -n "$script"; done
if command -v shellcheck >/dev/null; then
    shellcheck --external-sources "${scripts[@]}"
else
    warn "shellcheck is not installed (apt-get install shellcheck): scripts were only parsed"
fi
