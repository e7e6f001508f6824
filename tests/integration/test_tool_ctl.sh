#!/bin/sh
# ringfix-ctl as it is shipped, against a ringfixd that trades:
# test_tool_ctl.sh RINGFIX-CTL RINGFIXD RINGFIX-LOADGEN
set -u
ctl=$1
ringfixd=$2
loadgen=$3
dir=$(mktemp -d)
server=
load=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null
[ -z "$load" ] || kill -9 "$load" 2>/dev/null
rm -rf "$dir"' EXIT
failures=0

fail() {
    echo "FAILED: $1" >&2
    sed 's/^/  out: /' "$dir/out" | head -n 40 >&2
    sed 's/^/  err: /' "$dir/err" | head -n 20 >&2
    failures=$((failures + 1))
}

# expect STATUS ARGUMENT...: runs the program; its output is in out and err.
expect() {
    wanted=$1
    shift
    status=0
    timeout -k 5 60 "$ctl" "$@" >"$dir/out" 2>"$dir/err" </dev/null || status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status, not $wanted: $*"
}
says() { grep -qF -- "$2" "$dir/$1" || fail "no '$2' in $1"; }
says_not() { ! grep -qF -- "$2" "$dir/$1" || fail "'$2' in $1"; }
# until TEXT COMMAND...: until the output holds the text
until_says() {
    text=$1
    shift
    for _ in $(seq 100); do
        expect 0 "$@"
        grep -q -- "$text" "$dir/out" && return
        sleep 0.1
    done
    fail "never '$text': $*"
}

config_head() {
    printf '[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort=0\n'
    printf 'SenderCompID=RINGFIX\nBeginString=FIX.4.4\nJournalPath=%s/journal\n' "$dir"
    printf 'JournalTailSize=1M\nShards=2\nIoThreads=1\n'
}
{
    config_head
    printf '[SESSION]\nTargetCompID=LG1\n[SESSION]\nTargetCompID=LG2\n[SESSION]\nTargetCompID=IDLE\n'
} >"$dir/ringfixd.cfg"
"$ringfixd" --config "$dir/ringfixd.cfg" >"$dir/ready" 2>"$dir/log" &
server=$!
for _ in $(seq 200); do
    grep -q 'ready port=' "$dir/ready" && break
    sleep 0.1
done
port=$(sed -n 's/.*ready port=\([0-9]*\).*/\1/p' "$dir/ready")
[ -n "$port" ] || { echo "the server does not start" >&2; cat "$dir/log" >&2; exit 1; }
socket=$dir/journal/control.sock
RINGFIX_SOCKET=$socket
export RINGFIX_SOCKET
[ "$(stat -c %a:%F "$socket")" = "600:socket" ] || fail "the socket is open to others"

# ---- the command line
expect 0 --help
says out "usage: ringfix-ctl"
expect 2
expect 2 wombat
says err "unknown command: wombat"
expect 2 show
says err "which session?"
expect 2 sessions extra
expect 2 set-seq S
says err "set-seq needs --in, --out or both"
expect 2 set-seq S --in 0
expect 2 sessions --text x
expect 2 --config "$dir/ringfixd.cfg" --socket x status
expect 3 --socket "$dir/nothing" status
says err "is ringfixd running?"
expect 3 --socket "$dir/ringfixd.cfg" status

# ---- looking
expect 0 --config "$dir/ringfixd.cfg" status
says out "3 sessions, 0 logged on, 0 disabled"
"$loadgen" --port "$port" --sessions 2 --in-flight 4 --duration 600 >"$dir/load" 2>&1 &
load=$!
until_says "3 sessions, 2 logged on" status
expect 0 sessions
says out "FIX.4.4:RINGFIX->LG1"
says out "active"
says out "127.0.0.1:"
expect 0 show 'FIX.4.4:RINGFIX->LG2'
says out "active (ACTIVE)"
expect 0 show 'FIX.4.4:RINGFIX->LG2' --json
says out '"logged_on":true'
says out '"messages_in":'
expect 0 stats
says out "messages_resent      0"
expect 0 top --count 2
says out "messages a second"
[ "$(grep -c SESSION "$dir/out")" -eq 2 ] || fail "not two looks"
grep -q 'second: [1-9][0-9]* in, [1-9]' "$dir/out" || fail "no rates"
expect 1 show 'FIX.4.4:RINGFIX->NOBODY'
says err "there is no session FIX.4.4:RINGFIX->NOBODY"

