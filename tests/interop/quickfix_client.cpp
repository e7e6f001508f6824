// A QuickFIX initiator that plays one scenario against a server and exits 0 if all went well.
#include "counterparty.h"
#include "dictionaries.h"

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>

namespace interop
{
namespace
{

constexpr unsigned orders = 1000;
constexpr unsigned orders_short = 50; // where the number does not matter

struct options {
    std::string scenario;
    interop_version version = *interop_version_of("FIX.4.4");
    std::string sender = "QUICKFIX";
    std::string target = "RINGFIX";
    int timeout_s = 60;
    connection_settings connection{0, "", "", ""};
};

void require(bool condition, const std::string &what)
{
    if (!condition)
        throw std::runtime_error("expected: " + what);
}

// Logs on with the numbers of the store: a number that differs on the two sides shows as a refused
// Logon or as a ResendRequest.
void require_same_numbers(counterparty &party, const connection_settings &settings)
{
    const seen before = party.look();
    connection link(party, settings, logon_kind::resume);
    link.await_logon(before.logons);
    party.round_trip();
    link.log_out();
    const seen after = party.look();
    require(after.resend_requests_received == before.resend_requests_received,
            "no ResendRequest from the server once both sides agree");
    require(after.resend_requests_sent == before.resend_requests_sent,
            "no ResendRequest from QuickFIX once both sides agree");
    require(after.reports_received == before.reports_received, "no more reports");
}

// One connection: the first orders of this counterparty are sent and answered, then Logout.
void trade_once(counterparty &party, const connection_settings &settings, unsigned count)
{
    connection link(party, settings, logon_kind::resume);
    link.await_logon(0);
    party.send_orders(count);
    party.await_answered(count);
    party.round_trip();
    link.log_out();
    const seen now = party.look();
    require(now.logons == 1, "one connection");
    require(now.reports_received == count, "one report per order");
    require(now.resend_requests_received + now.resend_requests_sent == 0, "no ResendRequest");
}

void play_trade(const options &given, counterparty &party)
{
    trade_once(party, given.connection, orders);
    require_same_numbers(party, given.connection);
}

// Loses reports, then orders as well, then the connection; the rest of the orders is sent while the
// gap is filled.
void trade_across_a_cut(counterparty &party, connection_settings through)
{
    constexpr unsigned burst = 400, reports_before = 300, during = 100, lost_min = 50;
    proxy between(through.port);
    through.port = between.port();
    connection link(party, through, logon_kind::resume);
    link.await_logon(0);
    party.send_orders(burst);
    party.await_answered(reports_before);

    between.drop(to_client);
    party.send_orders(during);
    require(between.await_lost(to_client, FIX::MsgType_ExecutionReport, lost_min, party.until()),
            "reports to lose");
    between.drop(to_server);
    party.send_orders(during);
    require(between.await_lost(to_server, FIX::MsgType_NewOrderSingle, lost_min, party.until()),
            "orders to lose");
    require(party.look().resend_requests_sent == 0, "no gap before the cut");
    require(between.cut(party.until()), "a connection to cut");

    link.await_logon(1);
    party.send_orders(orders - burst - 2 * during);
    party.await_answered(orders);
    party.round_trip();
    link.log_out();
}

void play_cut(const options &given, counterparty &party)
{
    trade_across_a_cut(party, given.connection);
    const seen now = party.look();
    require(now.resend_requests_sent >= 1, "a ResendRequest from QuickFIX");
    require(now.resend_requests_received >= 1, "a ResendRequest from the server");
    require(now.reports_received - now.duplicates_ignored == orders, "one report per order");
    require_same_numbers(party, given.connection);
}

void play_reset(const options &given, counterparty &party)
{
    trade_once(party, given.connection, orders_short);
    {
        connection link(party, given.connection, logon_kind::reset);
        link.await_logon(1);
        const seen logon = party.look();
        require(logon.logon_seq_num == 1, "the server's Logon with MsgSeqNum(34) 1");
        require(logon.logon_reset, "the server's Logon with ResetSeqNumFlag(141) Y");
        require(link.next_sender_seq_num() == 2 && link.next_target_seq_num() == 2,
                "both sides at MsgSeqNum 2 after the Logon");
        party.send_orders(orders_short);
        party.await_answered(2 * orders_short);
        party.round_trip();
        require(party.look().first_report_seq_num == 2, "the first report with MsgSeqNum(34) 2");
        link.log_out();
    }
    require_same_numbers(party, given.connection);
    require(party.look().resend_requests_sent + party.look().resend_requests_received == 0,
            "no ResendRequest");
}

// After the refusal the session must still be usable: by a reset.
void play_low(const options &given, counterparty &party)
{
    trade_once(party, given.connection, orders_short);
    connection_settings wiped = given.connection;
    wiped.store += "-wiped";
    {
        proxy between(given.connection.port, client_close::hold);
        wiped.port = between.port();
        const seen before = party.look();
        connection link(party, wiped, logon_kind::resume);
        party.await("a Logout that refuses the Logon", [&](const seen &now) {
            return now.logouts_received > before.logouts_received || now.logons > before.logons;
        });
        require(party.look().logons == before.logons, "the Logon to be refused");
        require(!party.look().logout_text.empty(), "a Logout with Text(58)");
        std::cout << "refused with: " << party.look().logout_text << '\n';
        require(between.await_server_closed(party.until()), "the server to close the connection");
    }
    wiped.port = given.connection.port;
    connection link(party, wiped, logon_kind::reset);
    link.await_logon(1);
    party.send_orders(orders_short);
    party.await_answered(2 * orders_short);
    party.round_trip();
    link.log_out();
}

// One market data message in each direction.
void play_market(const options &given, counterparty &party)
{
    connection link(party, given.connection, logon_kind::resume);
    link.await_logon(0);
    party.send_snapshot();
    party.await("market data", [](const seen &now) { return now.snapshots_received == 1; });
    party.round_trip();
    link.log_out();
}

using play = void (*)(const options &, counterparty &);

const std::map<std::string, play> scenarios = {{"trade", play_trade},
                                               {"cut", play_cut},
                                               {"reset", play_reset},
                                               {"low", play_low},
                                               {"market", play_market}};

constexpr const char *usage =
    "usage: quickfix_client trade|cut|reset|low|market --port PORT --store DIRECTORY\n"
    "       [--version FIX.4.4] [--sender QUICKFIX] [--target RINGFIX]\n"
    "       [--dictionaries DIRECTORY] [--timeout SECONDS]\n";

options parse(int argc, char **argv)
{
    options given;
    if (argc < 2 || argc % 2 != 0)
        throw std::invalid_argument("wrong number of arguments");
    given.scenario = argv[1];
    if (scenarios.count(given.scenario) == 0)
        throw std::invalid_argument("unknown scenario " + given.scenario);
    for (int i = 2; i < argc; i += 2) {
        const std::string name = argv[i], value = argv[i + 1];
        if (name == "--port")
            given.connection.port = static_cast<std::uint16_t>(std::stoul(value));
        else if (name == "--store")
            given.connection.store = value;
        else if (name == "--version")
            given.version = known_version(value);
        else if (name == "--sender")
            given.sender = value;
        else if (name == "--target")
            given.target = value;
        else if (name == "--dictionaries")
            given.connection.dictionaries = value;
        else if (name == "--timeout")
            given.timeout_s = std::stoi(value);
        else
            throw std::invalid_argument("unknown option " + name);
    }
    given.connection.log = given.connection.store + "-log";
    if (given.connection.port == 0 || given.connection.store.empty())
        throw std::invalid_argument("--port and --store are needed");
    return given;
}

void print(const seen &now)
{
    std::cout << "snapshots=" << now.snapshots_received << " logons=" << now.logons
              << " logouts_received=" << now.logouts_received << " reports=" << now.reports_received
              << " duplicates=" << now.duplicates_ignored
              << " resend_requests_sent=" << now.resend_requests_sent
              << " resend_requests_received=" << now.resend_requests_received << '\n';
}

int run(const options &given)
{
    counterparty party(given.version, given.sender, given.target,
                       std::chrono::steady_clock::now() + std::chrono::seconds(given.timeout_s));
    int status = EXIT_SUCCESS;
    try {
        scenarios.at(given.scenario)(given, party);
    } catch (const std::exception &error) {
        std::cerr << "quickfix_client: " << given.scenario << ": " << error.what() << '\n';
        status = EXIT_FAILURE;
    }
    print(party.look());
    return status;
}

} // namespace
} // namespace interop

int main(int argc, char **argv)
{
    interop::options given;
    try {
        given = interop::parse(argc, argv);
    } catch (const std::exception &error) {
        std::cerr << "quickfix_client: " << error.what() << '\n' << interop::usage;
        return 2;
    }
    return interop::run(given);
}
