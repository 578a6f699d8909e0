#!/bin/sh
# Makes a certificate authority and a broker certificate of your own: make-certificate.sh FOLDER NAME_OR_ADDRESS...
# In a folder that has ca.key and ca.crt it makes only a new broker certificate, which boxes take without a word.
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
if [ ! -s ca.key ] || [ ! -s ca.crt ]; then
    openssl ecparam -name prime256v1 -genkey -noout -out ca.key
    openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj "/CN=LoaXa broker authority" -out ca.crt
fi
openssl ecparam -name prime256v1 -genkey -noout -out broker.key
openssl req -new -key broker.key -subj "/CN=$1" -out broker.csr
printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\n' "$names" >extensions
openssl x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -sha256 -extfile extensions -out broker.crt
rm -f broker.csr extensions ca.srl
chmod 644 ca.crt broker.crt
echo "for a box that is to take this very certificate and no other (broker.fingerprint, until you make a new one):"
openssl x509 -in broker.crt -noout -fingerprint -sha256
