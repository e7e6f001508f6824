#include "counterparty.h"

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

// Tags an ExecutionReport must have, in both versions but for the last one.
constexpr int report_fields[] = {
    FIX::FIELD::OrderID, FIX::FIELD::ExecID,        FIX::FIELD::ExecType,  FIX::FIELD::OrdStatus,
    FIX::FIELD::Symbol,  FIX::FIELD::Side,          FIX::FIELD::LeavesQty, FIX::FIELD::CumQty,
    FIX::FIELD::AvgPx,   FIX::FIELD::ExecTransType,
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
        order.setField(FIX::TransactTime());
        order.setField(FIX::FIELD::OrderQty, "100");
        order.setField(FIX::FIELD::OrdType, "2");
        order.setField(FIX::FIELD::Price, "10.25");
        FIX::Session::sendToTarget(order, id_);
    }
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

void counterparty::toApp(FIX::Message &, const FIX::SessionID &) noexcept
{
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
    for (const int tag : report_fields) {
        const bool needed = tag != FIX::FIELD::ExecTransType || id_.getBeginString() == "FIX.4.2";
        if (needed && !report.isSetField(tag))
            fault("the report for " + order + " lacks tag " + std::to_string(tag));
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

// With mutex_ held.
void counterparty::fault(const std::string &text)
{
    if (fault_.empty())
        fault_ = text;
}

namespace
{

FIX::SessionSettings settings_for(const FIX::SessionID &id, const connection_settings &from,
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
    session.setBool(FIX::USE_DATA_DICTIONARY, !from.dictionary.empty());
    if (!from.dictionary.empty())
        session.setString(FIX::DATA_DICTIONARY, from.dictionary);
    FIX::SessionSettings settings;
    settings.set(all);
    settings.set(id, session);
    return settings;
}

} // namespace

connection::connection(counterparty &party, const connection_settings &settings, logon_kind kind)
    : party_(party), settings_(settings_for(party.id(), settings, kind)), stores_(settings.store),
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
