#!/bin/sh
# ringfixd's log files: format, level, and that SIGHUP opens them anew for logrotate.
#
# usage: test_logs.sh RINGFIXD
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
    echo "FAILED: $1" >&2
    exit 1
}
write_config() { # LINES
    cat >"$dir/ringfixd.cfg" <<C
[DEFAULT]
ConnectionType=acceptor
SocketAcceptHost=127.0.0.1
SocketAcceptPort=0
SenderCompID=RINGFIX
BeginString=FIX.4.4
JournalPath=$dir/journal
JournalTailSize=1M
LogFile=$dir/events.log
$1
[SESSION]
TargetCompID=A
C
}

write_config "LogFile=/nowhere/events.log"
sed -i "/events.log/{/nowhere/!d}" "$dir/ringfixd.cfg"
status=0
"$1" --config "$dir/ringfixd.cfg" 2>"$dir/err" || status=$?
[ "$status" -eq 1 ] || fail "exit status $status without the log's folder"
grep -q "cannot open log /nowhere/events.log" "$dir/err" || fail "the file is not named"

write_config "LogFormat=json
LogLevel=debug
FileLogPath=$dir/messages"
python3 - "$1" "$dir" <<'P'
import json, os, re, signal, subprocess, sys, time
ringfixd, folder = sys.argv[1:]

def start():
    process = subprocess.Popen([ringfixd, "--config", folder + "/ringfixd.cfg"],
                               stdout=subprocess.PIPE, stderr=open(folder + "/err", "w"))
    assert process.stdout.readline().startswith(b"ready port=")
    return process

def lines(name):
    return open(folder + "/" + name).read().splitlines()

def wait_for(what):
    end = time.time() + 60
    while not what():
        assert time.time() < end
        time.sleep(0.01)

server = start()
for name in ("events.log", "messages/messages.log"):
    wait_for(lambda: os.path.exists(folder + "/" + name))
    os.rename(folder + "/" + name, folder + "/" + name + ".old")
server.send_signal(signal.SIGHUP)
for name in ("events.log", "messages/messages.log"):
    wait_for(lambda: os.path.exists(folder + "/" + name))
server.send_signal(signal.SIGTERM)
assert server.wait(60) == 0
events = [json.loads(line) for line in lines("events.log.old") + lines("events.log")]
assert any(event.get("session") == "FIX.4.4:RINGFIX->A" and "AWAITING_CONNECTION" in event["text"]
           for event in events), events
assert events[-1]["text"] == "stopped" and "session" not in events[-1]
assert json.loads(lines("events.log")[-1])["text"] == "stopped"
for event in events:
    assert event["level"] in ("error", "warning", "info", "debug")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["time"]), event
assert open(folder + "/err").read() == ""

# A level leaves the others out; text is the default, on standard error.
config = open(folder + "/ringfixd.cfg").read()
config = re.sub("Log(File|Format|Level)=.*\n", "", config)
open(folder + "/ringfixd.cfg", "w").write(config)
server = start()
server.send_signal(signal.SIGTERM)
assert server.wait(60) == 0
found = lines("err")
assert found and all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (ERROR|WARNING|INFO|DEBUG) ", line)
                     for line in found), found
assert any(" INFO FIX.4.4:RINGFIX->A: " in line for line in found), found
open(folder + "/ringfixd.cfg", "w").write(config.replace("[SESSION]", "LogLevel=warning\n[SESSION]"))
server = start()
server.send_signal(signal.SIGTERM)
assert server.wait(60) == 0
assert lines("err") == []

# A session may have one of its own.
quiet = config + "[SESSION]\nTargetCompID=QUIET\nLogLevel=warning\n"
loud = config.replace("[SESSION]", "LogLevel=error\n[SESSION]") + "[SESSION]\nTargetCompID=LOUD\nLogLevel=info\n"
for text, there, gone in ((quiet, ">A: ", ">QUIET: "), (loud, ">LOUD: ", ">A: ")):
    open(folder + "/ringfixd.cfg", "w").write(text)
    server = start()
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0
    found = lines("err")
    assert any(there in line for line in found) and not any(gone in line for line in found), found
    assert any(line.endswith(" stopped") for line in found) == (text is quiet), found
print("all checks passed")
P
