#include "tests/bench/process.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <chrono>
#include <fstream>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <time.h>
#include <unistd.h>

extern char** environ;

namespace meshscope::bench {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

double ms_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

}  // namespace

Child::Child(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& part : command) {
        arguments.push_back(const_cast<char*>(part.c_str()));
    }
    arguments.push_back(nullptr);
    if (posix_spawn(&pid_, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
        throw std::runtime_error("cannot start " + command.front());
    }
}

Child::~Child() { stop(); }

double Child::cpu_ms() const {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) {
        throw std::runtime_error("a measured process has ended");
    }
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double Child::status_mb(std::string_view field) const {
    std::ifstream file(fmt::format("/proc/{}/status", pid_));
    std::string line;
    while (std::getline(file, line)) {
        if (line.starts_with(field)) {
            return std::stod(line.substr(field.size())) * 1024 / 1e6;
        }
    }
    throw std::runtime_error("a measured process has ended");
}

double Child::resident_mb() const { return status_mb("VmRSS:"); }
double Child::peak_mb() const { return status_mb("VmHWM:"); }

void Child::forget_peak() const { std::ofstream(fmt::format("/proc/{}/clear_refs", pid_)) << "5"; }

double Child::stop() {
    if (pid_ < 0) {
        return 0;
    }
    kill(pid_, SIGTERM);
    rusage usage{};
    int status = 0;
    for (int i = 0; i < 500 && wait4(pid_, &status, WNOHANG, &usage) == 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        if (i == 499) {
            kill(pid_, SIGKILL);
            wait4(pid_, &status, 0, &usage);
        }
    }
    pid_ = -1;
    return ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
}

std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (fd < 0 || bind(fd, raw, size) != 0 || getsockname(fd, raw, &size) != 0) {
        throw std::runtime_error("no free port");
    }
    close(fd);
    return ntohs(address.sin_port);
}

void wait_for_port(std::uint16_t port) {
    for (int i = 0; i < 6000; ++i) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in address = loopback(port);
        const int failed =
            connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
        close(fd);
        if (failed == 0) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error(fmt::format("nothing listens on port {}", port));
}

}  // namespace meshscope::bench
