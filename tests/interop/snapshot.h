// QuickFIX's side of the market data: making and reading a MarketDataSnapshotFullRefresh(W).
#ifndef RINGFIX_TESTS_INTEROP_SNAPSHOT_H
#define RINGFIX_TESTS_INTEROP_SNAPSHOT_H

#include <quickfix/Message.h>
#include <string>

namespace interop
{

FIX::Message make_snapshot(int version);
// What it holds, in the form of interop_snapshot_text().
std::string read_snapshot(const FIX::Message &message);

} // namespace interop

#endif
