#include "clients/credentials/program_output.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace meshscope::clients {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMostBytes = 1UL << 20U;
constexpr std::chrono::milliseconds kSlice{20};  // between two looks at `stopped`

class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }
    void close() {
        if (number_ >= 0) {
            ::close(std::exchange(number_, -1));
        }
    }

 private:
    int number_;
};

// How a process is begun: only the three standard files, no signal blocked or ignored, in a group
// of its own.
class Beginning {
 public:
    explicit Beginning(int output) {
        posix_spawn_file_actions_init(&files_);
        posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        constexpr int kFlags =
            POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
        posix_spawnattr_setflags(&attributes_, static_cast<short>(kFlags));
    }
    ~Beginning() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    Beginning(const Beginning&) = delete;
    Beginning& operator=(const Beginning&) = delete;

    // 0, else an errno.
    int begin(std::vector<std::string> command, std::vector<std::string> environment, pid_t& pid) {
        const auto pointers = [](std::vector<std::string>& texts) {
            std::vector<char*> out;
            for (std::string& text : texts) {
                out.push_back(text.data());
            }
            out.push_back(nullptr);
            return out;
        };
        std::vector<char*> arguments = pointers(command);
        std::vector<char*> variables = pointers(environment);
        return posix_spawnp(
            &pid, arguments[0], &files_, &attributes_, arguments.data(), variables.data()
        );
    }

 private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& more
) {
    std::vector<std::string> out;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view variable = *at;
        const bool replaced = std::ranges::any_of(more, [&](const auto& one) {
            return variable.starts_with(one.first + "=");
        });
        if (!replaced) {
            out.emplace_back(variable);
        }
    }
    for (const auto& [name, value] : more) {
        out.push_back(name + "=" + value);
    }
    return out;
}

// A process that has been begun; killed with its group when it is not awaited to its end.
class Child {
 public:
    explicit Child(pid_t pid) : pid_(pid) {}
    ~Child() {
        if (!status_) {
            ::kill(-pid_, SIGKILL);
            int ignored = 0;
            ::waitpid(pid_, &ignored, 0);
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    [[nodiscard]] bool has_ended() {
        int status = 0;
        if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
            status_ = status;
        }
        return status_.has_value();
    }
    [[nodiscard]] int status() const { return *status_; }

 private:
    pid_t pid_;
    std::optional<int> status_;
};

// Adds what has come; false at the end.
bool read_more(int from, std::string& out) {
    pollfd waiting{from, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(kSlice.count())) <= 0) {
        return true;
    }
    std::array<char, 4'096> piece{};
    const ssize_t size = ::read(from, piece.data(), piece.size());
    if (size > 0) {
        out.append(piece.data(), static_cast<std::size_t>(size));
    }
    return size > 0 || (size < 0 && errno == EINTR);
}

std::string how_it_ended(int status) {
    return WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status))
                               : "ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<std::string> output_of(
    const Program& program, std::chrono::milliseconds most, const std::function<bool()>& stopped
) {
    const std::string& name = program.command.front();
    const auto failed = [&](const std::string& what) {
        return Error(ErrorKind::kUnavailable, "the program " + name + " " + what);
    };
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return failed(std::string("cannot be started: ") + std::strerror(errno));
    }
    const Descriptor output(ends[0]);
    Descriptor theirs(ends[1]);
    pid_t pid = 0;
    const int error = Beginning(theirs.number())
                          .begin(program.command, environment_with(program.environment), pid);
    theirs.close();
    if (error != 0) {
        return failed(std::string("cannot be started: ") + std::strerror(error));
    }
    Child child(pid);
    std::string text;
    const auto limit = SteadyClock::now() + most;
    for (bool open = true; open || !child.has_ended();) {
        if (stopped()) {
            return Error(ErrorKind::kCancelled, "the server stops");
        }
        if (SteadyClock::now() >= limit) {
            return failed("has not ended after " + std::to_string(most.count()) + " ms");
        }
        if (open) {
            open = read_more(output.number(), text);
        } else {
            std::this_thread::sleep_for(kSlice);
        }
        if (text.size() > kMostBytes) {
            return failed("writes more than 1 MiB");
        }
    }
    if (child.status() != 0) {
        return failed(how_it_ended(child.status()));
    }
    return text;
}

}  // namespace meshscope::clients
