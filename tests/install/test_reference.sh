#!/bin/sh
# The reference comes out of the headers without a warning: test_reference.sh SOURCE OUTPUT
set -eu
if ! command -v doxygen >/dev/null; then
    echo "SKIPPED: doxygen is absent"
    exit 77
fi
source=$1
output=$2
rm -rf "$output"
if ! "$source/docs/reference/build" "$output" 2>"$output.log"; then
    cat "$output.log" >&2
    exit 1
fi

# Plain comments have become documentation: one above, one behind a field, one for two functions.
has() {
    grep -qF -- "$2" "$output/html/$1" || { echo "FAILED: no '$2' in $1" >&2; exit 1; }
}
has server_8h.html "Opens the journal, brings every session"
has structrfx__app.html "first argument of every callback"
has server_8h.html 'See <a class="el" href="server_8h.html#'
has ringfix_8h.html "includes the whole public API"

# Everything that is declared is there.
grep -ohE 'RFX_API .*\brfx_[a-z0-9_]+[(;]' "$source"/include/ringfix/*.h |
    sed -E 's/.*(rfx_[a-z0-9_]+)[(;]$/\1/' | sort -u | while read -r name; do
    grep -qF "$name" "$output"/html/*_8h.html || { echo "FAILED: $name is absent" >&2; exit 1; }
done
