#!/bin/sh
# ringfixd tells a service manager when it is ready and when it stops: test_notify.sh RINGFIXD
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/ringfixd.cfg" <<TEXT
[DEFAULT]
ConnectionType=acceptor
SocketAcceptHost=127.0.0.1
SocketAcceptPort=0
SenderCompID=RINGFIX
BeginString=FIX.4.4
JournalPath=$dir/journal
JournalTailSize=1M
[SESSION]
TargetCompID=A
TEXT
python3 - "$1" "$dir" <<'P'
import os, signal, socket, subprocess, sys
ringfixd, folder = sys.argv[1:]
for name in (folder + "/notify", "@ringfix-test-%d" % os.getpid()):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(name.replace("@", "\0"))
    manager.settimeout(60)
    server = subprocess.Popen([ringfixd, "--config", folder + "/ringfixd.cfg"],
                              env=dict(os.environ, NOTIFY_SOCKET=name),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert manager.recv(100) == b"READY=1\n"
    server.send_signal(signal.SIGTERM)
    assert manager.recv(100) == b"STOPPING=1\n"
    assert server.wait(60) == 0
# What is no address of a manager is left alone.
for name in ("", "relative", "/" + "x" * 200, folder + "/nobody"):
    server = subprocess.Popen([ringfixd, "--config", folder + "/ringfixd.cfg"],
                              env=dict(os.environ, NOTIFY_SOCKET=name),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert server.stdout.readline().startswith(b"ready port=")
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0
print("all checks passed")
P
