#!/bin/sh
# TLS as others speak it: openssl s_client and stunnel against ringfixd, and the load generator over
# both beside plain sessions. usage: test_tls.sh RINGFIXD LOADGEN
set -eu
ringfixd=$1
loadgen=$2
for program in openssl stunnel; do
    if ! command -v "$program" >/dev/null; then
        echo "SKIPPED: $program is not installed, see tools/test"
        exit 77
    fi
done
dir=$(mktemp -d)
pids=
cleanup() {
    for pid in $pids; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
fail() {
    echo "FAILED: $1" >&2
    for file in log out stunnel.log; do
        [ -s "$dir/$file" ] && sed "s/^/  $file: /" "$dir/$file" >&2
    done
    exit 1
}
until_there() { # FILE PATTERN
    for _ in $(seq 200); do
        grep -q -- "$2" "$1" 2>/dev/null && return
        sleep 0.05
    done
    fail "never '$2' in $1"
}

# An authority, a server, and two clients of which one is expired. As docs/tls.md says.
cd "$dir"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test authority" \
    -keyout ca.key -out ca.pem 2>/dev/null
make() { # NAME SUBJECT EXTENSION DAYS
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf '%s\n' "$3" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$4" \
        -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}
make server server "subjectAltName=DNS:localhost,IP:127.0.0.1" 30
make client LG1 "subjectAltName=DNS:client.example" 30
make expired LG1 "subjectAltName=DNS:client.example" -1

cat >config <<TEXT
[DEFAULT]
ConnectionType=acceptor
BeginString=FIX.4.4
SocketAcceptHost=127.0.0.1
SocketAcceptPort=0
JournalPath=$dir/journal
UseDataDictionary=N
IoThreads=1
Shards=1
ServerCertificateFile=$dir/server.pem
ServerCertificateKeyFile=$dir/server.key
CertificationAuthoritiesFile=$dir/ca.pem
CertificateVerifyLevel=1
[SESSION]
SenderCompID=RINGFIX
TargetCompID=*
AcceptorTemplate=Y
[SESSION]
SenderCompID=SECURE
TargetCompID=LG1
SocketUseSSL=Y
CertificateName=LG1
TEXT
"$ringfixd" --check config >out || fail "--check"
grep -q 'SocketUseSSL *Y' out || fail "--check does not tell SocketUseSSL"
sed 's/server\.key/client.key/' config >wrong
"$ringfixd" --check wrong >out 2>&1 && fail "--check takes the key of another certificate"
grep -q 'ServerCertificateKeyFile=.*key values mismatch' out || fail "--check does not name the key"

"$ringfixd" --config config --app executor >out 2>log &
pids=$!
until_there out 'ready port='
port=$(sed -n 's/.*ready port=\([0-9]*\).*/\1/p' out)
tls_port=$(sed -n 's/.* ports=[0-9]*,\([0-9]*\)\/tls.*/\1/p' out)
[ -n "$tls_port" ] || fail "the ready line does not name the TLS port"

# Another implementation's client, by each version; it gets no further than the handshake.
for version in tls1_2 tls1_3; do
    openssl s_client -connect "127.0.0.1:$tls_port" -CAfile ca.pem -cert client.pem -key client.key \
        -verify_return_error -verify_hostname localhost "-$version" -brief </dev/null >said 2>&1 ||
        fail "s_client -$version: $(cat said)"
    grep -q 'Verification: OK' said || fail "s_client -$version does not trust the server"
done
openssl s_client -connect "127.0.0.1:$tls_port" -CAfile ca.pem -tls1_1 \
    -cipher DEFAULT@SECLEVEL=0 -brief </dev/null >said 2>&1 && fail "TLS 1.1 is spoken"
until_there log 'TLS: unsupported protocol'
openssl s_client -connect "127.0.0.1:$tls_port" -CAfile ca.pem -cert expired.pem -key expired.key \
    -tls1_2 -brief </dev/null >said 2>&1 && fail "an expired certificate is taken"
until_there log 'TLS: its certificate /CN=LG1 is not taken: certificate has expired'
openssl s_client -connect "127.0.0.1:$tls_port" -CAfile ca.pem -tls1_2 -brief </dev/null >said 2>&1 &&
    fail "no certificate is taken"
until_there log 'TLS: peer did not return a certificate'
openssl s_client -connect "127.0.0.1:$port" -brief </dev/null >said 2>&1 &&
    fail "the plain port speaks TLS"
until_there log 'speaks TLS, and the port is a plain one'

# Orders by stunnel, which speaks TLS for a plain initiator.
cat >stunnel.conf <<TEXT
foreground = yes
pid =
debug = info
syslog = no
[fix]
client = yes
accept = 127.0.0.1:0
connect = 127.0.0.1:$tls_port
cert = $dir/client.pem
key = $dir/client.key
CAfile = $dir/ca.pem
verifyChain = yes
checkIP = 127.0.0.1
TEXT
stunnel stunnel.conf >stunnel.log 2>&1 &
pids="$pids $!"
until_there stunnel.log 'bound to 127.0.0.1:'
tunnel=$(sed -n 's/.*bound to 127.0.0.1:\([0-9]*\).*/\1/p' stunnel.log | head -1)
"$loadgen" --port "$tunnel" --target SECURE --count 2000 --in-flight 20 --warmup 0 --quiet >out ||
    fail "orders through stunnel"

# Ours, beside plain sessions.
"$loadgen" --port "$port" --sessions 20 --duration 2 --warmup 0 --quiet >plain 2>&1 &
plain=$!
"$loadgen" --port "$tls_port" --target SECURE --tls-ca ca.pem --tls-cert client.pem \
    --tls-key client.key --count 5000 --in-flight 50 --warmup 0 --quiet >out ||
    fail "orders over TLS"
wait "$plain" || fail "plain sessions beside it: $(cat plain)"
"$loadgen" --port "$tls_port" --target SECURE --tls-ca ca.pem --tls-name else.example \
    --connect-timeout 2 --count 1 --warmup 0 --quiet >out 2>&1 && fail "a wrong name is taken"
grep -q 'hostname mismatch' out || fail "the load generator does not say that the name is another"
exit 0
