#!/bin/sh
# Runs mosquitto and has it read its password and access files again whenever the controller has written new ones.
set -eu

config=${1:-/mosquitto/config/mosquitto.conf}
folder=${2:-/broker}

state() { cksum "$folder/passwd" "$folder/acl" 2>/dev/null || true; }

until [ -s "$folder/passwd" ] && [ -s "$folder/acl" ]; do
    echo "waiting for the controller to write $folder/passwd and $folder/acl"
    sleep 1
done
seen=$(state)
mosquitto -c "$config" &
broker=$!
trap 'kill -TERM "$broker"' TERM INT
while kill -0 "$broker" 2>/dev/null; do
    sleep 2 &
    wait $! || true
    now=$(state)
    if [ "$now" != "$seen" ] && kill -HUP "$broker" 2>/dev/null; then
        seen=$now
    fi
done
wait "$broker"
