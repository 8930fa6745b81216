#pragma once

#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace meshscope::app {

// Where `meshscope --support-bundle` finds the server that runs beside it: a local socket with a
// name and no file (the root of a container is read-only), named after the server's port. Only
// processes of the same user, and root, are given anything.
class SupportPort {
 public:
    // `bytes` is called on a thread of its own for each caller, one after the other. kUnavailable:
    // the socket cannot be had.
    static Result<std::unique_ptr<SupportPort>> open(
        std::uint16_t port, std::function<std::string()> bytes
    );
    ~SupportPort();  // waits for the caller that is being served, some seconds at most
    SupportPort(const SupportPort&) = delete;
    SupportPort& operator=(const SupportPort&) = delete;

 private:
    SupportPort(int listening, int stopped, std::function<std::string()> bytes);
    void run();

    const int listening_;
    const int stopped_;  // readable when the thread is to end
    const std::function<std::string()> bytes_;
    std::thread thread_;
};

// What the server on that port gives. kUnavailable: there is none of this user.
Result<std::string> ask_support_port(std::uint16_t port, std::chrono::milliseconds patience);

}  // namespace meshscope::app
