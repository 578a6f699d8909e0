#!/bin/sh
# Installs the Debian packages that a task needs and this machine lacks: packages.sh demo|sound|test|bench.
# As root or with password-less sudo it runs apt-get; otherwise it names the packages and ends with 1.
set -eu

has_command() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
has_file() { [ -e "$1" ]; }
has_library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q "$1"; }

missing=
want() { # want PACKAGE PROBE...: note PACKAGE when the probe fails
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
can_make_environments() {
    python=$("$(dirname "$0")/python.sh") && "$python" -c 'import ensurepip, venv'
}
want_python() {
    "$(dirname "$0")/python.sh" >/dev/null 2>&1 || missing="$missing python3"
    want python3-venv can_make_environments
}
want_sound() { want libportaudio2 has_library libportaudio.so.2; }
want_test() {
    want_sound
    want mosquitto has_command mosquitto
    want mosquitto-clients has_command mosquitto_sub
    want postgresql has_file /usr/lib/postgresql/*/bin/postgres
    want chromium has_command chromium
    want fonts-dejavu-core has_file /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
    want pulseaudio has_command pulseaudio
    want pulseaudio-utils has_command parec
    want systemd has_command systemd-analyze
}

want_python
case "${1:-}" in
demo) ;;
sound) want_sound ;;
test) want_test ;;
bench)
    want_test
    want ffmpeg has_command ffmpeg
    want snapserver has_command snapserver
    want snapclient has_command snapclient
    ;;
*)
    echo "usage: packages.sh demo|sound|test|bench" >&2
    exit 2
    ;;
esac

[ -n "$missing" ] || exit 0
if ! has_command apt-get; then
    echo "These programs are missing, and there is no apt-get here to install them:$missing" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "These Debian packages are missing. Install them as root, then run make again:" >&2
    echo "    apt-get install$missing" >&2
    exit 1
fi
echo "Installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # the lists are words
$as_root apt-get update -q && $as_root apt-get install -y -q --no-install-recommends $missing </dev/null
