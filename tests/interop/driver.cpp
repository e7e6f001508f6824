// Runs one client against one server: waits until the server is ready, runs the client to its end
// and stops the server. All three must go well; otherwise everything they logged is shown.
//
// usage: interop_driver SERVER [ARGUMENT...] -- CLIENT [ARGUMENT...]
//
// In the arguments {dir} stands for a new directory that is removed in the end, {config} for a
// configuration of ringfixd in it, {port} for the port of the server's line `ready port=N`.
#include "child.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <sys/wait.h>

namespace interop
{
namespace
{

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Together less than the TIMEOUT of the tests, so that a failure shows its logs.
constexpr auto ready_max = 20s;
constexpr auto client_max = 70s;
constexpr auto stop_max = 20s;
constexpr auto last_words_max = 5s; // of the server, when the test has failed anyway
constexpr std::size_t log_lines_max = 60;

using words = std::vector<std::string>;

class temporary_directory
{
  public:
    temporary_directory()
    {
        std::string name = (fs::temp_directory_path() / "ringfix-interop-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("cannot create " + name);
        path_ = name;
    }
    temporary_directory(const temporary_directory &) = delete;
    temporary_directory &operator=(const temporary_directory &) = delete;
    ~temporary_directory()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    const fs::path &path() const
    {
        return path_;
    }

  private:
    fs::path path_;
};

void write_configuration(const fs::path &file, const fs::path &journal)
{
    std::ofstream config(file);
    config << "[DEFAULT]\n"
              "ConnectionType=acceptor\n"
              "SenderCompID=RINGFIX\n"
              "SocketAcceptPort=0\n"
              "JournalPath="
           << journal.string() << "\nHeartBtInt=30\n";
    for (const char *version : {"FIX.4.0", "FIX.4.1", "FIX.4.2", "FIX.4.3", "FIX.4.4", "FIXT.1.1"})
        config << "[SESSION]\nBeginString=" << version << "\nTargetCompID=*\nAcceptorTemplate=Y\n";
    config << "DefaultApplVerID=FIX.5.0SP2\n"; // of the last one; the Logon may say another
    if (!config.flush())
        throw std::runtime_error("cannot write " + file.string());
}

words expand(words command, const std::map<std::string, std::string> &values)
{
    for (std::string &word : command)
        for (const auto &[name, value] : values)
            for (std::size_t at; (at = word.find(name)) != std::string::npos;)
                word.replace(at, name.size(), value);
    return command;
}

// The number after `port=`, as text.
std::string port_of(const std::string &ready)
{
    const std::string name = "port=";
    const std::size_t at = ready.find(name);
    if (at == std::string::npos)
        throw std::runtime_error("no port in the server's line: " + ready);
    const std::size_t start = at + name.size();
    return ready.substr(start, ready.find_first_not_of("0123456789", start) - start);
}

std::string describe(int status)
{
    if (WIFSIGNALED(status))
        return "ended by signal " + std::to_string(WTERMSIG(status));
    return "ended with " + std::to_string(WEXITSTATUS(status));
}

void require_success(child &program, const std::string &name, std::chrono::seconds limit)
{
    const std::optional<int> status = program.await_exit(std::chrono::steady_clock::now() + limit);
    if (!status)
        throw std::runtime_error(name + " still runs after " + std::to_string(limit.count()) +
                                 " s");
    if (*status != 0)
        throw std::runtime_error(name + ' ' + describe(*status));
}

void show_tail(const fs::path &file)
{
    std::ifstream stream(file);
    std::deque<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        std::replace(line.begin(), line.end(), '\001', '|');
        lines.push_back(line);
        if (lines.size() > log_lines_max)
            lines.pop_front();
    }
    std::cerr << "--- the end of " << file.filename().string() << '\n';
    for (const std::string &line : lines)
        std::cerr << line << '\n';
}

void show_logs(const fs::path &directory)
{
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(directory))
        if (entry.is_regular_file() && entry.path().extension() == ".log" && entry.file_size() > 0)
            show_tail(entry.path());
}

void play(const words &server_command, const words &client_command, const fs::path &directory)
{
    const fs::path config = directory / "ringfixd.cfg";
    write_configuration(config, directory / "journal");
    std::map<std::string, std::string> values = {{"{dir}", directory.string()},
                                                 {"{config}", config.string()}};
    child server(expand(server_command, values));
    std::optional<child> client;
    try {
        const auto ready =
            server.await_line("ready ", std::chrono::steady_clock::now() + ready_max);
        if (!ready)
            throw std::runtime_error("the server does not get ready");
        values["{port}"] = port_of(*ready);
        client.emplace(expand(client_command, values));
        require_success(*client, "the client", client_max);
        server.terminate();
        require_success(server, "the server, after SIGTERM,", stop_max);
    } catch (const std::exception &) {
        const std::optional<int> status = server.await_exit(std::chrono::steady_clock::now());
        server.terminate();
        server.await_exit(std::chrono::steady_clock::now() + last_words_max);
        std::cerr << "--- the server " << (status ? describe(*status) : "still ran") << '\n'
                  << server.output();
        if (client)
            std::cerr << "--- the client\n" << client->output();
        show_logs(directory);
        throw;
    }
    std::cout << server.output() << client->output();
}

} // namespace
} // namespace interop

int main(int argc, char **argv)
{
    const interop::words arguments(argv + 1, argv + argc);
    const auto middle = std::find(arguments.begin(), arguments.end(), "--");
    if (middle == arguments.begin() || arguments.end() - middle < 2) {
        std::cerr << "usage: interop_driver SERVER [ARGUMENT...] -- CLIENT [ARGUMENT...]\n";
        return 2;
    }
    try {
        const interop::temporary_directory directory;
        interop::play({arguments.begin(), middle}, {middle + 1, arguments.end()}, directory.path());
    } catch (const std::exception &error) {
        std::cerr << "interop_driver: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
