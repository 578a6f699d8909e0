#!/bin/sh
# Makes the composition's secrets under secrets/, once: make-secrets.sh NAME_OR_ADDRESS... (how boxes reach the broker).
set -eu

cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || { echo "name at least one host name or address by which boxes reach the broker" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "run this as root: secrets are handed to the users that read them" >&2; exit 1; }
[ ! -e secrets ] || { echo "secrets/ exists already; nothing was changed" >&2; exit 1; }

word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

deploy/mosquitto/make-certificate.sh secrets "$@"
password=$(word)
printf '%s' "$password" >secrets/database_password
printf 'postgresql+psycopg://loaxa:%s@database/loaxa' "$password" >secrets/database_url
word >secrets/broker_password
# The containers are not root: each secret belongs to the user that reads it (10001: ours; 999: the database's).
chmod 711 secrets
chown 10001 secrets/database_url secrets/broker_password secrets/broker.crt secrets/broker.key
chown 999 secrets/database_password
chmod 400 secrets/database_* secrets/broker_password secrets/broker.key
