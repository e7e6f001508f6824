#!/bin/sh
# The archive, and ringfixd to its plug-ins, show exactly what the public headers declare:
# test_symbols.sh SOURCE-DIRECTORY CC ARCHIVE RINGFIXD
set -eu
source=$1
cc=$2
archive=$3
ringfixd=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

# What the compiler sees of the headers, one declaration a line: names before a parenthesis, and
# constants. plugin.h is left out: what it declares is defined by plug-ins.
echo '#include <ringfix/ringfix.h>' >"$dir/all.c"
"$cc" -E -P '-D__attribute__(text)=' -I"$source/include" "$dir/all.c" |
    tr '\n;{}' ' \n\n\n' | grep -v typedef >"$dir/declared"
{
    grep -oE '\brfx_[a-z0-9_]+ *\([^*]' "$dir/declared" | sed 's/ *(.*//'
    sed -nE 's/^ *extern +const +struct +rfx_[a-z0-9_]+ +(rfx_[a-z0-9_]+) *$/\1/p' "$dir/declared"
} | sort -u >"$dir/wanted"

compare() {
    diff "$dir/wanted" "$dir/found" >"$dir/diff" && return
    echo "FAILED: $1 (< only in the headers, > only there):" >&2
    grep '^[<>]' "$dir/diff" >&2
    status=1
}

if [ "$(wc -l <"$dir/wanted")" -lt 80 ]; then
    echo "FAILED: this script does not find the names in the headers" >&2
    exit 1
fi

# What sanitizers add begins with two underscores.
nm -g --defined-only "$archive" | awk 'NF == 3 && $3 !~ /^__/ { print $3 }' | sort -u >"$dir/found"
compare "names in the archive"
nm -D --defined-only "$ringfixd" | awk '$3 ~ /^rfx_|^app_|^plugin_/ { print $3 }' | sort -u \
    >"$dir/found"
compare "names shown to plug-ins"

if readelf -SW "$archive" | grep -q 'gnu.lto'; then
    echo "FAILED: the archive holds a compiler's intermediate code" >&2
    status=1
fi
exit $status
