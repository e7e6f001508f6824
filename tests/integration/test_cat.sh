#!/bin/sh
# ringfix-cat on logs, streams, a journal and a growing file. usage: test_cat.sh CAT RINGFIXD LOADGEN
set -eu
cat=$1
ringfixd=$2
loadgen=$3
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
    sed 's/^/  out: /' "$dir/out" >&2
    exit 1
}
run() { # STATUS ARGUMENTS...
    expected=$1
    shift
    status=0
    "$cat" "$@" >"$dir/out" 2>"$dir/err" || status=$?
    [ "$status" = "$expected" ] || fail "exit status $status, not $expected: $*: $(cat "$dir/err")"
}
has() { grep -q -- "$1" "$dir/out" || fail "no '$1'"; }
has_not() { ! grep -q -- "$1" "$dir/out" || fail "there is '$1'"; }

# Messages made by hand: BODY with | between fields, and the time they came.
message() {
    printf '%s' "$1" | awk -v RS= '{
        gsub(/\|/, "\001")
        head = "8=FIX.4.4\0019=" length($0) "\001"
        text = head $0
        for (i = 1; i <= length(text); i++) sum += ord[substr(text, i, 1)]
        printf "%s10=%03d\001", text, sum % 256
    } BEGIN { for (i = 1; i < 256; i++) ord[sprintf("%c", i)] = i }'
}
order="35=D|49=BUY|56=SELL|34=7|52=20261123-09:00:01.000|11=A-1|55=IBM|54=1|38=100|453=1|448=X|"
order="${order}447=D|452=1|802=1|523=sub|803=2|60=20261123-09:00:01|"
{
    echo "2026-11-23T09:00:00Z begins"
    printf '2026-11-23T09:00:00.5Z out '
    message "35=A|49=BUY|56=SELL|34=1|52=20261123-09:00:00|98=0|108=30|553=me|554=hunter2|"
    printf '\n09:00:01 in '
    message "$order"
    printf '\nreport '
    message "35=8|49=SELL|56=BUY|34=2|52=20261123-09:00:02|37=1|17=1|150=0|39=0|11=A-1|" | tr '\001' '|'
    printf '\nother 8=FIX.4.4|9=5|35=0|10=000|\nlost 554=hunter2|925=hunter2|\n'
} >"$dir/log"

run 0 "$dir/log"
has '^2026-11-23T09:00:00Z begins$'
has '^NewOrderSingle  09:00:01 in $'
has '^     54 Side = 1 (BUY)$'
has '^      448 PartyID = X$'
has '^        523 PartySubID = sub$'
has '^    554 Password = \*\*\*$'
has 'damaged: CheckSum(10) is 000, should be 163'
has '^lost 554=\*\*\*|925=\*\*\*|$'
has_not "$(printf '\033')"
for format in --line --raw --json; do
    run 0 $format "$dir/log"
    has_not hunter2
    run 0 $format --show-secrets "$dir/log"
    has hunter2
done
run 0 --color always "$dir/log"
has "$(printf '\033')"

# Which ones.
run 0 --line --session 'SELL->BUY' --type NewOrderSingle,8 --tag 11=A-1 "$dir/log"
[ "$(wc -l <"$dir/out")" = 2 ] || fail "not the order and its report"
run 0 --raw --tag 448 "$dir/log"
[ "$(wc -l <"$dir/out")" = 1 ] || fail "not the order alone"
run 0 --raw --from 20261123-09:00:01 --to 20261123-09:00:01.500 "$dir/log"
[ "$(wc -l <"$dir/out")" = 1 ] || fail "not the one of that second"
run 0 --raw --no-text --count 1 - <"$dir/log"
has '^8=FIX.4.4|9=[0-9]*|35=A|'
run 1 --tag 11=NONE "$dir/log"
run 0 --json --type D "$dir/log"
has '{"tag":54,"name":"Side","value":"1","meaning":"BUY"}'
if command -v python3 >/dev/null; then
    run 0 --json "$dir/log"
    python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <"$dir/out" || fail "--json is no JSON"
fi

