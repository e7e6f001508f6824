#!/bin/sh
# Runs a few seeds twice: test_repeat.sh SIMULATE
set -eu
first=$("$1" --seeds 1..60 --hash)
second=$("$1" --seeds 1..60 --hash)
if [ "$first" != "$second" ]; then
    echo "the same seeds do not give the same traces:" >&2
    printf '%s\n---\n%s\n' "$first" "$second" >&2
    exit 1
fi
# Different seeds are different worlds.
count=$(printf '%s\n' "$first" | cut -d' ' -f4 | sort -u | wc -l)
if [ "$count" -ne 60 ]; then
    echo "60 seeds give $count different traces" >&2
    exit 1
fi
