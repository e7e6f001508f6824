#!/bin/sh
# The page and the metrics of a ringfixd that trades, in a real browser, too:
# test_http.sh RINGFIXD RINGFIX-LOADGEN [DIRECTORY FOR PICTURES]
set -u
ringfixd=$1
loadgen=$2
dir=$(mktemp -d)
pictures=${3:-$dir}
server=
load=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null
[ -z "$load" ] || kill -9 "$load" 2>/dev/null
rm -rf "$dir"' EXIT
failures=0
fail() {
    echo "FAILED: $1" >&2
    failures=$((failures + 1))
}

http=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$dir/ringfixd.cfg" <<TEXT
[DEFAULT]
ConnectionType=acceptor
SocketAcceptHost=127.0.0.1
SocketAcceptPort=0
HttpAcceptPort=$http
SenderCompID=RINGFIX
BeginString=FIX.4.4
JournalPath=$dir/journal
JournalTailSize=1M
Shards=2
IoThreads=1
[SESSION]
TargetCompID=LG1
[SESSION]
TargetCompID=LG2
[SESSION]
TargetCompID=A"B<i>\\C
TEXT
"$ringfixd" --config "$dir/ringfixd.cfg" >"$dir/ready" 2>"$dir/log" &
server=$!
for _ in $(seq 200); do
    grep -q 'ready port=' "$dir/ready" && break
    sleep 0.1
done
port=$(sed -n 's/.*ready port=\([0-9]*\).*/\1/p' "$dir/ready")
[ -n "$port" ] || { echo "the server does not start" >&2; cat "$dir/log" >&2; exit 1; }
"$loadgen" --port "$port" --sessions 2 --rate 500 --duration 600 >"$dir/load" 2>&1 &
load=$!

python3 - "$http" "$dir/metrics" <<'P' || fail "what the port answers"
import json, re, sys, time, urllib.error, urllib.request
base = "http://127.0.0.1:%s" % sys.argv[1]
def get(path, method="GET", data=None):
    request = urllib.request.Request(base + path, method=method, data=data)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()

def samples():
    status, kind, text = get("/metrics")
    assert status == 200 and kind.startswith("text/plain; version=0.0.4"), (status, kind)
    found, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, what = line[7:].split(" ")
            assert name not in types, name
            types[name] = what
        elif not line.startswith("# HELP "):
            match = re.fullmatch(r'([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)+\})? ([0-9.e+-]+)', line)
            assert match, line
            name = re.sub("_(bucket|sum|count)$", "", match[1])
            assert name in types or match[1] in types, line
            assert (match[1] in types and types[match[1]] == "counter") == match[1].endswith("_total"), line
            assert (match[1], match[2]) not in found, line
            found[match[1], match[2]] = float(match[3])
    open(sys.argv[2], "w").write(text)
    return found

one = '{session="FIX.4.4:RINGFIX->LG1"}'
for _ in range(200):
    found = samples()
    if found["ringfix_session_messages_sent_total", one] > 100:
        break
    time.sleep(0.1)
assert found["ringfix_session_logged_on", one] == 1
assert found["ringfix_session_next_sent_msg_seq_num", one] > 100
assert found["ringfix_session_received_bytes_total", one] > 10000
assert found["ringfix_session_logged_on", r'{session="FIX.4.4:RINGFIX->A\"B<i>\\C"}'] == 0
assert found["ringfix_sessions", None] == 3
assert found["ringfix_connections", '{io_loop="0"}'] == 2
commits = sum(v for (n, l), v in found.items() if n == "ringfix_journal_commit_seconds_count")
assert commits > 50, commits
for shard in "01":
    buckets = [v for (n, l), v in found.items()
               if n == "ringfix_journal_commit_seconds_bucket" and 'shard="%s"' % shard in l]
    assert buckets == sorted(buckets)
    assert buckets[-1] == found["ringfix_journal_commit_seconds_count", '{shard="%s"}' % shard]
assert found["ringfix_log_lost_lines_total", None] == 0
assert found["ringfix_message_log_lost_messages_total", None] == 0
later = samples()
assert all(later[key] >= value for key, value in found.items() if key[0].endswith("_total"))

status, kind, text = get("/sessions")
assert status == 200 and kind == "application/x-ndjson"
lines = [json.loads(line) for line in text.splitlines()]
assert sum("session" in line for line in lines) == 3 and not any("error" in l for l in lines)
assert get("/")[2].startswith("<!doctype html>")
assert get("/nothing")[0] == 404 and get("/../metrics")[0] == 404
assert get("/metrics", "POST", b"x" * 100)[0] == 405 and get("/", "DELETE")[0] == 405
P

if command -v promtool >/dev/null; then
    promtool check metrics <"$dir/metrics" || fail "promtool"
else
    echo "SKIPPED: promtool (package prometheus) is not there to check the metrics" >&2
fi

# browse WIDTH: the page after some seconds, as text and as a picture
browse() {
    timeout -k 5 120 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --user-data-dir="$dir/profile" --window-size="$1,800" --virtual-time-budget=6000 \
        --dump-dom "http://127.0.0.1:$http/" >"$dir/dom" 2>"$dir/chromium" &&
        timeout -k 5 120 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
            --user-data-dir="$dir/profile" --window-size="$1,800" --virtual-time-budget=6000 \
            --screenshot="$pictures/page-$1.png" "http://127.0.0.1:$http/" 2>>"$dir/chromium"
}
if command -v chromium >/dev/null; then
    for width in 1200 390; do
        browse $width || { cat "$dir/chromium" >&2; fail "chromium"; }
        grep -q 'id="logged">2 of 3<' "$dir/dom" || fail "not two of three are logged on"
        grep -q '>FIX.4.4:RINGFIX-&gt;LG2<' "$dir/dom" || fail "no row of LG2"
        grep -qF 'A"B&lt;i&gt;\C<' "$dir/dom" || fail "a name was taken for HTML"
        grep -q 'id="problem" role="status"></span>' "$dir/dom" || fail "the page has a problem"
        [ -s "$pictures/page-$width.png" ] || fail "no picture"
    done
else
    echo "SKIPPED: chromium is not there to look at the page" >&2
fi

kill -INT "$load"
wait "$load"
load=
kill "$server"
wait "$server" || fail "the server ended with $?"
server=
[ $failures -eq 0 ] && echo "all checks passed"
exit $failures
