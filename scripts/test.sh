#!/usr/bin/env bash
# Sets up what is missing, builds, and runs every test, those with real containers included. Needs no terminal and no
# input. Leaves nothing running but the Docker Engine, where it had to start one.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$root"

# The bench is compiled along, so that it goes on fitting what it measures.
export BULKHEAD_BENCH=1
phases=()
logs=$(mktemp -d "${TMPDIR:-/tmp}/bulkhead-test.XXXXXX")
# A test run that hangs must end by itself, with the name of the hanging test still on the screen.
test_minutes=${BULKHEAD_TEST_MINUTES:-60}

finish() {
    local status=$?
    trap - EXIT INT TERM
    stop_children
    [ "$status" = 0 ] || tail_failed
    summary "$status"
    rm -rf "$logs"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

tail_failed() {
    local log
    for log in "$logs"/*.log; do
        if [ ! -s "$log" ] || [ -e "${log%.log}.ok" ]; then continue; fi
        printf '\n--- %s, last lines:\n' "$(basename "$log" .log)" >&2
        tail -n 40 "$log" >&2
    done
}

summary() {
    printf '\n'
    say "Time of each phase"
    printf '    %s\n' "${phases[@]}"
    printf '    %-28s %5d s\n' "all together" "$SECONDS"
    if [ -s "$logs/closing" ]; then sed 's/^/    /' "$logs/closing"; fi
    if [ "$1" = 0 ]; then
        say "All tests passed"
        return
    fi
    say "FAILED (exit status $1)"
    # Last, because whoever sees only the end of this output wants to know which test it was, and why.
    if [ -s "$logs/red" ]; then cut -c1-400 "$logs/red" | head -n 40; fi
}

record() { phases+=("$(printf '%-28s %5d s' "$1" "$2")"); }

# phase NAME COMMAND…: in the foreground, output on the screen; a failure ends the run.
phase() {
    local name=$1 start=$SECONDS
    shift
    say "$name"
    setsid "$@" </dev/null &
    children+=($!)
    local status=0
    wait $! || status=$?
    record "$name" "$(seconds_since "$start")"
    [ "$status" = 0 ] || {
        printf 'error: %s failed (exit status %s)\n' "$name" "$status" >&2
        exit "$status"
    }
}

# beside NAME COMMAND…: at the same time as what follows, its output kept for the case that it fails.
beside() {
    local name=$1
    shift
    # shellcheck disable=SC2016
    start_child "$logs/$name.log" bash -c 'start=$SECONDS; "${@:3}"; status=$?
        echo $((SECONDS - start)) >"$1/$2.seconds"; [ $status = 0 ] && : >"$1/$2.ok"; exit $status' _ "$logs" "$name" "$@"
    printf -v "pid_${name//-/_}" %s "$!"
}
# joined NAME: waits for one that was started beside.
joined() {
    local pid="pid_${1//-/_}" status=0
    wait "${!pid}" || status=$?
    record "$1 (beside)" "$(cat "$logs/$1.seconds" 2>/dev/null || echo 0)"
    [ "$status" = 0 ] || {
        printf 'error: %s failed (exit status %s)\n' "$1" "$status" >&2
        exit "$status"
    }
    say "$1: done"
}

phase "system" scripts/system.sh test
phase "packages" scripts/packages.sh test
start=$SECONDS
PATH=$(scripts/toolchain.sh):$PATH
export PATH
record "toolchain" "$(seconds_since "$start")"
phase "engine" scripts/engine.sh

beside image-base image/build.sh base
beside peers scripts/python-peers.sh
phase "build" swift build --build-tests -j "$(nproc)"
phase "lint" scripts/lint.sh
joined image-base
joined peers
phase "images" image/build.sh
phase "images, twice the same" image/verify.sh program

BULKHEAD_PEERS_PYTHON=$(tail -n 1 "$logs/peers.log")
export BULKHEAD_PEERS_PYTHON
# One after the other: most tests wait (for containers, processes, deadlines) rather than compute, and all of them at once
# on two cores starve each other until deadlines mean nothing.
# A process for each module: what one module's tests leave behind in theirs cannot hold up another's.
# shellcheck disable=SC2016
phase "tests" timeout --kill-after=20 "${test_minutes}m" bash -c '
    set -o pipefail
    failed=()
    suites=$(cd Tests && ls -d -- *Tests)
    for suite in $suites DrillSystemTests; do
        module=$suite filter="^$suite\\." skip=()
        # Whole installations, one after the other: the one module that takes minutes. The drill is half of them.
        case $suite in
            DaemonTests) limit=20m skip=(--skip DrillSystemTests) ;;
            DrillSystemTests) limit=15m filter=DrillSystemTests ;;
            # Each attempt starts an interpreter, and the whole door is tried once for each rule that is taken away.
            DrillTests) limit=15m ;;
            *) limit=10m ;;
        esac
        printf "\n--- %s\n" "$module"
        timeout --foreground --kill-after=10 "$limit" \
            swift test --skip-build --no-parallel --filter "$filter" "${skip[@]}" </dev/null 2>&1 | tee "$1/tests.out" \
            || {
                failed+=("$module")
                # What failed, with its reason; and where nothing says so (a crash, the time was up), how it ended.
                { printf "%s:\n" "$module"; grep -a "✘ Test .*\(recorded an issue\|failed after\)" "$1/tests.out" \
                    || tail -n 12 "$1/tests.out"; } >>"$1/red"
            }
        printf "%-24s %s\n" "$module" "$(grep -a "Test run with" "$1/tests.out" || echo "did not end")" >>"$1/closing"
    done
    [ ${#failed[@]} = 0 ] || { echo "error: failed: ${failed[*]}" >&2; exit 1; }' _ "$logs"
