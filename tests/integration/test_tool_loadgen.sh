#!/bin/sh
# ringfix-loadgen as it is shipped, against ringfixd on loopback:
# test_tool_loadgen.sh RINGFIX-LOADGEN RINGFIXD
set -u
loadgen=$1
ringfixd=$2
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null; rm -rf "$dir"' EXIT
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
    timeout -k 5 60 "$loadgen" "$@" >"$dir/out" 2>"$dir/err" || status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status, not $wanted: $*"
}
says() {
    grep -qF -- "$2" "$dir/$1" || fail "no '$2' in $1"
}

{
    cat <<TEXT
[DEFAULT]
ConnectionType=acceptor
SocketAcceptHost=127.0.0.1
SocketAcceptPort=0
SenderCompID=RINGFIX
JournalPath=$dir/journal
JournalTailSize=8M
Shards=2
IoThreads=1
TEXT
    for version in FIX.4.0 FIX.4.1 FIX.4.2 FIX.4.3 FIX.4.4 FIXT.1.1; do
        printf '[SESSION]\nBeginString=%s\nTargetCompID=*\nAcceptorTemplate=Y\n' $version
    done
    echo DefaultApplVerID=FIX.5.0SP2
} >"$dir/ringfixd.cfg"

# start APPLICATION
start() {
    : >"$dir/ready"
    "$ringfixd" --config "$dir/ringfixd.cfg" --app "$1" >"$dir/ready" 2>>"$dir/log" &
    server=$!
    for _ in $(seq 200); do
        grep -q 'ready port=' "$dir/ready" && break
        sleep 0.1
    done
    port=$(sed -n 's/.*ready port=\([0-9]*\).*/\1/p' "$dir/ready")
    [ -n "$port" ] || { echo "the server does not start" >&2; cat "$dir/log" >&2; exit 1; }
}
start executor

expect 0 --help
says out "exit status"
expect 0 --version
expect 2
expect 2 --port "$port" --rate fast
says err "--rate fast"
expect 2 --port "$port" --report "$dir/there/is/none.html"
says err "none.html"

# Closed loop; every kind of report.
expect 0 --port "$port" --sessions 5 --threads 2 --count 500 --quiet --json "$dir/json" \
    --hdr "$dir/hdr" --report "$dir/page" --about 'words </script> about it'
says out "orders      500 sent, 500 answered"
says out "ok          every order was answered exactly once"
says json '"acceptor": "words \u003c/script\u003e about it"'
says json '"intervals": ['
says hdr "#[Mean"
says page '"answered": 500'
says page '</html>'

# A sweep: all of its steps on the same sessions.
expect 0 --port "$port" --sessions 3 --threads 2 --sweep 200:400:3 --duration 0.2 --warmup 0.05 \
    --quiet --json "$dir/json"
says out "steps from 200 to 400 orders/s"
[ "$(grep -c '"offered": ' "$dir/json")" -eq 3 ] || fail "not three steps"
says json '"offered": 282.843'
# No order was answered before it was due.
grep -qE '[0-9]{12,}\.' "$dir/json" && fail "a latency beyond measure"
# 0.25 s of each step's rate over all sessions
sent=$(sed -n 's/.*"orders": {"sent": \([0-9]*\).*/\1/p' "$dir/json")
[ "$sent" -ge 210 ] && [ "$sent" -le 225 ] || fail "$sent orders in the sweep, not about 220"

# A mix: two kinds of orders, each sent; then one that the executor does not answer.
printf '# a mix\n3: 35=D|57=DESK|55=ABC|54=1|60={now}|38=5|40=1\n1: 35=D|55=XYZ|54=2|60={now}|38=7|40=1\n' \
    >"$dir/mix"
expect 0 --port "$port" --sessions 4 --count 400 --quiet --mix "$dir/mix" --json "$dir/json"
says out " of line 2, MsgType D, weight 3"
grep -q '"line": 3, "msg_type": "D", "weight": 1, "sent": [1-9]' "$dir/json" || fail "no line 3"
echo '1: 35=F|41={previous}|55=ABC|54=1|60={now}' >"$dir/mix"
expect 1 --port "$port" --sessions 2 --count 10 --drain 0.2 --quiet --mix "$dir/mix"
says out "orders without an answer: 2, in LG1, LG2"
says out "rejects: 2, in LG1, LG2"
says out "no answer for"
echo '1: 35=D|34=1' >"$dir/mix"
expect 2 --port "$port" --mix "$dir/mix"
says err "mix:1: field 34 is written by the session"
expect 2 --port "$port" --mix "$dir/none"

# Every version; what the text says of it.
for version in FIX.4.0 FIX.4.1 FIX.4.2 FIX.4.3 FIX.4.4 FIXT.1.1; do
    expect 0 --port "$port" --begin-string $version --sender "V%d" --sessions 2 --count 20 --quiet
    says out "2 sessions $version V%d->RINGFIX"
done
for version in FIX.5.0 FIX.5.0SP1 FIX.5.0SP2; do
    expect 0 --port "$port" --begin-string FIXT.1.1 --appl-ver $version --sender "A%d" --count 20 --quiet
done
expect 0 --port "$port" --host "127.0.0.1:$port" --host localhost --sessions 4 --count 40 --quiet
says out "at 127.0.0.1:$port, localhost:$port, "

# 1.2 s of 4 bursts of 25 a second, all sessions together
expect 0 --port "$port" --sessions 2 --burst 25@4 --duration 1 --warmup 0.2 --quiet
says out "orders      125 sent, 125 answered"

expect 0 --port "$port" --sessions 4 --ramp 4 --count 40 --quiet
says out "orders      40 sent, 40 answered"

# Sessions that come and go; their numbers go on, and nothing is lost.
expect 0 --port "$port" --sessions 6 --threads 2 --in-flight 8 --churn 5 --duration 2.5 \
    --warmup 0.1 --quiet --json "$dir/json"
says out " logged on again"
grep -q '"logouts": [1-9][0-9]*, "logons_again": [1-9]' "$dir/json" || fail "nobody came back"

expect 0 --port "$port" --sessions 3 --test-request --count 90 --quiet
says out "requests    90 sent, 90 answered"
says out "every request was answered exactly once"

# An acceptor that knows no orders: it sends back what it gets.
kill -9 "$server"
wait "$server" 2>/dev/null
rm -rf "$dir/journal"
start echo
expect 0 --port "$port" --sessions 3 --threads 2 --test-request --rate 100 --duration 0.5 \
    --warmup 0.1 --quiet
says out "requests    60 sent, 60 answered"
expect 1 --port "$port" --sessions 1 --count 1 --drain 0.1 --quiet
says out "messages of other types: 1, in LG1"

[ $failures -eq 0 ] || exit 1
echo "ok"
