#include "business/login_attempts.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <list>
#include <mutex>
#include <unordered_map>

namespace meshscope::business {

namespace {

constexpr std::chrono::seconds kWindow{60};
constexpr std::size_t kMostAddresses = 10'000;
constexpr std::size_t kNetwork =
    8;  // bytes of an IPv6 address that one site can choose freely from

// What counts as one address.
std::string counted(std::string_view address) {
    std::array<char, 16> bytes{};
    const std::string text(address);
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) {
        return text;
    }
    const std::string_view raw(bytes.data(), bytes.size());
    constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    return to_hex(raw.starts_with(kMapped) ? raw : raw.substr(0, kNetwork));
}

}  // namespace

struct LoginAttempts::State {
    State(const Clock& clock_in, std::size_t failures_in)
        : clock(clock_in), most_failures(failures_in) {}

    using Idle = std::list<std::string_view>;
    struct Group {
        std::size_t parts = 0;
        bool failed = false;
    };
    struct Address {
        std::size_t failures = 0;
        SteadyTime since{};                                // of the first failure
        std::unordered_map<std::string, Group> under_way;  // by token
        Idle::iterator idle;                               // when nothing is under way
    };

    // All with the mutex held. An address whose minute is over begins anew.
    Address* find(const std::string& address) {
        const auto found = addresses.find(address);
        if (found == addresses.end()) {
            return nullptr;
        }
        Address& known = found->second;
        if (known.failures > 0 && clock.steady_now() - known.since >= kWindow) {
            known.failures = 0;
        }
        return &known;
    }
    bool make_room() {
        if (addresses.size() < kMostAddresses) {
            return true;
        }
        if (idle.empty()) {
            return false;
        }
        addresses.erase(std::string(idle.front()));
        idle.pop_front();
        return true;
    }
    // Null: not now.
    Address* admit(const std::string& address, const std::string& token) {
        Address* known = find(address);
        if (known == nullptr) {
            return most_failures > 0 && make_room() ? &addresses[address] : nullptr;
        }
        const bool joins = known->under_way.contains(token);
        if (!joins && known->failures + known->under_way.size() >= most_failures) {
            return nullptr;
        }
        if (known->under_way.empty()) {
            idle.erase(known->idle);
        }
        return known;
    }
    void end(const std::string& address, const std::string& token, bool failed) {
        Address& known = *find(address);  // kept while something is under way
        const auto group = known.under_way.find(token);
        group->second.failed = group->second.failed || failed;
        if (--group->second.parts > 0) {
            return;
        }
        if (group->second.failed && known.failures++ == 0) {
            known.since = clock.steady_now();
        }
        known.under_way.erase(group);
        if (known.under_way.empty() && known.failures == 0) {
            addresses.erase(address);
        } else if (known.under_way.empty()) {
            known.idle = idle.insert(idle.end(), addresses.find(address)->first);
        }
    }

    const Clock& clock;
    const std::size_t most_failures;
    mutable std::mutex mutex;
    std::unordered_map<std::string, Address> addresses;
    Idle idle;  // keys of addresses with nothing under way, what tried longest ago first
};

LoginAttempts::LoginAttempts(const Clock& clock, std::size_t failures)
    : state_(std::make_shared<State>(clock, failures)) {}

LoginAttempts::Try LoginAttempts::begin(std::string_view address, std::string_view token) {
    Try attempt;
    attempt.address_ = counted(address);
    attempt.token_ = token;
    const std::scoped_lock lock(state_->mutex);
    if (State::Address* known = state_->admit(attempt.address_, attempt.token_)) {
        ++known->under_way[attempt.token_].parts;
        attempt.state_ = state_;
    }
    return attempt;
}

std::chrono::seconds LoginAttempts::wait(std::string_view address) const {
    const std::scoped_lock lock(state_->mutex);
    const State::Address* known = state_->find(counted(address));
    if (known == nullptr || known->failures < state_->most_failures) {
        return std::chrono::seconds(1);
    }
    const auto left = known->since + kWindow - state_->clock.steady_now();
    return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(1));
}

LoginAttempts::Try::~Try() {
    if (!state_) {
        return;
    }
    const std::scoped_lock lock(state_->mutex);
    state_->end(address_, token_, failed_);
}

void LoginAttempts::Try::failed() { failed_ = true; }

}  // namespace meshscope::business
