#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace meshscope::bench {

// A child process; ended with SIGTERM, after 5 seconds with SIGKILL. What goes wrong throws
// std::runtime_error: a benchmark that cannot measure ends.
class Child {
 public:
    explicit Child(const std::vector<std::string>& command);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // User and system time of the whole process so far, all its threads, in ms.
    [[nodiscard]] double cpu_ms() const;
    // From /proc/PID/status, in MB (10^6 bytes).
    [[nodiscard]] double resident_mb() const;
    [[nodiscard]] double peak_mb() const;
    // peak_mb() begins anew at what is resident now.
    void forget_peak() const;
    // Ends it and gives the same time as getrusage saw it (wait4).
    double stop();

 private:
    [[nodiscard]] double status_mb(std::string_view field) const;

    pid_t pid_ = -1;
};

// A port of the loopback interface that is free now.
std::uint16_t free_port();
// Waits at most a minute until something accepts connections there.
void wait_for_port(std::uint16_t port);

}  // namespace meshscope::bench
