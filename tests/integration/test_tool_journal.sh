#!/bin/sh
# ringfix-journal as it is shipped, beside a live server, a dead one and none:
# test_tool_journal.sh RINGFIX-JOURNAL RINGFIXD RINGFIX-LOADGEN
set -u
journal=$1
ringfixd=$2
loadgen=$3
dir=$(mktemp -d)
server=
follower=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null
      [ -z "$follower" ] || kill -9 "$follower" 2>/dev/null
      rm -rf "$dir"' EXIT
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

# has FILE LINE: a whole line. says FILE PART: a part of one.
has() {
    grep -qxF -- "$2" "$dir/$1" || fail "no line '$2' in $1"
}
says() {
    grep -qF -- "$2" "$dir/$1" || fail "no '$2' in $1"
}
lines() {
    [ "$(wc -l <"$dir/out")" -eq "$1" ] || fail "not $1 lines"
}
is_empty() {
    [ ! -s "$dir/$1" ] || fail "$1 is not empty"
}
same() {
    cmp -s "$1" "$2" || fail "$3"
}
# until_says FILE PATTERN: as soon as it is so, at most 20 seconds later.
until_says() {
    for _ in $(seq 400); do
        grep -qa -- "$2" "$dir/$1" && return
        sleep 0.05
    done
    fail "no '$2' in $1"
}
# What the session sends next.
next_out() {
    "$journal" "$path" sessions --format json |
        sed -n "s/^{\"session\":\"$session\",\"next_out\":\([0-9]*\),.*/\1/p"
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
stop() {
    kill "-$1" "$server"
    wait "$server" 2>/dev/null
    server=
}
load() {
    "$loadgen" --port "$port" "$@" >"$dir/load" 2>&1 || fail "no load"
}
# In the middle of work.
kill_under_load() {
    "$loadgen" --port "$port" --sessions 2 --duration 5 >"$dir/load" 2>&1 &
    load=$!
    sleep 1
    stop KILL
    wait "$load"
}

# ---- options
expect 2
expect 2 "$path"
expect 2 "$path" show
expect 2 "$path" show A B
expect 2 "$path" sessions --from 3
says err "'sessions' does not take --from"
expect 2 "$path" show "$session" -n 3
says err "'show' does not take -n"
expect 2 "$path" sessions --format fix
expect 2 "$path" show "$session" --format xml
expect 2 "$path" show "$session" --last 2 --from 1
expect 2 "$path" show "$session" --from 0
expect 2 "$path" show "$session" --direction up
expect 2 "$path" tail -n 100001
expect 2 "$path" set-seq "$session"
expect 2 "$path" import
expect 2 "$path" wrong
says err "there is no command 'wrong'"
expect 0 --version
expect 0 --help
says out "exit codes:"
awk 'length > 80 { exit 1 }' "$dir/out" || fail "the help is wider than 80 columns"
for command in sessions show raw tail verify stat export import set-seq reset compact backup \
    discard-tail; do
    expect 0 "$path" $command --help
    says out "usage: ringfix-journal PATH $command"
    says out "example"
    awk 'length > 80 { exit 1 }' "$dir/out" || fail "the help of $command is wider than 80 columns"
    cp "$dir/out" "$dir/help"
    expect 0 $command --help
    same "$dir/help" "$dir/out" "the help of $command needs a path"
done

# ---- there is none: reading does not make one
for command in sessions verify stat tail export compact; do
    expect 3 "$path" $command
    says err "$path"
done
expect 3 "$path" reset "$session" --yes
expect 3 "$path" set-seq "$session" --in 3
expect 3 "$path" discard-tail --yes
expect 3 "$path" backup "$dir/copy"
[ ! -e "$path" ] || fail "a journal was made"
[ ! -e "$dir/copy" ] || fail "a copy of nothing was made"

# ---- import: nothing is written of a file that is wrong
small=$dir/small
cat >"$dir/small.json" <<'TEXT'
{"ringfix-journal":2}
{"session":"FIX.4.4:A->B","next_out":5,"next_in":4,"created_ns":1767225600000000000}
{"direction":"out","seq":1,"time_ns":1767225600000000001,"message":"8=FIX.4.4\u000135=A\u0001"}
{"direction":"out","seq":3,"time_ns":1767225600500000000,"message":"8=FIX.4.4\u000135=8\u000158=\u001b[2J\u009b\u00e9\\|\"\u0000\u0001"}
{"direction":"in","seq":1,"time_ns":1767225600000000001,"message":"8=FIX.4.4\u000135=A\u0001"}
{"direction":"in","seq":3,"time_ns":1767225600250000000,"message":"8=FIX.4.4\u000135=D\u000111=x\u000155=IBM\u0001"}
{"session":"FIX.4.4:A->C","next_out":1,"next_in":1,"created_ns":7}
{"end":true,"sessions":2,"messages":4}
TEXT

# wrong LINE TEXT SED-COMMAND: the file with something wrong in it.
wrong() {
    sed "$3" "$dir/small.json" >"$dir/wrong.json"
    expect 1 "$small" import "$dir/wrong.json"
    says err "wrong.json:$1: "
    says err "$2"
    [ ! -e "$small" ] || { fail "a journal was made of: $3"; rm -rf "$small"; }
}
wrong 1 "the first line" 1d
wrong 1 "is not 2" '1s/2/3/'
wrong 2 "the first line" 1p
wrong 2 "a message before the first session" 2d
wrong 2 "from 1 on" '2s/:5,/:0,/'
wrong 2 "1 to 480 printable" '2s/A->B/A\\u0007B/'
wrong 2 "column" '2s/}/,"more":1}/'
wrong 2 "column" '2s/:5,/:99999999999999999999,/'
wrong 3 "neither in nor out" '3s/"out"/"up"/'
wrong 3 "1 to 4194304 bytes" '3s/"message":".*"/"message":""/'
wrong 3 "above U+00FF" '3s/35=A/35=\\u0100/'
wrong 3 "no session, no message and no end" '3s/.*/{}/'
wrong 3 "an empty line" '3s/.*//'
wrong 4 "must ascend" '4s/"seq":3/"seq":1/'
wrong 4 "next_out cannot be 3" '2s/:5,/:3,/'
wrong 7 "stands here twice" '7s/A->C/A->B/'
wrong 8 "2 sessions and 4 messages" '8s/4/5/'
wrong 9 "a line behind the end" '8p'
wrong 8 "the last line is missing" '8d'
wrong 2 'left unpacked: \x1b[2J' '2s/}/,"\\u001b[2J":1}/'
expect 3 "$small" import "$dir/absent.json"
expect 3 "$small" import "$dir"

# ---- import and export
expect 0 "$small" import "$dir/small.json"
has out "imported: 2 sessions, 4 messages"
expect 0 "$small" export
same "$dir/small.json" "$dir/out" "what was imported is exported otherwise"
expect 1 "$small" import "$dir/small.json"
says err "small.json:2: the journal has session FIX.4.4:A->B already"
sed -e '2,6d' -e '7s/7}/8}/' -e '8s/2/1/;8s/4/0/' "$dir/small.json" >"$dir/empty.json"
expect 0 "$small" import "$dir/empty.json"
expect 0 "$small" sessions --format json
says out '"created":"1970-01-01T00:00:00.000000008Z"'
expect 0 "$small" export 'FIX.4.4:A->C'
same "$dir/empty.json" "$dir/out" "a session that was named is exported otherwise"
expect 1 "$small" export 'FIX.4.4:A->D'
status=0
"$journal" "$dir/second" import - <"$dir/small.json" >"$dir/out" 2>"$dir/err" || status=$?
[ $status -eq 0 ] || fail "no import of the standard input"
expect 0 "$dir/second" export
same "$dir/small.json" "$dir/out" "the standard input is imported otherwise"

# ---- show: formats, both directions by the time stored, ranges
expect 0 "$small" sessions
lines 3
says out "FIX.4.4:A->B          5          4  1-3                  1-3                  20260101-00:00:00.000"
expect 0 "$small" show 'FIX.4.4:A->B' --direction both
cat >"$dir/wanted" <<'TEXT'
8=FIX.4.4|35=A|
8=FIX.4.4|35=A|
8=FIX.4.4|35=D|11=x|55=IBM|
8=FIX.4.4|35=8|58=\x1b[2J\x9b\xe9\x5c\x7c"\x00|
TEXT
same "$dir/wanted" "$dir/out" "show of both directions"
expect 0 "$small" show 'FIX.4.4:A->B' --direction both --format json
sed -n '1p' "$dir/out" | grep -q '"direction":"in","seq":1,' || fail "received goes before sent"
has out '{"session":"FIX.4.4:A->B","direction":"out","seq":3,"time":"2026-01-01T00:00:00.500000000Z","message":"8=FIX.4.4\u000135=8\u000158=\u001b[2J\u009b\u00e9\\|\"\u0000\u0001"}'
expect 0 "$small" show 'FIX.4.4:A->B' --direction both --last 2
sed -n '3,4p' "$dir/wanted" | cmp -s - "$dir/out" || fail "the last two of both directions"
expect 0 "$small" show 'FIX.4.4:A->B' --direction both --from 2 --to 9
sed -n '3,4p' "$dir/wanted" | cmp -s - "$dir/out" || fail "a range of both directions"
expect 0 "$small" show 'FIX.4.4:A->B' --direction in --format table
lines 3
says out "20260101-00:00:00.250  in           3  D NewOrderSingle "
says out "11=x 55=IBM"
expect 0 "$small" raw 'FIX.4.4:A->B' --to 2
printf '8=FIX.4.4\00135=A\001' | cmp -s - "$dir/out" || fail "raw is not the message alone"
expect 0 "$small" show 'FIX.4.4:A->C'
is_empty out
expect 0 "$small" tail
cat >"$dir/wanted" <<'TEXT'
20260101-00:00:00.000 FIX.4.4:A->B in  8=FIX.4.4|35=A|
20260101-00:00:00.000 FIX.4.4:A->B out 8=FIX.4.4|35=A|
20260101-00:00:00.250 FIX.4.4:A->B in  8=FIX.4.4|35=D|11=x|55=IBM|
20260101-00:00:00.500 FIX.4.4:A->B out 8=FIX.4.4|35=8|58=\x1b[2J\x9b\xe9\x5c\x7c"\x00|
TEXT
same "$dir/wanted" "$dir/out" "tail"
expect 0 "$small" tail 'FIX.4.4:A->B' -n 1 --direction in
sed -n '3p' "$dir/wanted" | cmp -s - "$dir/out" || fail "tail of one direction"
expect 1 "$small" tail 'FIX.4.4:A->D'
expect 1 "$small" verify
says out "finding: session FIX.4.4:A->B: outbound message 1 "
says out ": 4 findings, 2 gaps"
expect 0 "$small" stat
says out "writer              none"
says out "oldest message      20260101-00:00:00.000"
says out "newest message      20260101-00:00:00.500"

# ---- output that cannot be written, or that nobody reads
if [ -w /dev/full ]; then
    status=0
    "$journal" "$small" show 'FIX.4.4:A->B' >/dev/full 2>"$dir/err" || status=$?
    [ $status -eq 3 ] || fail "exit status $status when the output cannot be written"
    says err "cannot be written"
fi

# ---- beside a live server
start
load --sessions 2 --duration 1
# A server has it open. What it has sent is in the store in a moment.
for _ in $(seq 100); do
    "$journal" "$path" show "$session" --last 1 2>/dev/null | grep -q '|35=5|' && break
    sleep 0.05
done
expect 0 "$path" sessions
lines 3
says out "$session"
says out "  2-"
expect 0 "$path" show "$session" --from 2 --to 4
lines 3
says out "|34=3|"
expect 0 "$path" show "$session" --last 3
lines 3
says out "|35=5|"
expect 0 "$path" show "$session" --direction in --to 4
says out "|35=D|34=2|"
expect 0 "$path" show "$session" --last 1 --format table
says out "5 Logout "
expect 1 "$path" show 'FIX.4.4:RINGFIX->NOBODY'
says err "has no session"
expect 0 "$path" tail -n 300
lines 300
cut -d ' ' -f 1 "$dir/out" | sort -c 2>/dev/null || fail "tail is not in the order of time"
expect 0 "$path" verify --strict
says out " 0 findings, 0 gaps"
expect 0 "$path" stat
says out "writer              process $server"
says out "readers             0 "
says out "tail-001            "
says out "sessions            2"
"$journal" "$path" show "$session" 2>"$dir/err" | head -n 1 >/dev/null
is_empty err
expect 3 "$path" set-seq "$session" --in 5
says err "is in use by another process (process id $server)"
expect 3 "$path" reset "$session" --yes
expect 3 "$path" discard-tail --yes
expect 3 "$path" compact
says err "is in use by another process"
expect 3 "$path" import "$dir/small.json"
says err "is in use by another process"

# ---- backup of a live journal
expect 3 "$path" backup "$small"
says err "$small is not empty"
mkdir -m 700 "$dir/copy"
expect 0 "$path" backup "$dir/copy/"
says out "$dir/copy: "
[ "$(stat -c %a "$dir/copy")" = 700 ] || fail "the rights of the directory have changed"
expect 3 "$path" backup "$dir/copy"
expect 0 "$dir/copy" verify --strict --as-is
"$journal" "$path" raw "$session" >"$dir/a" && "$journal" "$dir/copy" raw "$session" >"$dir/b"
same "$dir/a" "$dir/b" "the copy is another"
expect 3 "$path" backup "$dir/no/such/directory"
find "$dir" -name '*.partial-*' | grep -q . && fail "a part of a copy is left"

# ---- the round trip of what a server has written
expect 0 "$path" export
cp "$dir/out" "$dir/all.json"
expect 0 "$dir/third" import "$dir/all.json"
expect 0 "$dir/third" verify --strict
expect 0 "$dir/third" export
same "$dir/all.json" "$dir/out" "the round trip differs"

# ---- gaps are named; only --strict makes something of them
expect 0 "$dir/third" set-seq "$session" --out 999999
expect 0 "$dir/third" verify
says out " to 999998 are not stored"
says out " 0 findings, 1 gaps"
expect 1 "$dir/third" verify --strict

# ---- tail -f: new sessions, a server that is started again, a reset
: >"$dir/follow"
"$journal" "$path" tail -f -n 1 >>"$dir/follow" 2>"$dir/follow.err" &
follower=$!
until_says follow "|35=5|"
load --sessions 4 --duration 1
until_says follow "FIX.4.4:RINGFIX->LG4 out .*|35=5|" # nothing of it is still to be printed
stop TERM
expect 3 "$path" compact
says err "is being read by process $follower"
kill -STOP "$follower" # so that it finds the reset and what came then at once
expect 0 "$path" reset 'FIX.4.4:RINGFIX->LG4' --yes
: >"$dir/follow"
start
load --sessions 4 --duration 1
kill -CONT "$follower"
until_says follow "FIX.4.4:RINGFIX->LG4 out "
grep -F 'LG4 out ' "$dir/follow" | head -n 1 | grep -qF '|35=A|34=1|' ||
    fail "what follows a reset does not begin with 1"
kill -INT "$follower"
status=0
wait "$follower" || status=$?
follower=
[ $status -eq 0 ] || fail "tail -f ends with $status"
[ ! -s "$dir/follow.err" ] || fail "tail -f complains: $(cat "$dir/follow.err")"
{ timeout 20 "$journal" "$path" tail -f 2>"$dir/err"; echo "$?" >"$dir/code"; } | head -n 2 >"$dir/out"
lines 2
[ "$(cat "$dir/code")" -eq 0 ] || fail "tail -f ends with $(cat "$dir/code") when nobody reads it"
stop TERM

# ---- compact
expect 0 "$path" reset 'FIX.4.4:RINGFIX->LG2' --yes
start
stop TERM
"$journal" "$path" export >"$dir/a"
before=$(stat -c %s "$path/store/data.mdb")
head -c 100000 /dev/zero >"$path/store/new.mdb" # as a compact that was killed leaves it
expect 0 "$path" compact
says out " -> "
[ "$(stat -c %s "$path/store/data.mdb")" -lt "$before" ] || fail "compact does not shrink"
[ ! -e "$path/store/new.mdb" ] || fail "compact leaves its copy"
expect 0 "$path" verify --strict
"$journal" "$path" export >"$dir/b"
same "$dir/a" "$dir/b" "compact has changed something"
for delay in 0 0.005 0.01 0.02 0.03 0.05; do
    "$journal" "$path" compact >/dev/null 2>&1 &
    compact=$!
    sleep $delay
    kill -9 "$compact" 2>/dev/null
    wait "$compact" 2>/dev/null
    "$journal" "$path" export >"$dir/b"
    same "$dir/a" "$dir/b" "a compact that is killed after $delay s changes something"
done
"$journal" "$path" export 'FIX.4.4:RINGFIX->LG3' >"$dir/a"
newest=$("$journal" "$path" stat | grep '^newest')
start
load --sessions 2 --duration 1
expect 0 "$path" verify --strict
expect 0 "$path" export 'FIX.4.4:RINGFIX->LG3'
same "$dir/a" "$dir/out" "a session that was not used has changed after compact"
expect 0 "$path" stat
grep -qF -- "$newest" "$dir/out" && fail "a compacted journal does not go on"

# ---- the server is killed in the middle of work: everything that was sent is there
kill_under_load
expect 0 "$path" stat --as-is
grep -q '[KM]iB of it not in the store yet' "$dir/out" || fail "nothing waits in a tail"
expect 0 "$path" verify --strict
says out " 0 findings, 0 gaps"
expect 0 "$path" stat
says out "writer              none"
last=$(($(next_out) - 1))
expect 0 "$path" show "$session" --last 1
says out "|34=$last|"

# ---- a server goes on from a copy
cp "$dir/ringfixd.cfg" "$dir/original.cfg"
sed -i "s|^JournalPath=.*|JournalPath=$dir/copy|" "$dir/ringfixd.cfg"
start
load --sessions 3 --duration 1
stop TERM
mv "$dir/original.cfg" "$dir/ringfixd.cfg"
expect 0 "$dir/copy" verify --strict
says out "3 sessions, "

# ---- nobody has it open: numbers can be set
expect 0 "$path" set-seq "$session" --in 4711
says out "-> 4711"
expect 2 "$path" set-seq "$session" --out 10
says err "messages that are deleted: $((last - 9)),"
says err "say --yes"
[ "$(next_out)" -eq $((last + 1)) ] || fail "numbers were set without --yes"
expect 0 "$path" set-seq "$session" --out 10 --yes
has out "next_out $((last + 1)) -> 10, next_in 4711 -> 4711, messages deleted: $((last - 9))"
expect 0 "$path" sessions --format json
says out "{\"session\":\"$session\",\"next_out\":10,\"next_in\":4711,\"stored_out\":[1,9],"
expect 1 "$path" set-seq 'FIX.4.4:RINGFIX->NOBODY' --in 5
expect 2 "$path" reset "$session"
expect 0 "$path" reset "$session" --yes
expect 0 "$path" sessions --format json
says out "{\"session\":\"$session\",\"next_out\":1,\"next_in\":1,\"stored_out\":null,"

# ---- a tail that is damaged while there is something in it
start
kill_under_load
printf 'X' | dd of="$path/tail-000" bs=1 conv=notrunc 2>/dev/null
expect 3 "$path" sessions
says err "discard-tail"
expect 0 "$path" sessions --as-is
expect 2 "$path" discard-tail
expect 3 "$path" sessions
expect 0 "$path" discard-tail --yes
says err "lost"
expect 0 "$path" verify

# ---- a store that is damaged
printf 'XXXXXXXX' | dd of="$path/store/data.mdb" bs=1 seek=16 conv=notrunc 2>/dev/null
printf 'XXXXXXXX' | dd of="$path/store/data.mdb" bs=1 seek=4112 conv=notrunc 2>/dev/null
expect 3 "$path" verify
says err "damaged"

[ $failures -eq 0 ] || { echo "$failures failures" >&2; exit 1; }
echo "all as expected"