# ---- acting
expect 0 send-test-request 'FIX.4.4:RINGFIX->LG1'
until_says "round trip [0-9]" show 'FIX.4.4:RINGFIX->LG1'
expect 1 set-seq 'FIX.4.4:RINGFIX->LG1' --in 7
says err "disable it first"
expect 0 disable 'FIX.4.4:RINGFIX->IDLE'
expect 0 set-seq 'FIX.4.4:RINGFIX->IDLE' --in 7 --out 9
expect 0 sessions --json
says out '"next_in":7,"next_out":9'
expect 1 set-seq 'FIX.4.4:RINGFIX->IDLE' --out 8
says err "cannot be lowered"
expect 0 reset 'FIX.4.4:RINGFIX->IDLE'
expect 0 show 'FIX.4.4:RINGFIX->IDLE'
says out "1 in, 1 out"
says out "disabled"
expect 0 enable 'FIX.4.4:RINGFIX->IDLE'
expect 0 show 'FIX.4.4:RINGFIX->IDLE'
says_not out "disabled"
expect 1 logout 'FIX.4.4:RINGFIX->IDLE'
says err "is not logged on"

# ---- another configuration while two sessions trade
{
    config_head
    printf '[SESSION]\nTargetCompID=LG1\n[SESSION]\nTargetCompID=LG2\n'
    printf '[SESSION]\nTargetCompID=NEW\nHeartBtInt=7\n'
} >"$dir/ringfixd.cfg"
expect 0 reload
says out "1 added, 0 changed, 1 removed, 2 unchanged, 0 failed"
expect 0 sessions
says out "FIX.4.4:RINGFIX->NEW"
says_not out "FIX.4.4:RINGFIX->IDLE"
sed 's/HeartBtInt=7/HeartBtInt=8/; s/Shards=2/Shards=1/' "$dir/ringfixd.cfg" >"$dir/next"
mv "$dir/next" "$dir/ringfixd.cfg"
kill -HUP "$server"
until_says "8 s, round trip" show 'FIX.4.4:RINGFIX->NEW'
expect 0 reload
says out "1 settings of the whole server differ"
echo Wombat=1 >>"$dir/ringfixd.cfg"
expect 1 reload
says err 'unknown key "Wombat"'
expect 0 status
says out "3 sessions, 2 logged on"

# ---- what is no client of ours
if command -v python3 >/dev/null; then
    python3 - "$socket" <<'P' || fail "hostile clients"
import socket, sys
def ask(data):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(sys.argv[1])
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        return s.recv(1000)
    except (BrokenPipeError, ConnectionResetError):
        return b""
for data in (b"", b"\n", b"nonsense\n", b"[]\n", b"{}\n", b'{"do":7}\n', b'{"do":"reset"}\n',
             b'{"do":"set-seq","session":"x","in":-1}\n', b"x" * 100000, b"\xff\x00\n",
             b'{"do":"show","session":7}\n', b'{"do":"' + b"[" * 5000 + b"\n"):
    answer = ask(data)
    assert not answer or b'"error"' in answer, (data[:40], answer)
P
fi
expect 0 status

# ---- the load never noticed, and the socket goes with the server
kill -INT "$load"
wait "$load"
load=
sent=$(sed -n 's/^orders *\([0-9]*\) sent, .*/\1/p' "$dir/load")
if [ -z "$sent" ] || ! grep -q "^orders *$sent sent, $sent answered" "$dir/load"; then
    cat "$dir/load" >&2
    fail "an order of the others was lost"
fi
kill "$server"
wait "$server" || fail "the server ended with $?"
server=
[ ! -e "$socket" ] || fail "the socket is still there"
expect 3 status
[ $failures -eq 0 ] && echo "all checks passed"
exit $failures
