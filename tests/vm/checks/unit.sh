#!/bin/sh
# The package and its unit under systemd: installed, started, reloaded, killed, stopped, removed.
set -eu
config=/etc/ringfix/ringfixd.cfg
on_exit() {
    status=$?
    [ $status -eq 0 ] || journalctl -u ringfixd --no-pager -n 100
    exit $status
}
trap on_exit EXIT
fail() {
    echo "FAILED: $1"
    exit 1
}
property() { systemctl show -P "$1" ringfixd; }
trade() { ringfix-loadgen --port 5001 --sender "$1" --count 20 --warmup 0 --quiet; }
next_out() { ringfix-ctl --config $config sessions --json | tr '{' '\n' | sed -n "s/.*CLIENT.*\"next_out\":\([0-9]*\).*/\1/p"; }

dpkg -i /payload/ringfix_*.deb
systemctl is-active ringfixd && fail "it runs before anybody has started it"
systemctl start ringfixd
systemctl is-active ringfixd
pid=$(property MainPID)
[ "$(ps -o user= -p "$pid")" = ringfix ] || fail "it does not run as ringfix"
[ "$(stat -c '%U %a' /var/lib/ringfix)" = "ringfix 750" ] || fail "the journal is not its own alone"
[ "$(stat -c '%U:%G %a' $config)" = "root:ringfix 640" ] || fail "who may read the configuration"
ringfix-ctl --config $config status
trade CLIENT

# A session more, without a pause for the one there is.
printf '[SESSION]\nBeginString=FIX.4.4\nTargetCompID=SECOND\n' >>$config
systemctl reload ringfixd
[ "$(property MainPID)" = "$pid" ] || fail "a reload started it anew"
trade SECOND
echo 'nonsense' >>$config
if systemctl reload ringfixd; then fail "a wrong configuration is taken"; fi
systemctl is-active ringfixd
sed -i '$d' $config

# Killed: it comes back by itself, and the numbers go on.
before=$(next_out)
[ "$before" -gt 20 ] || fail "the numbers: $before"
systemctl kill -s KILL ringfixd
for _ in $(seq 100); do
    [ "$(property MainPID)" != "$pid" ] && systemctl is-active ringfixd && break
    sleep 0.5
done
[ "$(property MainPID)" != "$pid" ] || fail "it did not come back"
[ "$(next_out)" = "$before" ] || fail "the numbers were $before, are $(next_out)"
trade CLIENT

systemctl stop ringfixd
[ "$(property Result)" = success ] || fail "stopped with $(property Result)"
echo "note: $(systemd-analyze security --no-pager ringfixd.service | tail -n 1)"

systemctl start ringfixd
systemctl enable ringfixd
dpkg -r ringfix
systemctl is-active ringfixd && fail "it runs on when it is removed"
[ -e $config ] || fail "the configuration is gone with the programs"
dpkg -P ringfix
[ ! -e $config ] || fail "the configuration is there after a purge"
[ -e /var/lib/ringfix ] || fail "the journal is gone"
