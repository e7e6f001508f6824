// A QuickFIX acceptor that answers each NewOrderSingle(D) with an ExecutionReport(8), and market
// data with market data. It prints
// `ready port=N` when it accepts, and ends with 0 on SIGTERM if it saw what it was to expect.
#include "dictionaries.h"
#include "snapshot.h"

#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <quickfix/Application.h>
#include <quickfix/Session.h>
#include <quickfix/SocketAcceptor.h>
#include <set>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace interop
{
namespace
{

constexpr int port_attempts = 20;

struct options {
    interop_version version = *interop_version_of("FIX.4.4");
    std::string sender = "QFACC";
    std::string target = "LG1";
    std::string dictionaries; // directory, "" for none
    long expect = -1;         // orders, each with a ClOrdID of its own; negative: any number
};

// Callbacks come from QuickFIX's one thread; the rest is read after it has ended.
class executor : public FIX::Application
{
  public:
    explicit executor(int version) : version_(version)
    {
    }
    void onCreate(const FIX::SessionID &) noexcept override
    {
    }
    void onLogon(const FIX::SessionID &) noexcept override
    {
    }
    void onLogout(const FIX::SessionID &) noexcept override
    {
    }
    void toApp(FIX::Message &message, const FIX::SessionID &) noexcept override
    {
        note_reject(message, "QuickFIX refuses: ");
    }
    void toAdmin(FIX::Message &message, const FIX::SessionID &) noexcept override
    {
        note_reject(message, "QuickFIX rejects: ");
    }
    void fromAdmin(const FIX::Message &message, const FIX::SessionID &) noexcept override
    {
        note_reject(message, "the initiator rejects: ");
    }
    void fromApp(const FIX::Message &message, const FIX::SessionID &id) noexcept override;

    // Whether all went well; tells on stdout and stderr.
    bool verdict(long expect) const;

  private:
    void note_reject(const FIX::Message &message, const char *who);
    void answer(const FIX::Message &order, const FIX::SessionID &id);
    void answer_snapshot(const FIX::Message &snapshot, const FIX::SessionID &id);

    const int version_;
    std::set<std::string> orders_; // their ClOrdIDs
    std::string fault_;            // the first one
};

void executor::note_reject(const FIX::Message &message, const char *who)
{
    const std::string type = message.getHeader().getField(FIX::FIELD::MsgType);
    if ((type == FIX::MsgType_Reject || type == FIX::MsgType_BusinessMessageReject) &&
        fault_.empty())
        fault_ = who + message.toString();
}

void executor::fromApp(const FIX::Message &message, const FIX::SessionID &id) noexcept
{
    try {
        const std::string type = message.getHeader().getField(FIX::FIELD::MsgType);
        if (type == FIX::MsgType_MarketDataSnapshotFullRefresh)
            return answer_snapshot(message, id);
        if (type != FIX::MsgType_NewOrderSingle)
            throw std::runtime_error("unexpected message " + message.toString());
        if (!orders_.insert(message.getField(FIX::FIELD::ClOrdID)).second)
            throw std::runtime_error("order seen twice: " + message.toString());
        answer(message, id);
    } catch (const std::exception &error) {
        if (fault_.empty())
            fault_ = error.what();
    }
}

void executor::answer_snapshot(const FIX::Message &snapshot, const FIX::SessionID &id)
{
    const std::string text = read_snapshot(snapshot);
    if (text != interop_snapshot_text(version_))
        throw std::runtime_error("the market data reads: " + text);
    FIX::Message answer = make_snapshot(version_);
    FIX::Session::sendToTarget(answer, id);
}

void executor::answer(const FIX::Message &order, const FIX::SessionID &id)
{
    const std::string number = std::to_string(orders_.size());
    FIX::Message report;
    report.getHeader().setField(FIX::FIELD::MsgType, FIX::MsgType_ExecutionReport);
    report.setField(FIX::FIELD::OrderID, "O" + number);
    report.setField(FIX::FIELD::ExecID, number); // FIX.4.0 wants an int
    report.setField(FIX::FIELD::ClOrdID, order.getField(FIX::FIELD::ClOrdID));
    report.setField(FIX::FIELD::Symbol, order.getField(FIX::FIELD::Symbol));
    report.setField(FIX::FIELD::Side, order.getField(FIX::FIELD::Side));
    report.setField(FIX::FIELD::OrderQty, order.getField(FIX::FIELD::OrderQty));
    report.setField(FIX::FIELD::CumQty, "0");
    report.setField(FIX::FIELD::AvgPx, "0");
    report.setField(FIX::FIELD::OrdStatus, "0");
    if (version_ >= INTEROP_FIX41) {
        report.setField(FIX::FIELD::LeavesQty, order.getField(FIX::FIELD::OrderQty));
        report.setField(FIX::FIELD::ExecType, "0");
    }
    if (version_ <= INTEROP_FIX41) {
        report.setField(FIX::FIELD::LastShares, "0");
        report.setField(FIX::FIELD::LastPx, "0");
    }
    if (version_ <= INTEROP_FIX42)
        report.setField(FIX::FIELD::ExecTransType, "0");
    FIX::Session::sendToTarget(report, id);
}

bool executor::verdict(long expect) const
{
    std::cout << "orders=" << orders_.size() << '\n';
    if (!fault_.empty())
        std::cerr << "quickfix_acceptor: " << fault_ << '\n';
    const bool complete = expect < 0 || orders_.size() == static_cast<std::size_t>(expect);
    if (!complete)
        std::cerr << "quickfix_acceptor: expected " << expect << " orders\n";
    return complete && fault_.empty();
}

// QuickFIX does not tell which port it got for 0. Somebody else may take this one before it does.
int free_port()
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    const bool bound = bind(fd, reinterpret_cast<sockaddr *>(&address), size) == 0 &&
                       getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0;
    close(fd);
    if (!bound)
        throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

FIX::SessionSettings settings_for(const options &given, int port)
{
    FIX::Dictionary session;
    session.setString(FIX::CONNECTION_TYPE, "acceptor");
    session.setInt(FIX::SOCKET_ACCEPT_PORT, port);
    session.setBool(FIX::SOCKET_NODELAY, true);
    session.setString(FIX::START_TIME, "00:00:00");
    session.setString(FIX::END_TIME, "00:00:00");
    set_dictionaries(session, given.version, given.dictionaries);
    FIX::SessionSettings settings;
    settings.set(FIX::SessionID(given.version.begin_string, given.sender, given.target), session);
    return settings;
}

// An acceptor keeps references to what it was made of.
struct acceptor {
    acceptor(const options &given, executor &application, int port_)
        : port(port_), settings(settings_for(given, port_)), engine(application, stores, settings)
    {
        engine.start();
    }
    ~acceptor()
    {
        engine.stop();
    }
    const int port;
    FIX::MemoryStoreFactory stores;
    FIX::SessionSettings settings;
    FIX::SocketAcceptor engine;
};

std::unique_ptr<acceptor> start(const options &given, executor &application)
{
    for (int attempt = 1;; ++attempt) {
        try {
            return std::make_unique<acceptor>(given, application, free_port());
        } catch (const FIX::RuntimeError &) {
            if (attempt == port_attempts)
                throw;
        }
    }
}

options parse(int argc, char **argv)
{
    options given;
    if (argc % 2 == 0)
        throw std::invalid_argument("wrong number of arguments");
    for (int i = 1; i < argc; i += 2) {
        const std::string name = argv[i], value = argv[i + 1];
        if (name == "--version")
            given.version = known_version(value);
        else if (name == "--sender")
            given.sender = value;
        else if (name == "--target")
            given.target = value;
        else if (name == "--dictionaries")
            given.dictionaries = value;
        else if (name == "--expect")
            given.expect = std::stol(value);
        else
            throw std::invalid_argument("unknown option " + name);
    }
    return given;
}

bool serve(const options &given)
{
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr); // before QuickFIX starts its thread

    executor application(given.version.number);
    {
        const std::unique_ptr<acceptor> running = start(given, application);
        std::cout << "ready port=" << running->port << std::endl;
        int signal;
        sigwait(&stop, &signal);
    }
    return application.verdict(given.expect);
}

} // namespace
} // namespace interop

int main(int argc, char **argv)
{
    try {
        return interop::serve(interop::parse(argc, argv)) ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const std::exception &error) {
        std::cerr << "quickfix_acceptor: " << error.what()
                  << "\nusage: quickfix_acceptor [--version FIX.4.4] [--sender QFACC]"
                     " [--target LG1] [--dictionaries DIRECTORY] [--expect ORDERS]\n";
        return 2;
    }
}
