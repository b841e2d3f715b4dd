#!/usr/bin/env bash
# Builds everything in release, measures it beside floors and peers, prints a table and writes .build-bench/bench.json.
# Needs root and the Docker Engine, as `make run` does. docs/benchmarks.md says how to read it.
#
#   scripts/bench.sh [--only gate|protocol|audit|leaks|containers|daemon|egress|route|slack|tasks|gateway]…
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$root"

scripts/system.sh run
scripts/packages.sh test
PATH=$(scripts/toolchain.sh):$PATH
scripts/engine.sh
scratch=$root/.build-bench
# The one build that has the bench in it (Package.swift).
export BULKHEAD_BENCH=1
say "Building in release, into a directory of its own (the first time takes 5 to 15 minutes)"
build=(swift build -c release --static-swift-stdlib --scratch-path "$scratch" -j "$(nproc)")
"${build[@]}" </dev/null
products=$("${build[@]}" --show-bin-path)
say "Images and the official Python SDK"
BULKHEAD_AGENT_BINARY=$products/bulkhead-agent BULKHEAD_IMAGE_TAG=bench image/build.sh
python=$(scripts/python-peers.sh | tail -n 1)

work=$(mktemp -d /var/tmp/bulkhead-bench.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
say "Measuring (load before: $(cut -d' ' -f1-3 /proc/loadavg)); a few minutes"
"$products/bulkhead-bench" --products "$products" --root "$root" --python "$python" --work "$work" \
    --json "$scratch/bench.json" "$@" || {
    status=$?
    tail -n 20 "$work"/*.log >&2 2>/dev/null || true
    exit "$status"
}
note "written to $scratch/bench.json"
