#include "child.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern "C" { // which glibc 2.36 forgot in there
#include <sys/pidfd.h>
}

namespace interop
{
namespace
{

[[noreturn]] void fail(const char *call)
{
    throw std::system_error(errno, std::generic_category(), call);
}

int milliseconds_to(deadline until)
{
    using namespace std::chrono;
    const auto left = ceil<milliseconds>(until - steady_clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
}

// Between fork and exec: only calls that are safe after fork in a program with threads.
[[noreturn]] void become(char *const argv[], pid_t parent, int output_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && dup2(output_fd, STDOUT_FILENO) >= 0 &&
        dup2(output_fd, STDERR_FILENO) >= 0)
        execv(argv[0], argv);
    _exit(127);
}

} // namespace

child::child(const std::vector<std::string> &command)
{
    std::vector<std::string> copy = command;
    std::vector<char *> argv;
    for (std::string &argument : copy)
        argv.push_back(argument.data());
    argv.push_back(nullptr);

    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        fail("pipe2");
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0)
        become(argv.data(), parent, ends[1]);
    close(ends[1]);
    output_fd_ = ends[0];
    if (pid_ < 0)
        fail("fork");
    pid_fd_ = pidfd_open(pid_, 0);
    if (pid_fd_ < 0)
        fail("pidfd_open");
    reader_ = std::thread(&child::read_output, this);
}

child::~child()
{
    if (!status_) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    reader_.join();
    close(output_fd_);
    close(pid_fd_);
}

void child::read_output()
{
    std::array<char, 4096> buffer;
    ssize_t size;
    while ((size = read(output_fd_, buffer.data(), buffer.size())) > 0) {
        const std::lock_guard<std::mutex> lock(mutex_);
        output_.append(buffer.data(), static_cast<std::size_t>(size));
        changed_.notify_all();
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

std::optional<std::string> child::await_line(const std::string &prefix, deadline until)
{
    std::optional<std::string> line;
    const auto find = [&] {
        std::size_t start = 0, end;
        while (!line && (end = output_.find('\n', start)) != std::string::npos) {
            if (output_.compare(start, prefix.size(), prefix) == 0)
                line = output_.substr(start, end - start);
            start = end + 1;
        }
        return line || ended_;
    };
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_until(lock, until, find);
    return line;
}

std::optional<int> child::await_exit(deadline until)
{
    pollfd ended{pid_fd_, POLLIN, 0};
    while (!status_) {
        const int ready = poll(&ended, 1, milliseconds_to(until));
        if (ready < 0 && errno != EINTR)
            fail("poll");
        if (ready == 0)
            break;
        int status;
        if (ready > 0 && waitpid(pid_, &status, 0) == pid_)
            status_ = status;
    }
    return status_;
}

void child::terminate()
{
    if (!status_)
        kill(pid_, SIGTERM);
}

std::string child::output()
{
    std::unique_lock<std::mutex> lock(mutex_);
    // What a program wrote before it ended may still be on its way through the pipe.
    if (status_)
        changed_.wait(lock, [&] { return ended_; });
    return output_;
}

} // namespace interop
