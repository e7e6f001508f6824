// A program under the driver's control: its output, its end, and both waited for with deadlines.
#ifndef RINGFIX_TESTS_INTEROP_CHILD_H
#define RINGFIX_TESTS_INTEROP_CHILD_H

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace interop
{

using deadline = std::chrono::steady_clock::time_point;

// Belongs to the main thread: the program is killed when the thread that started it ends.
class child
{
  public:
    // Starts the program of command[0]. Throws std::system_error; a program that cannot be
    // executed ends with status 127.
    explicit child(const std::vector<std::string> &command);
    // Kills the program if it still runs.
    ~child();
    child(const child &) = delete;
    child &operator=(const child &) = delete;

    // Waits for a line of the output that starts with `prefix` and returns it whole.
    // Nothing: the output ended or the deadline passed.
    std::optional<std::string> await_line(const std::string &prefix, deadline until);
    // Waits for the end; returns the status as waitpid() gives it. Nothing: the deadline passed.
    std::optional<int> await_exit(deadline until);
    void terminate();
    // What it has written to stdout and stderr so far.
    std::string output();

  private:
    void read_output();

    pid_t pid_ = -1;
    int pid_fd_ = -1;
    int output_fd_ = -1;
    std::optional<int> status_;

    std::mutex mutex_; // guards the next three
    std::condition_variable changed_;
    std::string output_;
    bool ended_ = false;

    std::thread reader_;
};

} // namespace interop

#endif
