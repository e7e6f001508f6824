#!/bin/sh
# Makes a manual page of what a program says of itself:
# manpage.sh PROGRAM SECTION VERSION "WHAT IT DOES" "SEE ALSO" [COMMAND...]
# With commands each has a section of its own, from PROGRAM COMMAND --help.
set -eu
program=$1
section=$2
version=$3
what=$4
also=$5
shift 5
name=$(basename "$program")

# Text that groff leaves as it is.
literal() {
    sed -e 's/\\/\\e/g' -e "s/^\([.']\)/\\\\\&\1/" -e 's/-/\\-/g'
}
# The lines of the usage, or those behind them.
usage() { sed -e '/^$/,$d' -e 's/^usage: //' -e 's/^       //'; }
rest() { sed -n '/^$/,$p' | sed 1d; }
verbatim() {
    echo '.nf'
    literal
    echo '.fi'
}

cat <<TEXT
.TH $(echo "$name" | tr '[:lower:]' '[:upper:]') $section "" "ringfix $version" "ringfix"
.nh
.SH NAME
$name \- $what
.SH SYNOPSIS
TEXT
"$program" --help | usage | verbatim
echo '.SH DESCRIPTION'
"$program" --help | rest | verbatim
for command in "$@"; do
    echo ".SH $command"
    "$program" "$command" --help | verbatim
done
cat <<TEXT
.SH SEE ALSO
$also
.PP
The manual is in /usr/share/doc/ringfix.
TEXT
