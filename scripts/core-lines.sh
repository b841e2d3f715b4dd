#!/usr/bin/env bash
# What a security reviewer has to read: lines of the trusted core, code and comments apart.
set -euo pipefail
cd "$(dirname "$0")/.."

count() { # count TITLE AIM DIRECTORY…
    local title=$1 aim=$2
    shift 2
    find "$@" -name '*.swift' -print0 | sort -z | xargs -0 cat \
        | awk -v title="$title" -v aim="$aim" '
            /^[[:space:]]*$/ { next }
            /^[[:space:]]*\/\// { comments++; next }
            { code++ }
            END { printf "%-34s %6d code %6d comments %6d together   aim: %s\n", title, code, comments, code + comments, aim }'
}

count "Harness (gate, approvals, pauses)" 2000 Sources/Harness
count "Policy (rules, pure)" - Sources/Policy
count "Audit (chain, witnesses)" - Sources/Audit
count "Broker (the root process)" 800 Sources/Broker
count "BrokerProtocol (what it reads)" - Sources/BrokerProtocol
