// A TCP proxy between a client and a server on the loopback that loses bytes on request.
#ifndef RINGFIX_TESTS_INTEROP_PROXY_H
#define RINGFIX_TESTS_INTEROP_PROXY_H

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace interop
{

using deadline = std::chrono::steady_clock::time_point;

// Where bytes travel to.
enum way { to_server = 0, to_client = 1 };

// What becomes of the server's connection when the client closes its own. `hold` leaves it open,
// so that it shows whether the server closes by itself.
enum class client_close { forward, hold };

// A file descriptor that closes itself.
class descriptor
{
  public:
    explicit descriptor(int fd = -1) : fd_(fd)
    {
    }
    descriptor(descriptor &&other) noexcept : fd_(other.fd_)
    {
        other.fd_ = -1;
    }
    descriptor(const descriptor &) = delete;
    ~descriptor();
    int get() const
    {
        return fd_;
    }

  private:
    int fd_;
};

// Serves one connection at a time on a thread of its own; later ones wait in the backlog.
// The public functions may be called from any thread. Errors throw std::runtime_error.
class proxy
{
  public:
    explicit proxy(std::uint16_t server_port, client_close on_client_close = client_close::forward);
    ~proxy();
    proxy(const proxy &) = delete;
    proxy &operator=(const proxy &) = delete;

    std::uint16_t port() const
    {
        return port_;
    }
    // Until the connection ends, nothing received from now on travels on to there.
    void drop(way where);
    // Waits until messages of this MsgType(35) were lost on that way since its drop().
    // false: the deadline passed. One message cut in two by a read may go uncounted.
    bool await_lost(way where, const std::string &msg_type, unsigned count, deadline until);
    // Ends the connection with a reset on both sides, and then forwards the next ones untouched.
    bool cut(deadline until);
    // Waits until the server has closed, or has already closed, any of the connections.
    bool await_server_closed(deadline until);

  private:
    struct connection;

    void run();
    void relay(connection &link);
    bool move_bytes(connection &link);
    void receive_for(connection &link, way where);
    void send_pending(connection &link, way where);
    bool finished(const connection &link) const;
    bool handle_wake(connection *link);
    void wake();

    const std::uint16_t server_port_;
    const client_close on_client_close_;
    descriptor listener_;
    descriptor wake_;
    std::uint16_t port_ = 0;

    std::mutex mutex_; // guards everything below but thread_
    std::condition_variable changed_;
    std::array<bool, 2> dropping_{};
    std::array<std::string, 2> lost_;
    bool cut_requested_ = false;
    bool server_closed_ = false;
    bool stopping_ = false;

    std::thread thread_;
};

} // namespace interop

#endif
