#!/bin/sh
# The tests of TLS with SocketUseKTLS=Y, on a kernel that has it.
set -eu
modprobe tls
export RFX_TEST_KTLS=1
/payload/programs/test_tls
/payload/programs/integration_tls
! grep -q SKIPPED /tmp/log
echo "note: $(grep -E '^Tls(TxSw|RxSw|DecryptError) ' /proc/net/tls_stat | tr -s ' \t\n' ' ')"
