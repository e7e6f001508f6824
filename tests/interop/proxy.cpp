#include "proxy.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace interop
{
namespace
{

constexpr std::size_t pending_max = 1u << 20; // a side that reads no more stops the other one here

[[noreturn]] void fail(const char *call)
{
    throw std::runtime_error(std::string("proxy: ") + call + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

descriptor open_listener()
{
    descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    if (bind(listener.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        fail("bind");
    if (listen(listener.get(), 16) != 0)
        fail("listen");
    return listener;
}

// A descriptor of -1 when the server does not accept.
descriptor connect_to(std::uint16_t port)
{
    descriptor server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(port);
    if (connect(server.get(), reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        return descriptor();
    return server;
}

way other(way where)
{
    return where == to_server ? to_client : to_server;
}

} // namespace

descriptor::~descriptor()
{
    if (fd_ >= 0)
        close(fd_);
}

// All are indexed by `way`: a socket, what waits to be sent to it, whether its peer has closed.
struct proxy::connection {
    connection(descriptor server, descriptor client)
        : sockets{{std::move(server), std::move(client)}}
    {
    }
    std::array<descriptor, 2> sockets;
    std::array<std::string, 2> pending;
    std::array<bool, 2> closed{};
};

proxy::proxy(std::uint16_t server_port, client_close on_client_close)
    : server_port_(server_port), on_client_close_(on_client_close), listener_(open_listener()),
      wake_(eventfd(0, EFD_CLOEXEC))
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (getsockname(listener_.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0)
        fail("getsockname");
    if (wake_.get() < 0)
        fail("eventfd");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread(&proxy::run, this);
}

proxy::~proxy()
{
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        stopping_ = true;
    }
    wake();
    thread_.join();
}

void proxy::wake()
{
    const std::uint64_t one = 1;
    if (write(wake_.get(), &one, sizeof one) != sizeof one)
        fail("write to the eventfd");
}

void proxy::drop(way where)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    dropping_[where] = true;
}

bool proxy::await_lost(way where, const std::string &msg_type, unsigned count, deadline until)
{
    const std::string field = "\00135=" + msg_type + '\001';
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_until(lock, until, [&] {
        unsigned found = 0; // counted in the whole, for a read may end within the field
        for (std::size_t at = 0; (at = lost_[where].find(field, at)) != std::string::npos; ++at)
            ++found;
        return found >= count;
    });
}

bool proxy::cut(deadline until)
{
    std::unique_lock<std::mutex> lock(mutex_);
    cut_requested_ = true;
    wake();
    return changed_.wait_until(lock, until, [&] { return !cut_requested_; });
}

bool proxy::await_server_closed(deadline until)
{
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_until(lock, until, [&] { return server_closed_; });
}

void proxy::run()
{
    for (;;) {
        std::array<pollfd, 2> polled{{{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}}};
        if (poll(polled.data(), polled.size(), -1) < 0)
            fail("poll");
        if (polled[0].revents != 0 && !handle_wake(nullptr))
            return;
        if (polled[1].revents == 0)
            continue;
        descriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        descriptor server = connect_to(server_port_);
        if (client.get() < 0 || server.get() < 0)
            continue; // the client sees its connection closed
        connection link(std::move(server), std::move(client));
        relay(link);
    }
}

void proxy::relay(connection &link)
{
    // Delayed by Nagle's algorithm, what is to be lost would arrive at another time than it was
    // sent.
    const int on = 1;
    for (const descriptor &fd : link.sockets)
        setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    while (move_bytes(link) && !finished(link))
        continue;
    const std::lock_guard<std::mutex> lock(mutex_);
    dropping_ = {};
}

// One wait and what it brought. false: the connection has been cut, or the proxy is to stop.
bool proxy::move_bytes(connection &link)
{
    std::array<pollfd, 3> polled{{{-1, 0, 0}, {-1, 0, 0}, {wake_.get(), POLLIN, 0}}};
    for (const way side : {to_server, to_client}) {
        pollfd &entry = polled[side];
        if (link.closed[side])
            continue; // a negative descriptor is not polled
        entry.fd = link.sockets[side].get();
        if (!link.pending[side].empty())
            entry.events |= POLLOUT;
        if (link.pending[other(side)].size() < pending_max)
            entry.events |= POLLIN;
    }
    if (poll(polled.data(), polled.size(), -1) < 0)
        fail("poll");
    if (polled[2].revents != 0 && !handle_wake(&link))
        return false;
    for (const way side : {to_server, to_client}) {
        if ((polled[side].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            receive_for(link, other(side));
        if ((polled[side].revents & POLLOUT) != 0)
            send_pending(link, side);
    }
    return true;
}

void proxy::receive_for(connection &link, way where)
{
    const way source = other(where);
    std::array<char, 16384> buffer;
    const ssize_t size =
        recv(link.sockets[source].get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (size <= 0) {
        link.closed[source] = true;
        server_closed_ = server_closed_ || source == to_server;
    } else if (dropping_[where]) {
        lost_[where].append(buffer.data(), static_cast<std::size_t>(size));
    } else {
        link.pending[where].append(buffer.data(), static_cast<std::size_t>(size));
    }
    changed_.notify_all();
}

void proxy::send_pending(connection &link, way where)
{
    std::string &pending = link.pending[where];
    const ssize_t size = send(link.sockets[where].get(), pending.data(), pending.size(),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size > 0)
        pending.erase(0, static_cast<std::size_t>(size));
    else if (size < 0 && errno != EAGAIN && errno != EINTR)
        pending.clear(); // the peer is gone, which the next receive from it tells
}

// A side that has closed ends the connection once its last bytes are delivered.
bool proxy::finished(const connection &link) const
{
    if (link.closed[to_server])
        return link.pending[to_client].empty() || link.closed[to_client];
    return link.closed[to_client] && link.pending[to_server].empty() &&
           on_client_close_ == client_close::forward;
}

// Serves what another thread asked for. false: the connection, if there is one, is to end.
bool proxy::handle_wake(connection *link)
{
    std::uint64_t count;
    if (read(wake_.get(), &count, sizeof count) != sizeof count)
        fail("read from the eventfd");
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
        wake(); // for run(), which returns on it too
        return false;
    }
    const bool cut = cut_requested_;
    if (cut && link != nullptr) {
        const linger abort{1, 0};
        for (descriptor &fd : link->sockets) {
            if (setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort) != 0)
                fail("SO_LINGER");
            const descriptor reset(std::move(fd));
        }
    }
    cut_requested_ = false;
    changed_.notify_all();
    return link == nullptr || !cut;
}

} // namespace interop