# What is wrong.
run 2 --tag x "$dir/log"
run 2 --from yesterday "$dir/log"
run 2 --session BUY "$dir/log"
run 2 --count 0 "$dir/log"
run 2 --nonsense
run 3 "$dir/absent"
printf '\324\303\262\241 and so on' >"$dir/capture"
run 3 "$dir/capture"
run 3 - <"$dir/capture"
grep -q 'a network capture is read from a file' "$dir/err" || fail "a capture in a pipe"
status=0
"$cat" "$dir/log" >/dev/full 2>"$dir/err" || status=$?
[ "$status" = 3 ] || fail "exit status $status with a full disk"
grep -q 'the output cannot be written' "$dir/err" || fail "a full disk is not said"
"$cat" "$dir/log" 2>"$dir/err" | :
[ ! -s "$dir/err" ] || fail "a closed pipe is no error: $(cat "$dir/err")"
printf '12:00 8=FIXED price\n8=FIX.4.4|9=5|35=0|10=163|\n12:00 8=FIX.4.4^B\n' >"$dir/looks"
run 0 --raw --type 0 "$dir/looks"
[ "$(cat "$dir/out")" = '8=FIX.4.4|9=5|35=0|10=163|' ] || fail "text of another line"
run 0 --version
run 0 --help

# A capture: segments out of order, twice, overlapping, and one that is missing; IPv4 and IPv6 with a
# VLAN tag; a fragment.
python3 - "$dir" <<'TEXT'
import struct, sys

def message(number):
    body = "35=D|49=BUY|56=SELL|34=%d|11=A-%d|55=IBM|" % (number, number)
    text = ("8=FIX.4.4|9=%d|" % len(body) + body).replace("|", "\x01")
    return (text + "10=%03d\x01" % (sum(text.encode()) % 256)).encode()

def packet(seq, data, syn=False, v6=False, port=40000, fragment=0):
    tcp = struct.pack("!HHIIBBHHH", port, 5001, seq & 0xffffffff, 0, 0x50, 2 if syn else 24, 9, 0, 0)
    tcp += data
    if v6:
        ip = struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + bytes(15) + b"\1" + bytes(15) + b"\2"
    else:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, fragment, 64, 6, 0)
        ip += bytes([192, 0, 2, 1, 192, 0, 2, 2])
    tag = b"\x81\0\0\5" if v6 else b""
    return bytes(12) + tag + (b"\x86\xdd" if v6 else b"\x08\0") + ip + tcp + bytes(6)

