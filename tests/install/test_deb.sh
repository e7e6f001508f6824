#!/bin/sh
# The Debian packages: made by cpack, installed into an empty root, used, removed without a trace:
# test_deb.sh BUILD-DIRECTORY VERSION
set -u
build=$1
version=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0
fail() {
    echo "FAILED: $1" >&2
    [ ! -s "$dir/log" ] || tail -n 30 "$dir/log" >&2
    failures=$((failures + 1))
}
quietly() { "$@" >"$dir/log" 2>&1; }

command -v cpack >/dev/null && command -v dpkg-shlibdeps >/dev/null || {
    echo "SKIPPED: cpack or dpkg-shlibdeps (package dpkg-dev) is not there" >&2
    exit 77
}
(cd "$build" && quietly cpack -B "$dir/packages") || { fail "cpack"; exit 1; }
programs=$(ls "$dir"/packages/ringfix_"$version"_*.deb) || fail "no package of the programs"
development=$(ls "$dir"/packages/libringfix-dev_"$version"_*.deb) || fail "no package of the library"

dpkg-deb -c "$programs" >"$dir/list"
for file in usr/bin/ringfixd usr/bin/ringfix-ctl usr/bin/ringfix-journal usr/bin/ringfix-dict \
    usr/bin/ringfix-cat usr/share/man/man1/ringfix-cat.1 \
    usr/bin/ringfix-loadgen usr/share/man/man8/ringfixd.8 usr/share/man/man1/ringfix-ctl.1 \
    usr/lib/systemd/system/ringfixd.service usr/lib/sysusers.d/ringfix.conf \
    etc/ringfix/ringfixd.cfg usr/share/doc/ringfix/operations.md; do
    grep -q " \./$file\$" "$dir/list" || fail "no $file in the package"
done
grep -q '/include/' "$dir/list" && fail "headers are in the package of the programs"
dpkg-deb -c "$development" >"$dir/list"
grep -q ' \./usr/include/ringfix/server.h$' "$dir/list" || fail "no headers in the other package"
grep -q '/libringfix.a$' "$dir/list" || fail "no library in the other package"
dpkg-deb -f "$programs" Depends >"$dir/depends"
grep -q liburing2 "$dir/depends" || fail "the package does not say what it needs"
dpkg-deb -I "$programs" conffiles | grep -q '^/etc/ringfix/ringfixd.cfg$' || fail "no conffile"

# ---- the unit, and the configuration it starts with
dpkg-deb -x "$programs" "$dir/tree"
if command -v systemd-analyze >/dev/null; then
    sed "s|/usr/bin/ringfix|$dir/tree/usr/bin/ringfix|g" \
        "$dir/tree/usr/lib/systemd/system/ringfixd.service" >"$dir/ringfixd.service"
    quietly systemd-analyze verify --man=no "$dir/ringfixd.service" || fail "systemd-analyze verify"
    ! grep -q 'ringfixd.service' "$dir/log" || fail "a warning about the unit"
else
    echo "SKIPPED: systemd-analyze is not there to look at the unit" >&2
fi
quietly "$dir/tree/usr/bin/ringfixd" --check "$dir/tree/etc/ringfix/ringfixd.cfg" ||
    fail "the configuration of the package"

# ---- in and out
if [ "$(id -u)" -eq 0 ]; then
    root=$dir/root
    mkdir -p "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/info"
    : >"$root/var/lib/dpkg/status"
    find "$root" | sort >"$dir/before"
    manage() {
        quietly dpkg --root="$root" --force-script-chrootless --force-depends --log=/dev/null "$@" ||
            fail "dpkg $1"
    }
    manage -i "$programs"
    [ "$("$root/usr/bin/ringfixd" --version)" = "ringfixd $version" ] || fail "what it installed"
    manage -i "$programs"
    manage -r ringfix
    [ -e "$root/etc/ringfix/ringfixd.cfg" ] || fail "the configuration is gone after a removal"
    manage -P ringfix
    find "$root" ! -path "$root/var/lib/dpkg*" | sort >"$dir/after"
    grep -v '/var/lib/dpkg' "$dir/before" | diff - "$dir/after" >"$dir/log" ||
        fail "something is left after a purge"
else
    echo "SKIPPED: not root, so nothing is installed" >&2
fi
[ $failures -eq 0 ] && echo "all checks passed"
exit $failures
