#!/usr/bin/env bash
# Installs the official Python SDKs that the tests use as peers, pinned, into .build/peers. Does nothing where they are
# there already. The last line it prints is the path of the Python that has them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

peers=$PWD/.build/peers
python=$peers/bin/python
base=${BULKHEAD_PYTHON:-python3}

if ! command -v "$base" >/dev/null; then
    echo "error: no $base. Install python3 and python3-venv (Debian: apt-get install python3-venv)." >&2
    exit 1
fi

# Another Python or other pins mean a new installation.
wanted=$(cat Tests/Peers/requirements*.txt && "$base" --version)
stamp=$peers/installed
if [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    echo "$python"
    exit 0
fi

rm -rf "$peers"
if ! "$base" -m venv "$peers"; then
    echo "error: $base cannot make a virtual environment (Debian: apt-get install python3-venv)." >&2
    exit 1
fi
pip=("$python" -m pip install --quiet --disable-pip-version-check --no-input)
"${pip[@]}" --requirement Tests/Peers/requirements.txt
"${pip[@]}" --requirement Tests/Peers/requirements-initialize.txt --target "$peers/initialize-era"
echo "$wanted" >"$stamp"
echo "$python"