def capture(name, packets):
    with open(sys.argv[1] + "/" + name, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, one in enumerate(packets):
            out.write(struct.pack("<IIII", 1795424400 + i, 123000, len(one), len(one)) + one)

stream = b"".join(message(i) for i in range(1, 6))
start = 0xffffff80
cuts = [0, 30, 100, 170, 260, len(stream)]
parts = [(start + 1 + a, stream[a:b]) for a, b in zip(cuts, cuts[1:])]
capture("whole.pcap", [packet(start, b"", syn=True)] + [packet(*parts[i]) for i in (0, 2, 1, 1, 4, 3)] +
        [packet(start + 11, stream[10:200]), packet(7, message(9), v6=True, port=1)])
with open(sys.argv[1] + "/time.pcapng", "wb") as out: # microseconds, but with an offset beyond all years
    out.write(struct.pack("<IIIHHqI", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, 28))
    option = struct.pack("<HHqHH", 14, 8, 1 << 62, 0, 0)
    out.write(struct.pack("<IIHHI", 1, 20 + len(option), 1, 0, 65535) + option +
              struct.pack("<I", 20 + len(option)))
    one = packet(start, stream)
    one += bytes(-len(one) % 4)
    out.write(struct.pack("<IIIIIII", 6, 32 + len(one), 0, 1 << 31, 0, len(one), len(one)) + one +
              struct.pack("<I", 32 + len(one)))
capture("gap.pcap", [packet(*parts[i]) for i in (0, 1, 3, 4)] + [packet(1, b"x", fragment=0x2000)])
TEXT
run 0 --raw "$dir/whole.pcap"
[ "$(cut -d' ' -f5 "$dir/out" | sed 's/.*|34=\([0-9]*\)|.*/\1/' | tr '\n' ' ')" = "1 2 3 4 5 9 " ] ||
    fail "not every message of the capture once and in order"
has '^2026-11-23T09:00:06.123000000Z 192.0.2.1:40000 -> 192.0.2.2:5001 8=FIX.4.4|'
has 'Z \[::1\]:1 -> \[::2\]:5001 8=FIX.4.4|'
has_not damaged
run 3 --raw "$dir/gap.pcap"
grep -q '192.0.2.1:40000 -> 192.0.2.2:5001: [0-9]* bytes are not in the capture' "$dir/err" ||
    fail "what is missing is not said"
grep -q '1 fragments of IP packets are left out' "$dir/err" || fail "fragments are not counted"
has '|34=1|'
has '|34=5|'
run 0 --raw "$dir/time.pcapng"
has '|34=1|'
run 0 --raw --count 2 "$dir/whole.pcap"
[ "$(wc -l <"$dir/out")" = 2 ] || fail "not two of a capture"

# A growing file that is rotated, as logrotate does.
touch "$dir/grow"
"$cat" -f --raw --type 0 "$dir/grow" >"$dir/followed" 2>"$dir/followederr" &
pids=$!
beat() { printf 'x 8=FIX.4.4|9=%s|35=0|112=%s|10=000|\n' "$(printf '35=0|112=%s|' "$1" | wc -c)" "$1"; }
until_followed() {
    for _ in $(seq 100); do
        grep -q "112=$1" "$dir/followed" && return
        sleep 0.1
    done
    cp "$dir/followed" "$dir/out"
    fail "never followed to $1"
}
beat ONE >>"$dir/grow"
until_followed ONE
mv "$dir/grow" "$dir/grow.1"
beat TWO >>"$dir/grow.1"
until_followed TWO
beat THREE >"$dir/grow"
until_followed THREE
# In its place is what cannot be opened: that is said once, and waited for without haste.
ticks() { cut -d' ' -f14,15 "/proc/$pids/stat" | tr ' ' '+'; }
rm "$dir/grow"
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die' "$dir/grow"
before=$(($(ticks)))
sleep 3
[ $(($(ticks) - before)) -lt 50 ] || fail "busy while it waits for a file"
[ "$(grep -c 'grow: ' "$dir/followederr")" = 1 ] || fail "not said once: $(cat "$dir/followederr")"
rm "$dir/grow"
beat FOUR >"$dir/grow"
until_followed FOUR
kill -INT "$pids"
status=0
wait "$pids" || status=$?
pids=
[ "$status" = 3 ] || fail "exit status $status after SIGINT"

# A journal, while the server runs.
printf '[DEFAULT]\nConnectionType=acceptor\nSocketAcceptHost=127.0.0.1\nSocketAcceptPort=0\n' >"$dir/cfg"
printf 'SenderCompID=RINGFIX\nBeginString=FIX.4.4\nUseDataDictionary=N\nIoThreads=1\nShards=1\n' >>"$dir/cfg"
printf 'JournalPath=%s/journal\n[SESSION]\nTargetCompID=*\nAcceptorTemplate=Y\n' "$dir" >>"$dir/cfg"
"$ringfixd" --config "$dir/cfg" --app executor >"$dir/ready" 2>"$dir/serverlog" &
pids=$!
for _ in $(seq 100); do
    grep -q 'ready port=' "$dir/ready" && break
    sleep 0.1
done
port=$(sed -n 's/.*ready port=\([0-9]*\).*/\1/p' "$dir/ready")
"$loadgen" --port "$port" --sessions 2 --count 50 --warmup 0 --quiet >"$dir/out" || fail "the load"
for _ in $(seq 50); do # what was sent is there within a second
    "$cat" --raw --type 8 "$dir/journal" >"$dir/out" 2>&1 || true
    [ "$(wc -l <"$dir/out")" -ge 50 ] && break
    sleep 0.1
done
[ "$(wc -l <"$dir/out")" = 50 ] || fail "not the 50 reports"
has ' FIX.4.4:RINGFIX->LG2 out 8=FIX.4.4|'
run 3 -f "$dir/journal"
exit 0
