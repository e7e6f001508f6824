#include "counterparty.h"

#include "dictionaries.h"
#include "snapshot.h"

#include <quickfix/Message.h>
#include <stdexcept>

namespace interop
{
namespace
{

std::string field(const FIX::FieldMap &fields, int tag)
{
    return fields.isSetField(tag) ? fields.getField(tag) : std::string();
}

// The number in the field, 0 if it is absent or none.
int number(const FIX::FieldMap &fields, int tag)
{
    return std::atoi(field(fields, tag).c_str());
}

FIX::Message message_of(const char *msg_type)
{
    FIX::Message message;
    message.getHeader().setField(FIX::FIELD::MsgType, msg_type);
    return message;
}

// A tag that an ExecutionReport must have, in the versions first to last.
struct report_field {
    int tag;
    int first;
    int last;
};
constexpr report_field report_fields[] = {
    {FIX::FIELD::OrderID, INTEROP_FIX40, INTEROP_FIX50SP2},
    {FIX::FIELD::ExecID, INTEROP_FIX40, INTEROP_FIX50SP2},
    {FIX::FIELD::ExecTransType, INTEROP_FIX40, INTEROP_FIX42},
    {FIX::FIELD::ExecType, INTEROP_FIX41, INTEROP_FIX50SP2},
    {FIX::FIELD::OrdStatus, INTEROP_FIX40, INTEROP_FIX50SP2},
    {FIX::FIELD::Symbol, INTEROP_FIX40, INTEROP_FIX50SP2},
    {FIX::FIELD::Side, INTEROP_FIX40, INTEROP_FIX50SP2},
    {FIX::FIELD::LeavesQty, INTEROP_FIX41, INTEROP_FIX50SP2},
    {FIX::FIELD::CumQty, INTEROP_FIX40, INTEROP_FIX50SP2},
    {FIX::FIELD::AvgPx, INTEROP_FIX40, INTEROP_FIX50SP2},
};

} // namespace

seen counterparty::look()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return seen_;
}

void counterparty::await(const std::string &what,
                         const std::function<bool(const seen &)> &condition)
{
    std::unique_lock<std::mutex> lock(mutex_);
    const bool in_time =
        changed_.wait_until(lock, until_, [&] { return !fault_.empty() || condition(seen_); });
    if (!fault_.empty())
        throw std::runtime_error(fault_ + " (while waiting for " + what + ")");
    if (!in_time)
        throw std::runtime_error("in vain waited for " + what);
}

void counterparty::send_orders(unsigned count)
{
    for (unsigned i = 0; i < count; ++i) {
        FIX::Message order = message_of(FIX::MsgType_NewOrderSingle);
        order.setField(FIX::FIELD::ClOrdID, "ORD" + std::to_string(++sent_));
        order.setField(FIX::FIELD::HandlInst, "1");
        order.setField(FIX::FIELD::Symbol, "RFX");
        order.setField(FIX::FIELD::Side, "1");
        if (version_.number >= INTEROP_FIX42)
            order.setField(FIX::TransactTime());
        order.setField(FIX::FIELD::OrderQty, "100");
        order.setField(FIX::FIELD::OrdType, "2");
        order.setField(FIX::FIELD::Price, "10.25");
        FIX::Session::sendToTarget(order, id_);
    }
}

void counterparty::send_snapshot()
{
    FIX::Message snapshot = make_snapshot(version_.number);
    FIX::Session::sendToTarget(snapshot, id_);
}

void counterparty::await_answered(unsigned count)
{
    await("the answers to " + std::to_string(count) + " orders",
          [&](const seen &) { return answered_.size() >= count; });
}

void counterparty::round_trip()
{
    const std::string id = "TRIP" + std::to_string(++round_trips_);
    FIX::Message request = message_of(FIX::MsgType_TestRequest);
    request.setField(FIX::FIELD::TestReqID, id);
    FIX::Session::sendToTarget(request, id_);
    await("the Heartbeat for TestRequest " + id,
          [&](const seen &now) { return now.heartbeat_id == id; });
}

void counterparty::onCreate(const FIX::SessionID &) noexcept
{
}

void counterparty::onLogon(const FIX::SessionID &) noexcept
{
    const std::lock_guard<std::mutex> lock(mutex_);
    ++seen_.logons;
    changed_.notify_all();
}

void counterparty::onLogout(const FIX::SessionID &) noexcept
{
    const std::lock_guard<std::mutex> lock(mutex_);
    ++seen_.logoffs;
    changed_.notify_all();
}

void counterparty::toAdmin(FIX::Message &message, const FIX::SessionID &) noexcept
{
    const std::string type = field(message.getHeader(), FIX::FIELD::MsgType);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (type == FIX::MsgType_ResendRequest)
        ++seen_.resend_requests_sent;
    else if (type == FIX::MsgType_Reject)
        fault("QuickFIX rejects a message: " + field(message, FIX::FIELD::Text));
}

void counterparty::toApp(FIX::Message &message, const FIX::SessionID &) noexcept
{
    const std::lock_guard<std::mutex> lock(mutex_);
    if (field(message.getHeader(), FIX::FIELD::MsgType) == FIX::MsgType_BusinessMessageReject)
        fault("QuickFIX refuses a message: " + field(message, FIX::FIELD::Text));
}

