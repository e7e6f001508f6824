#!/bin/sh
# ringfix-journal as it is shipped, beside a live server, a dead one and none:
# test_tool_journal.sh RINGFIX-JOURNAL RINGFIXD RINGFIX-LOADGEN
set -u
journal=$1
ringfixd=$2
loadgen=$3
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null; rm -rf "$dir"' EXIT
failures=0
path=$dir/journal
session='FIX.4.4:RINGFIX->LG1'

fail() {
    echo "FAILED: $1" >&2
    sed 's/^/  out: /' "$dir/out" | head -n 20 >&2
    sed 's/^/  err: /' "$dir/err" | head -n 20 >&2
    failures=$((failures + 1))
}

# expect STATUS ARGUMENT...: runs the program; its output is in out and err.
expect() {
    wanted=$1
    shift
    status=0
    "$journal" "$@" >"$dir/out" 2>"$dir/err" || status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status, not $wanted: $*"
}
says() {
    grep -qF -- "$2" "$dir/$1" || fail "no '$2' in $1"
}
lines() {
    [ "$(wc -l <"$dir/out")" -eq "$1" ] || fail "not $1 lines"
}

cat >"$dir/ringfixd.cfg" <<TEXT
[DEFAULT]
ConnectionType=acceptor
SocketAcceptHost=127.0.0.1
SocketAcceptPort=0
JournalPath=$path
JournalInbound=Y
JournalTailSize=8M
Shards=2
IoThreads=1
[SESSION]
BeginString=FIX.4.4
SenderCompID=RINGFIX
TargetCompID=*
AcceptorTemplate=Y
UseDataDictionary=N
TEXT

start() {
    : >"$dir/ready"
    "$ringfixd" --config "$dir/ringfixd.cfg" --app executor >"$dir/ready" 2>>"$dir/log" &
    server=$!
    for _ in $(seq 200); do
        grep -q 'ready port=' "$dir/ready" && break
        sleep 0.1
    done
    port=$(sed -n 's/.*ready port=\([0-9]*\).*/\1/p' "$dir/ready")
    [ -n "$port" ] || { fail "the server does not start"; cat "$dir/log" >&2; exit 1; }
}

expect 2
expect 2 "$path"
expect 2 "$path" show
expect 2 "$path" sessions --from 3
expect 2 "$path" show "$session" --last 2 --from 1
expect 2 "$path" show "$session" --direction up
expect 2 "$path" set-seq "$session"
expect 2 "$path" wrong
says err "there is no command 'wrong'"
expect 0 --help
says out "exit codes:"
expect 0 --version
expect 3 "$path" sessions
says err "$path"

start
"$loadgen" --port "$port" --sessions 2 --duration 1 >"$dir/load" 2>&1 || fail "no load"

# A server has it open. What it has sent is in the store in a moment.
for _ in $(seq 100); do
    "$journal" "$path" show "$session" --last 1 2>/dev/null | grep -q '|35=5|' && break
    sleep 0.05
done
expect 0 "$path" sessions
lines 2
says out "$session next_out="
says out " inbound=2-"
expect 0 "$path" show "$session" --from 2 --to 4
lines 3
says out "|34=3|"
expect 0 "$path" show "$session" --last 3
lines 3
says out "|35=5|"
expect 0 "$path" show "$session" --direction in --to 4
says out "|35=D|34=2|"
expect 1 "$path" show 'FIX.4.4:RINGFIX->NOBODY'
says err "has no session"
expect 0 "$path" verify --strict
says out " 0 findings, 0 gaps"
expect 0 "$path" stat
says out "is in use by another process"
says out "tail-001"
says out "2 sessions"
expect 3 "$path" set-seq "$session" --in 5
says err "is in use by another process"
expect 3 "$path" reset "$session" --yes
expect 3 "$path" discard-tail --yes
expect 0 "$path" backup "$dir/copy"
expect 3 "$path" backup "$dir/copy"
says err "$dir/copy"
expect 0 "$dir/copy" verify --strict
"$journal" "$path" raw "$session" >"$dir/a" && "$journal" "$dir/copy" raw "$session" >"$dir/b"
cmp -s "$dir/a" "$dir/b" || fail "the copy is another"

# The server is killed in the middle of work: everything that was sent is there.
"$loadgen" --port "$port" --sessions 2 --duration 5 >"$dir/load" 2>&1 &
load=$!
sleep 1
kill -9 "$server"
wait "$server" 2>/dev/null
wait "$load"
expect 0 "$path" verify --strict
says out " 0 findings, 0 gaps"
expect 0 "$path" stat
says out "no process has it open"

# Nobody has it open: numbers can be set.
expect 0 "$path" set-seq "$session" --in 4711
says out "-> 4711"
expect 2 "$path" set-seq "$session" --out 10
says err "say --yes"
expect 0 "$path" set-seq "$session" --out 10 --yes
expect 0 "$path" sessions
says out "$session next_out=10 next_in=4711 stored=1-9 "
expect 1 "$path" set-seq 'FIX.4.4:RINGFIX->NOBODY' --in 5
expect 2 "$path" reset "$session"
expect 0 "$path" reset "$session" --yes
expect 0 "$path" sessions
says out "$session next_out=1 next_in=1 created="
expect 3 "$dir/nothing" reset "$session" --yes
[ ! -e "$dir/nothing" ] || fail "a journal was made"

# A tail that is damaged while there is something in it.
start
"$loadgen" --port "$port" --sessions 2 --duration 5 >"$dir/load" 2>&1 &
load=$!
sleep 1
kill -9 "$server"
wait "$server" 2>/dev/null
wait "$load"
server=
printf 'X' | dd of="$path/tail-000" bs=1 conv=notrunc 2>/dev/null
expect 3 "$path" sessions
says err "discard-tail"
expect 0 "$path" sessions --as-is
expect 2 "$path" discard-tail
expect 0 "$path" discard-tail --yes
says err "lost"
expect 0 "$path" verify
expect 3 "$dir/nothing" discard-tail --yes

[ $failures -eq 0 ] || { echo "$failures failures" >&2; exit 1; }
