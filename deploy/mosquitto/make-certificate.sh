#!/bin/sh
# Makes a certificate authority and a broker certificate of your own: make-certificate.sh FOLDER NAME_OR_ADDRESS...
# Give ca.crt to every box (broker.ca_file); broker.crt and broker.key are the composition's secrets.
set -eu

folder=${1:?folder}
shift
[ $# -gt 0 ] || { echo "name at least one host name or address by which boxes reach the broker" >&2; exit 2; }
names=
for name in "$@"; do
    case $name in
    *[!0-9.]*) kind=DNS ;;
    *) kind=IP ;;
    esac
    names="${names:+$names,}$kind:$name"
done

umask 077
mkdir -p "$folder"
cd "$folder"
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj "/CN=LoaXa broker authority" -out ca.crt
openssl ecparam -name prime256v1 -genkey -noout -out broker.key
openssl req -new -key broker.key -subj "/CN=$1" -out broker.csr
printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\n' "$names" >extensions
openssl x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -sha256 -extfile extensions -out broker.crt
rm -f broker.csr extensions ca.srl
chmod 644 ca.crt broker.crt
