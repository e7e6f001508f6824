#!/bin/sh
# ringfix-dict codegen: what it makes compiles without a warning and is what was asked for.
#   test_codegen.sh PROGRAM CC CXX INCLUDE
set -u
dict=$1
cc=$2
cxx=$3
include=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

fail() {
    echo "FAILED: $1" >&2
    head -n 20 "$dir/err" >&2
    failures=$((failures + 1))
}

# compiles NAME ARGUMENT...: makes NAME.h by codegen ARGUMENT... and compiles it twice over.
compiles() {
    name=$1
    shift
    "$dict" codegen "$@" --output "$dir/$name.h" 2>"$dir/err" || fail "codegen $*"
    printf '#include "%s.h"\n#include "%s.h"\nint main(void) { return 0; }\n' "$name" "$name" \
        >"$dir/$name.c"
    cp "$dir/$name.c" "$dir/$name.cpp"
    "$cc" -std=c17 $warnings -Wstrict-prototypes -Wmissing-prototypes -I "$include" \
        -fsyntax-only "$dir/$name.c" 2>"$dir/err" || fail "C17: codegen $*"
    "$cxx" -std=c++17 $warnings -I "$include" -fsyntax-only "$dir/$name.cpp" 2>"$dir/err" ||
        fail "C++17: codegen $*"
}

# has FILE LINE
has() {
    grep -qxF -- "$2" "$dir/$1" || fail "no line '$2' in $1"
}

# refuses STATUS TEXT ARGUMENT...
refuses() {
    wanted=$1
    text=$2
    shift 2
    status=0
    "$dict" codegen "$@" >"$dir/out" 2>"$dir/err" || status=$?
    [ $status -eq "$wanted" ] || fail "exit status $status, not $wanted: codegen $*"
    grep -qF -- "$text" "$dir/err" || fail "no '$text' about codegen $*"
    [ ! -s "$dir/out" ] || fail "something was written: codegen $*"
}

for version in FIX.4.0 FIX.4.2 FIX.4.4 FIXT.1.1; do
    compiles "$version" "$version"
done
compiles sp2 FIX.5.0SP2 NewOrderSingle ExecutionReport W

compiles orders FIX.4.4 D ExecutionReport D
has orders.h '#define FIX44_MSG_NEW_ORDER_SINGLE "D"'
has orders.h '    FIX44_TAG_CL_ORD_ID = 11,'
has orders.h "#define FIX44_SIDE_BUY '1'"
has orders.h '#define FIX44_ORD_REJ_REASON_UNKNOWN_SYMBOL 1'
has orders.h '#define FIX44_EXEC_INST_NOT_HELD "1"'
has orders.h 'static inline rfx_status fix44_execution_report_get_last_px('
has orders.h '    struct fix44_execution_report from, struct rfx_decimal *value)'
has orders.h 'static inline bool fix44_party_ids_next('
has orders.h '    rfx_builder_put_data(to.builder, 354, 355, value);'
[ "$(grep -c '^#define FIX44_MSG_' "$dir/orders.h")" -eq 2 ] || fail "other messages than those named"
grep -q 'MSG_SEQ_NUM\|CHECK_SUM' "$dir/orders.h" && fail "fields of the session layer"

"$dict" codegen FIX.4.4 D ExecutionReport D >"$dir/again.h" 2>"$dir/err"
cmp -s "$dir/orders.h" "$dir/again.h" || fail "not the same again"
compiles mine FIX.4.4 --prefix my_desk D
has mine.h '#define MY_DESK_MSG_NEW_ORDER_SINGLE "D"'

# In FIX.4.0 texts have the type of characters.
has FIX.4.0.h '    struct fix40_new_order_single from, struct rfx_bytes *value)'

# Of several groups with one counter each has a name of its own; names from outside do no harm.
cat >"$dir/odd.dict" <<'TEXT'
version FIX.4.4
header {
    BeginString *
}
trailer {
    CheckSum *
}
message "Order */ int x; /*" D app {
    Side *
    SIDE
    group NoLegs {
        "leg-id"
    }
}
message "Quote" S app {
    group NoLegs {
        Side *
        group NoSubs {
            "leg-id"
        }
    }
    Legs
}
field 8 BeginString STRING
field 10 CheckSum STRING
field 54 Side CHAR {
    1 BUY
    2 BUY
    3 "say \"*/\" \\"
    "\"" QUOTE
}
field 5054 SIDE CHAR {
    9 BUY
}
field 555 NoLegs NUMINGROUP
field 556 "leg-id" STRING
field 557 NoSubs NUMINGROUP
field 558 Legs INT
TEXT
compiles odd "$dir/odd.dict"
has odd.h "#define FIX44_SIDE_BUY_3 '2'"
has odd.h "#define FIX44_SIDE_BUY_1 '9'"
has odd.h 'struct fix44_quote_legs {'
has odd.h 'struct fix44_subs {'
has odd.h 'static inline rfx_status fix44_order_int_x_get_side_5054('

refuses 1 "is it 'NewOrderSingle'" FIX.4.4 NewOrderSingel
refuses 2 "--prefix 9x" FIX.4.4 --prefix 9x D
refuses 3 "No such file" FIX.4.4 D --output "$dir/no/such/x.h"
refuses 2 "takes a DICT" --prefix x
[ ! -e "$dir/no" ] || fail "a directory was made"

[ $failures -eq 0 ] || exit 1
echo "all is as it should be"
