// The client's application and its connections: what a QuickFIX initiator saw, and waiting for it.
#ifndef RINGFIX_TESTS_INTEROP_COUNTERPARTY_H
#define RINGFIX_TESTS_INTEROP_COUNTERPARTY_H

#include "proxy.h"
#include "version.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <quickfix/Application.h>
#include <quickfix/FileLog.h>
#include <quickfix/FileStore.h>
#include <quickfix/Session.h>
#include <quickfix/SocketInitiator.h>
#include <string>

namespace interop
{

// What has happened since the counterparty was made, over all its connections.
struct seen {
    unsigned logons = 0;  // completed
    unsigned logoffs = 0; // ended after a completed Logon, in whatever way
    unsigned logouts_received = 0;
    unsigned resend_requests_sent = 0;
    unsigned resend_requests_received = 0;
    unsigned reports_received = 0;
    unsigned snapshots_received = 0;
    unsigned duplicates_ignored = 0; // reports with PossDupFlag(43) for an order already answered
    int logon_seq_num = 0;           // MsgSeqNum(34) of the last Logon received
    bool logon_reset = false;        // its ResetSeqNumFlag(141)
    int first_report_seq_num = 0;    // of the first ExecutionReport after that Logon
    std::string logout_text;         // Text(58) of the last Logout received
    std::string heartbeat_id;        // TestReqID(112) of the last Heartbeat received
};

// Sends orders and checks the reports. Callbacks come from QuickFIX's thread, the other functions
// belong to the main thread. A fault of the server ends every wait with std::runtime_error, and so
// does the deadline.
class counterparty : public FIX::Application
{
  public:
    counterparty(const interop_version &version, const std::string &sender,
                 const std::string &target, deadline until)
        : version_(version), id_(version.begin_string, sender, target), until_(until)
    {
    }

    const interop_version &version() const
    {
        return version_;
    }
    const FIX::SessionID &id() const
    {
        return id_;
    }
    deadline until() const
    {
        return until_;
    }
    seen look();
    void await(const std::string &what, const std::function<bool(const seen &)> &condition);
    // Sends the next `count` orders; their ClOrdIDs are ORD1, ORD2, and so on.
    void send_orders(unsigned count);
    // Sends a MarketDataSnapshotFullRefresh(W); the server is to answer with one of its own.
    void send_snapshot();
    // Waits until `count` orders have been answered.
    void await_answered(unsigned count);
    // Waits until everything that the server sent before now has arrived: TestRequest, Heartbeat.
    void round_trip();

    void onCreate(const FIX::SessionID &) noexcept override;
    void onLogon(const FIX::SessionID &) noexcept override;
    void onLogout(const FIX::SessionID &) noexcept override;
    void toAdmin(FIX::Message &, const FIX::SessionID &) noexcept override;
    void toApp(FIX::Message &, const FIX::SessionID &) noexcept override;
    void fromAdmin(const FIX::Message &, const FIX::SessionID &) noexcept override;
    void fromApp(const FIX::Message &, const FIX::SessionID &) noexcept override;

  private:
    void on_report(const FIX::Message &report);
    void on_snapshot(const FIX::Message &snapshot);
    void fault(const std::string &text);

    const interop_version version_;
    const FIX::SessionID id_;
    const deadline until_;
    unsigned sent_ = 0;        // main thread
    unsigned round_trips_ = 0; // main thread

    std::mutex mutex_; // guards everything below
    std::condition_variable changed_;
    seen seen_;
    std::map<std::string, std::string> answered_; // ClOrdID(11) to ExecID(17)
    std::map<std::string, std::string> executed_; // the reverse
    std::string fault_;                           // the first one
};

enum class logon_kind { resume, reset };

struct connection_settings {
    std::uint16_t port;
    std::string store;        // directory of the FileStore
    std::string log;          // directory of the FileLog
    std::string dictionaries; // directory of FIX40.xml and so on, "" for none
};

// A QuickFIX initiator with one session, from its first attempt to connect until it is destroyed.
// It connects again by itself when it loses the connection.
class connection
{
  public:
    connection(counterparty &party, const connection_settings &settings, logon_kind kind);
    ~connection();
    connection(const connection &) = delete;
    connection &operator=(const connection &) = delete;

    // Waits for the Logon that follows the `before`th.
    void await_logon(unsigned before);
    // Exchanges Logouts.
    void log_out();
    int next_sender_seq_num();
    int next_target_seq_num();

  private:
    FIX::Session &session();

    counterparty &party_;
    FIX::SessionSettings settings_;
    FIX::FileStoreFactory stores_;
    FIX::FileLogFactory logs_;
    FIX::SocketInitiator initiator_;
};

} // namespace interop

#endif
