#!/bin/sh
# ringfixd --check: a QuickFIX file is explained in full, a wrong one is refused with its line.
#
# usage: test_check.sh RINGFIXD
set -eu
ringfixd=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() {
    echo "FAILED: $1" >&2
    exit 1
}
expect() { # FILE TEXT
    grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "no \"$2\""; }
}

cat >"$folder/quickfix.cfg" <<'C'
[DEFAULT]
ConnectionType=acceptor
FileStorePath=store
SenderCompID=BROKER
SocketAcceptPort=9878
SocketNodelay=N
StartTime=00:30:00
EndTime=23:30:00
UseLocalTime=Y
MySQLStoreHost=db
[SESSION]
BeginString=FIX.4.2
TargetCompID=CLIENT1
[SESSION]
BeginString=FIX.4.4
TargetCompID=CLIENT2
HeartBtInt=10
C
"$ringfixd" --check "$folder/quickfix.cfg" >"$folder/out" 2>"$folder/err" || fail "a right file"
[ ! -s "$folder/err" ] || fail "a line on standard error"
[ ! -e "$folder/store" ] || fail "a journal was made"
expect "$folder/out" "session FIX.4.2:BROKER->CLIENT1"
expect "$folder/out" "session FIX.4.4:BROKER->CLIENT2"
expect "$folder/out" "  JournalPath                  store          line 3"
expect "$folder/out" "  HeartBtInt                   30             default"
expect "$folder/out" "  HeartBtInt                   10             line 17"
expect "$folder/out" "  StartTime                    00:30:00       [DEF] 7"
expect "$folder/out" "  SocketNodelay                line 6         always Y"
expect "$folder/out" "  MySQLStoreHost               line 10"
expect "$folder/out" "2 sessions, no errors"

refuse() { # TEXT-OF-SETTING EXPECTED
    sed "s|^HeartBtInt=10|$1|" "$folder/quickfix.cfg" >"$folder/wrong.cfg"
    status=0
    "$ringfixd" --check "$folder/wrong.cfg" >"$folder/out" 2>"$folder/err" || status=$?
    [ "$status" -eq 2 ] || fail "$1: exit status $status"
    [ ! -s "$folder/out" ] || fail "$1: something was explained"
    expect "$folder/err" "$2"
}
refuse "HeartBtInt=x" "wrong.cfg:17: HeartBtInt is a number from 0 to 86400"
refuse "TimeZone=Europe/Atlantis" "unknown time zone Europe/Atlantis"
refuse "DataDictionary=/nowhere/FIX44.xml" "/nowhere/FIX44.xml"
status=0
"$ringfixd" --check "$folder/quickfix.cfg" --config x >/dev/null 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "--check and --config together: exit status $status"
echo "all checks passed"
