#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope::business {

// Bounds how many tokens one address may try that turn out to be bad: `failures` a minute, those
// under way counted. An IPv6 address counts with its whole /64. Remembers at most 10 000 addresses;
// when there are more, the one that tried longest ago is forgotten, and its failures with it: many
// addresses must not lock out everybody else. Thread-safe.
class LoginAttempts {
    struct State;

 public:
    LoginAttempts(const Clock& clock, std::size_t failures);

    // A part in one try; ends with the object.
    class Try {
     public:
        Try() = default;
        Try(Try&&) noexcept = default;
        Try& operator=(Try&&) = delete;
        Try(const Try&) = delete;
        Try& operator=(const Try&) = delete;
        ~Try();
        explicit operator bool() const { return state_ != nullptr; }  // false: not allowed now
        void failed();

     private:
        friend class LoginAttempts;
        std::shared_ptr<State> state_;
        std::string address_;
        std::string token_;
        bool failed_ = false;
    };
    // `token`: a hash of what is tried. What an address tries several times at once counts once.
    [[nodiscard]] Try begin(std::string_view address, std::string_view token);

    // How long an address that is not allowed now should wait, 1 s at least.
    [[nodiscard]] std::chrono::seconds wait(std::string_view address) const;

 private:
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::business
