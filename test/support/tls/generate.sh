#!/bin/sh
# Makes the certificates of the TLS tests anew, next to this file. The keys protect nothing: the authority's is thrown
# away, and the server's is public.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
far='-startdate 20200101000000Z -enddate 21200101000000Z'

cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = throwaway
[throwaway]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = any
copy_extensions = none
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[right]
subjectAltName = DNS:platform.test, DNS:*.platform.test, DNS:localhost, IP:127.0.0.1
[wrong]
subjectAltName = DNS:elsewhere.test
CNF
: > "$work/index"
echo 01 > "$work/serial"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
request() { openssl req -new -key "$1" -subj "/CN=$2" -out "$work/$2.csr"; }
sign() { # file, request, extensions, dates…
  file=$1 name=$2 extensions=$3; shift 3
  openssl ca -batch -notext -config "$work/ca.cnf" -extensions "$extensions" -in "$work/$name.csr" -out "$file" "$@"
}

key "$work/authority.key"
key throwaway.key
request "$work/authority.key" 'throwaway test authority'
request throwaway.key 'throwaway test server'
# shellcheck disable=SC2086
{
  sign authority.pem 'throwaway test authority' authority -selfsign -keyfile "$work/authority.key" $far
  issued="-keyfile $work/authority.key -cert authority.pem"
  sign trusted.pem 'throwaway test server' right $issued $far
  sign wrong-host.pem 'throwaway test server' wrong $issued $far
  sign expired.pem 'throwaway test server' right $issued -startdate 20200101000000Z -enddate 20210101000000Z
  sign not-yet-valid.pem 'throwaway test server' right $issued -startdate 21100101000000Z -enddate 21200101000000Z
  sign self-signed.pem 'throwaway test server' right -selfsign -keyfile throwaway.key $far
}

# Too short a key for OpenSSL to serve with.
openssl req -x509 -newkey rsa:512 -sha256 -noenc -keyout weak.key -out weak.pem -subj '/CN=throwaway test server' -days 36500
