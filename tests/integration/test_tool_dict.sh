#!/bin/sh
# ringfix-dict as it is shipped: test_tool_dict.sh PROGRAM
set -u
dict=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0
versions="FIX.4.0 FIX.4.1 FIX.4.2 FIX.4.3 FIX.4.4 FIXT.1.1 FIX.5.0 FIX.5.0SP1 FIX.5.0SP2"

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
    "$dict" "$@" >"$dir/out" 2>"$dir/err" || status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status, not $wanted: $*"
}

# has FILE LINE: a whole line. says FILE PART: a part of one.
has() {
    grep -qxF -- "$2" "$dir/$1" || fail "no line '$2' in $1"
}
says() {
    grep -qF -- "$2" "$dir/$1" || fail "no '$2' in $1"
}
is_empty() {
    [ ! -s "$dir/$1" ] || fail "$1 is not empty"
}

cat >"$dir/small.dict" <<'TEXT'
version FIX.4.4
header {
    BeginString *
}
trailer {
    CheckSum *
}
message Order D app {
    Side *
    component Parties
    CheckSum
}
component Parties {
    group NoPartyIDs * {
        PartyID *
        "Part & 'Role'"
    }
}
field 8 BeginString STRING
field 10 CheckSum STRING
field 54 Side CHAR {
    1 BUY
    2 "SELL \"<SHORT>\" & 'MORE'"
}
field 448 PartyID UNKNOWN
field 452 "Part & 'Role'" INT
field 453 NoPartyIDs NUMINGROUP
TEXT

# ---- options
expect 0 --help
says out "usage: ringfix-dict check"
awk 'length > 80 { exit 1 }' "$dir/out" || fail "the help is wider than 80 columns"
expect 0 --version
says out "ringfix-dict "
expect 2
says err "a command is needed"
expect 2 chekc FIX.4.4
says err "there is no command 'chekc': check, convert, compare, show or codegen"
expect 2 compare FIX.4.4
says err "'compare' takes two DICTs"
expect 2 compare --tag FIX.4.4 FIX.4.3
expect 2 show FIX.4.4 --tag
expect 2 show FIX.4.4 --wrong

# ---- check
# shellcheck disable=SC2086
expect 0 check $versions
for version in $versions; do
    has out "$version: $version, consistent"
done
sed '/^field 54/,/^}/d' "$dir/small.dict" >"$dir/broken.dict"
expect 1 check "$dir/broken.dict" FIX.4.4
says err "broken.dict:9: "
has out "FIX.4.4: FIX.4.4, consistent"
expect 3 check "$dir/absent.xml"
says err "absent.xml: No such file"
expect 3 check FIX.4.5
says err "built in are FIX.4.0 to FIX.4.4"
expect 3 check "$dir"
says err "this is a directory"

# ---- convert: text to XML and back is the same text
for version in $versions "$dir/small.dict"; do
    expect 0 convert "$version" "$dir/first.dict"
    is_empty out
    expect 0 convert "$dir/first.dict" "$dir/first.xml"
    grep -q '^<fix type=' "$dir/first.xml" || fail "$version: no XML was written"
    expect 0 convert "$dir/first.xml" -
    cmp -s "$dir/first.dict" "$dir/out" || fail "$version: the round trip differs"
    expect 0 compare "$version" "$dir/first.xml"
    is_empty out
done
expect 3 convert FIX.4.4 "$dir/no/such/folder.xml"
says err "No such file"
expect 3 convert "$dir/broken.dict" "$dir/first.dict"
cmp -s "$dir/out" /dev/null || fail "a broken dictionary was written"
sed 's/^version .*/version HOUSE-1/' "$dir/small.dict" >"$dir/house.dict"
expect 3 convert "$dir/house.dict" "$dir/first.xml"
says err "HOUSE-1"
grep -q 'Part &#38; ' "$dir/first.xml" || fail "a failed conversion has overwritten a file"
if [ -w /dev/full ]; then
    status=0
    "$dict" convert FIX.4.4 - >/dev/full 2>"$dir/err" || status=$?
    [ $status -eq 3 ] || fail "exit status $status when the output cannot be written"
    says err "cannot be written"
    expect 3 convert FIX.4.4 /dev/full
    says err "/dev/full"