void counterparty::fromAdmin(const FIX::Message &message, const FIX::SessionID &) noexcept
{
    const std::string type = field(message.getHeader(), FIX::FIELD::MsgType);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (type == FIX::MsgType_Logon) {
        seen_.logon_seq_num = number(message.getHeader(), FIX::FIELD::MsgSeqNum);
        seen_.logon_reset = field(message, FIX::FIELD::ResetSeqNumFlag) == "Y";
        seen_.first_report_seq_num = 0;
    } else if (type == FIX::MsgType_Logout) {
        ++seen_.logouts_received;
        seen_.logout_text = field(message, FIX::FIELD::Text);
    } else if (type == FIX::MsgType_ResendRequest) {
        ++seen_.resend_requests_received;
    } else if (type == FIX::MsgType_Heartbeat) {
        seen_.heartbeat_id = field(message, FIX::FIELD::TestReqID);
    } else if (type == FIX::MsgType_Reject) {
        fault("the server rejects a message: " + field(message, FIX::FIELD::Text));
    }
    changed_.notify_all();
}

void counterparty::fromApp(const FIX::Message &message, const FIX::SessionID &) noexcept
{
    const std::string type = field(message.getHeader(), FIX::FIELD::MsgType);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (type == FIX::MsgType_ExecutionReport)
        on_report(message);
    else if (type == FIX::MsgType_MarketDataSnapshotFullRefresh)
        on_snapshot(message);
    else
        fault("unexpected message of type " + type + ": " + field(message, FIX::FIELD::Text));
    changed_.notify_all();
}

void counterparty::on_report(const FIX::Message &report)
{
    const std::string order = field(report, FIX::FIELD::ClOrdID);
    const std::string execution = field(report, FIX::FIELD::ExecID);
    ++seen_.reports_received;
    if (seen_.first_report_seq_num == 0)
        seen_.first_report_seq_num = number(report.getHeader(), FIX::FIELD::MsgSeqNum);
    for (const report_field &wanted : report_fields) {
        const bool needed = version_.number >= wanted.first && version_.number <= wanted.last;
        if (needed != report.isSetField(wanted.tag))
            fault("the report for " + order + (needed ? " lacks tag " : " has tag ") +
                  std::to_string(wanted.tag));
    }

    const auto known = answered_.emplace(order, execution);
    const bool repeated = field(report.getHeader(), FIX::FIELD::PossDupFlag) == "Y";
    if (known.second) {
        if (!executed_.emplace(execution, order).second)
            fault("ExecID " + execution + " is used for two orders, the second is " + order);
    } else if (repeated && known.first->second == execution) {
        ++seen_.duplicates_ignored;
    } else {
        fault("order " + order + " is answered twice, as " + known.first->second + " and as " +
              execution);
    }
}

void counterparty::on_snapshot(const FIX::Message &snapshot)
{
    const std::string text = read_snapshot(snapshot);
    ++seen_.snapshots_received;
    if (text != interop_snapshot_text(version_.number))
        fault("the market data reads: " + text);
}

// With mutex_ held.
void counterparty::fault(const std::string &text)
{
    if (fault_.empty())
        fault_ = text;
}

namespace
{

FIX::SessionSettings settings_for(const counterparty &party, const connection_settings &from,
                                  logon_kind kind)
{
    FIX::Dictionary all; // what QuickFIX reads from [DEFAULT] only
    all.setBool(FIX::SOCKET_NODELAY, true);
    all.setInt(FIX::RECONNECT_INTERVAL, 1);
    FIX::Dictionary session;
    session.setString(FIX::CONNECTION_TYPE, "initiator");
    session.setString(FIX::SOCKET_CONNECT_HOST, "127.0.0.1");
    session.setInt(FIX::SOCKET_CONNECT_PORT, from.port);
    session.setString(FIX::START_TIME, "00:00:00");
    session.setString(FIX::END_TIME, "00:00:00");
    session.setInt(FIX::HEARTBTINT, 30);
    session.setBool(FIX::RESET_ON_LOGON, kind == logon_kind::reset);
    set_dictionaries(session, party.version(), from.dictionaries);
    FIX::SessionSettings settings;
    settings.set(all);
    settings.set(party.id(), session);
    return settings;
}

} // namespace

connection::connection(counterparty &party, const connection_settings &settings, logon_kind kind)
    : party_(party), settings_(settings_for(party, settings, kind)), stores_(settings.store),
      logs_(settings.log), initiator_(party, stores_, settings_, logs_)
{
    initiator_.start();
}

connection::~connection()
{
    initiator_.stop(true);
}

FIX::Session &connection::session()
{
    FIX::Session *session = FIX::Session::lookupSession(party_.id());
    if (session == nullptr)
        throw std::logic_error("QuickFIX does not know its own session");
    return *session;
}

void connection::await_logon(unsigned before)
{
    const unsigned logouts = party_.look().logouts_received;
    party_.await("Logon " + std::to_string(before + 1), [&](const seen &now) {
        return now.logons > before || now.logouts_received > logouts;
    });
    const seen now = party_.look();
    if (now.logons <= before)
        throw std::runtime_error("Logon refused: " + now.logout_text);
}

void connection::log_out()
{
    const seen before = party_.look();
    session().logout("end of the test");
    party_.await("the end of the session",
                 [&](const seen &now) { return now.logoffs > before.logoffs; });
    if (party_.look().logouts_received == before.logouts_received)
        throw std::runtime_error("the connection ended without a Logout from the server");
}

int connection::next_sender_seq_num()
{
    return session().getExpectedSenderNum();
}

int connection::next_target_seq_num()
{
    return session().getExpectedTargetNum();
}

} // namespace interop
