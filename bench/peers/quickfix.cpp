// ringfix-bench-quickfix: QuickFIX's acceptor, answering orders as `ringfixd --app executor` does,
// to be driven by ringfix-bench-drive. No log and no validation, which is the fastest it can be.
#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <netinet/in.h>
#include <quickfix/Application.h>
#include <quickfix/FileStore.h>
#include <quickfix/Session.h>
#include <quickfix/SocketAcceptor.h>
#include <quickfix/ThreadedSocketAcceptor.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace
{

class executor : public FIX::Application
{
  public:
    void onCreate(const FIX::SessionID &) noexcept override
    {
    }
    void onLogon(const FIX::SessionID &) noexcept override
    {
    }
    void onLogout(const FIX::SessionID &) noexcept override
    {
    }
    void toApp(FIX::Message &, const FIX::SessionID &) noexcept override
    {
    }
    void toAdmin(FIX::Message &, const FIX::SessionID &) noexcept override
    {
    }
    void fromAdmin(const FIX::Message &, const FIX::SessionID &) noexcept override
    {
    }
    void fromApp(const FIX::Message &order, const FIX::SessionID &id) noexcept override
    {
        const std::string number = std::to_string(++count_);
        const std::string &quantity = order.getField(FIX::FIELD::OrderQty);
        const std::string &price = order.getField(FIX::FIELD::Price);
        FIX::Message report;
        report.getHeader().setField(FIX::FIELD::MsgType, FIX::MsgType_ExecutionReport);
        report.setField(FIX::FIELD::OrderID, number);
        report.setField(FIX::FIELD::ExecID, number);
        report.setField(FIX::FIELD::ClOrdID, order.getField(FIX::FIELD::ClOrdID));
        report.setField(FIX::FIELD::ExecType, "F");
        report.setField(FIX::FIELD::OrdStatus, "2");
        report.setField(FIX::FIELD::Symbol, order.getField(FIX::FIELD::Symbol));
        report.setField(FIX::FIELD::Side, order.getField(FIX::FIELD::Side));
        report.setField(FIX::FIELD::OrderQty, quantity);
        report.setField(FIX::FIELD::Price, price);
        report.setField(FIX::FIELD::LastQty, quantity);
        report.setField(FIX::FIELD::LastPx, price);
        report.setField(FIX::FIELD::LeavesQty, "0");
        report.setField(FIX::FIELD::CumQty, quantity);
        report.setField(FIX::FIELD::AvgPx, price);
        FIX::Session::sendToTarget(report, id);
    }

  private:
    std::atomic<unsigned long> count_{0};
};

// QuickFIX does not tell which port it got for 0. Somebody else may take this one before it does.
int free_port()
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    const bool is_bound = bind(fd, reinterpret_cast<sockaddr *>(&address), size) == 0 &&
                          getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size) == 0;
    close(fd);
    return is_bound ? ntohs(address.sin_port) : -1;
}

FIX::SessionSettings settings_for(int port, int sessions)
{
    FIX::Dictionary session;
    session.setString(FIX::CONNECTION_TYPE, "acceptor");
    session.setInt(FIX::SOCKET_ACCEPT_PORT, port);
    session.setBool(FIX::SOCKET_NODELAY, true);
    session.setString(FIX::START_TIME, "00:00:00");
    session.setString(FIX::END_TIME, "00:00:00");
    session.setBool(FIX::USE_DATA_DICTIONARY, false);
    FIX::SessionSettings settings;
    for (int i = 1; i <= sessions; i++) {
        settings.set(FIX::SessionID("FIX.4.4", "RINGFIX", "LG" + std::to_string(i)), session);
    }
    return settings;
}

} // namespace

int main(int argc, char **argv)
{
    const int sessions = argc > 2 ? std::atoi(argv[2]) : 0;
    const std::string kind = argc > 1 ? argv[1] : "";
    if (argc > 4 || sessions < 1 || (kind != "one" && kind != "each")) {
        std::cerr
            << "usage: ringfix-bench-quickfix one|each SESSIONS [DIRECTORY]\n\n"
               "Serves FIX.4.4 sessions RINGFIX->LG1, LG2, ... on a free port of 127.0.0.1 and\n"
               "says which, with files in DIRECTORY or in memory; with one thread for all\n"
               "sessions, or one for each. SIGTERM ends it.\n";
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr); // before QuickFIX's thread begins
    try {
        const int port = free_port();
        executor application;
        const FIX::SessionSettings settings = settings_for(port, sessions);
        std::unique_ptr<FIX::MessageStoreFactory> stores;
        if (argc == 4) {
            stores = std::make_unique<FIX::FileStoreFactory>(argv[3]);
        } else {
            stores = std::make_unique<FIX::MemoryStoreFactory>();
        }
        std::unique_ptr<FIX::Acceptor> acceptor;
        if (kind == "one") {
            acceptor = std::make_unique<FIX::SocketAcceptor>(application, *stores, settings);
        } else {
            acceptor =
                std::make_unique<FIX::ThreadedSocketAcceptor>(application, *stores, settings);
        }
        acceptor->start();
        std::cout << "ready port=" << port << std::endl;
        int signal = 0;
        sigwait(&signals, &signal);
        std::_Exit(0); // an orderly stop waits for every session's Logout
    } catch (const std::exception &error) {
        std::cerr << "ringfix-bench-quickfix: " << error.what() << '\n';
        return 1;
    }
}