fi

# ---- compare
sed -e 's/    1 BUY/    1 BOUGHT/' -e 's/    Side \*/    Side/' "$dir/small.dict" >"$dir/other.dict"
expect 1 compare "$dir/small.dict" "$dir/other.dict"
has out "field 54 Side: value '1' is 'BUY' in the first, 'BOUGHT' in the second"
has out "message D Order: field 54 Side required in the first, optional in the second"
[ "$(wc -l <"$dir/out")" -eq 2 ] || fail "compare tells more than the two differences"
expect 1 compare FIX.4.3 FIX.4.4
has out "version: FIX.4.3 in the first, FIX.4.4 in the second"
expect 3 compare FIX.4.4 "$dir/broken.dict"
expect 3 compare "$dir/absent.xml" FIX.4.4

# ---- show
expect 0 show FIX.4.4
has out "  912 fields with 1708 values, 93 messages, 104 components, 93 groups"
has out "D        NewOrderSingle                           application"
has out "A        Logon                                    admin"
awk 'length > 80 { exit 1 }' "$dir/out" || fail "the overview is wider than 80 columns"

expect 0 show "$dir/small.dict" Order
cat >"$dir/wanted" <<'TEXT'
FIX.4.4 message Order, MsgType D, application

   Tag  Name               Type
    54  Side               CHAR       required
        Parties            component
   453    NoPartyIDs       group      required
   448      PartyID        UNKNOWN    required
   452      Part & 'Role'  INT
    10  CheckSum           STRING
TEXT
cmp -s "$dir/wanted" "$dir/out" || fail "show of a message"
cp "$dir/out" "$dir/by_name"
expect 0 show "$dir/small.dict" D
cmp -s "$dir/by_name" "$dir/out" || fail "a MsgType shows something else than the name"
expect 0 show --brief "$dir/small.dict" D
[ "$(wc -l <"$dir/out")" -eq 6 ] || fail "--brief leaves out what components hold"

expect 0 show "$dir/small.dict" 54
cat >"$dir/wanted" <<'TEXT'
FIX.4.4 field 54 Side, type CHAR

  1  BUY
  2  SELL "<SHORT>" & 'MORE'

Used in:
  Order
TEXT
cmp -s "$dir/wanted" "$dir/out" || fail "show of a field"
expect 0 show "$dir/small.dict" PartyID
says out "  Order"
expect 0 show "$dir/small.dict" 8
says out "  header"
expect 0 show FIX.4.4 Instrument
has out "FIX.4.4 component Instrument"
expect 0 show FIX.4.4 header
says out "BeginString"
expect 0 show FIX.5.0SP2 header
says out "FIXT.1.1"

expect 0 show FIX.4.4 MarketDataSnapshotFullRefresh
says out "   269      MDEntryType "
awk 'length > 80 { exit 1 }' "$dir/out" || fail "the table is wider than 80 columns"
expect 0 show FIX.4.4 j
has out "FIX.4.4 message BusinessMessageReject, MsgType j, application"
has out "   380  BusinessRejectReason  INT     required"

# What could be a tag or a MsgType.
expect 0 show FIX.4.4 8
has out "FIX.4.4 field 8 BeginString, type STRING"
says err "8 is a MsgType too, that of ExecutionReport: --type 8"
expect 0 show FIX.4.4 --type 8
has out "FIX.4.4 message ExecutionReport, MsgType 8, application"
is_empty err
expect 0 show FIX.4.4 --tag 8
is_empty err
expect 1 show FIX.4.4 --tag D
says err "FIX.4.4 has no tag 'D'"
expect 1 show FIX.4.4 --name 8
expect 1 show FIX.4.4 newordersignle
says err "did you mean NewOrderSingle?"
expect 1 show FIX.4.4 99999999999

# Names from a file do not steer the terminal.
printf 'version FIX.5.0\nfield 1 "A\302\233J" INT\n' >"$dir/odd.dict"
expect 0 show "$dir/odd.dict" 1
has out "FIX.5.0 field 1 A\\xc2\\x9bJ, type INT"

[ $failures -eq 0 ] || exit 1
echo "all as expected"
