#!/bin/sh
# Plug-ins that cannot be used: test_plugin_errors.sh RINGFIXD PLUGIN-DIRECTORY
set -u
ringfixd=$1
plugins=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0

cat >"$dir/ringfixd.cfg" <<TEXT
[DEFAULT]
ConnectionType=acceptor
SocketAcceptHost=127.0.0.1
SocketAcceptPort=0
SenderCompID=RINGFIX
JournalPath=$dir/journal
[SESSION]
BeginString=FIX.4.4
TargetCompID=BROKER
TEXT

# refused STATUS TEXT ARGUMENT...: ends with the status and says the text.
refused() {
    wanted=$1
    text=$2
    shift 2
    status=0
    timeout -k 5 60 "$ringfixd" --config "$dir/ringfixd.cfg" --no-journal "$@" >"$dir/out" \
        2>"$dir/err" || status=$?
    if [ $status -ne "$wanted" ] || ! grep -qF -- "$text" "$dir/err" || [ -s "$dir/out" ]; then
        echo "FAILED: $*: exit status $status, wanted $wanted and '$text':" >&2
        cat "$dir/out" "$dir/err" >&2
        failures=$((failures + 1))
    fi
}

refused 2 "--app $plugins/absent.so: cannot be loaded: " --app "$plugins/absent.so"
refused 2 "No such file" --app "$plugins/absent.so"
echo "not a program" >"$dir/text.so"
refused 2 "$dir/text.so: cannot be loaded: " --app "$dir/text.so"
refused 2 "exports no symbol rfx_plugin" --app "$plugins/plugin_nothing.so"
refused 2 "made for plug-in ABI 3, this is ringfixd" --app "$plugins/plugin_abi.so"
refused 2 "compiled with the headers of ringfix 0.0.1, " --app "$plugins/plugin_size.so"
refused 2 "its rfx_plugin has no function open" --app "$plugins/plugin_closed.so"
refused 2 "rfx_not_yet_invented" --app "$plugins/plugin_newer.so"
refused 1 "plugin_refuses.so: the market is closed" --app "$plugins/plugin_refuses.so" \
    --app-args "the market is closed"
refused 1 "plugin_refuses.so: input/output error" --app "$plugins/plugin_refuses.so"
refused 2 "a plug-in is named by a path with a slash, as ./x.so" --app x.so
refused 2 "--app-args is for plug-ins" --app echo --app-args anything

# One in C++ is opened and closed, also when the server cannot be opened after it.
sed -i 's/^SocketAcceptHost=.*/SocketAcceptHost=192.0.2.1/' "$dir/ringfixd.cfg"
refused 1 "opened blue" --app "$plugins/plugin_cpp.so" --app-args blue
grep -qx "closed blue" "$dir/err" || { echo "FAILED: not closed" >&2; failures=1; }
exit $((failures != 0))
