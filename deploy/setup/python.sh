#!/bin/sh
# Prints the Python that LoaXã is installed with: the first of 3.13 … 3.11 that runs and can make an environment.
set -eu

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

fallback=
for name in python3.13 python3.12 python3.11 python3; do
    fits "$name" || continue
    if "$name" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$name"
        exit 0
    fi
    fallback=${fallback:-$name}
done
if [ -n "$fallback" ]; then
    echo "$fallback"
    exit 0
fi
echo "LoaXã needs Python 3.11, 3.12 or 3.13, and none of them was found." >&2
echo "On Debian 12 or newer: apt-get install python3 python3-venv" >&2
exit 1
