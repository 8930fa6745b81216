#include "business/login_attempts.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <iterator>
#include <mutex>
#include <utility>

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

    struct Address {
        std::size_t failures = 0;
        std::size_t under_way = 0;
        SteadyTime since{};  // of the first failure
    };

    // With the mutex held. Those whose minute is over begin anew.
    Address* find(const std::string& address) {
        const auto found = addresses.find(address);
        if (found == addresses.end()) {
            return nullptr;
        }
        refresh(found->second);
        return &found->second;
    }
    void refresh(Address& address) const {
        if (address.failures > 0 && clock.steady_now() - address.since >= kWindow) {
            address.failures = 0;
        }
    }
    bool make_room() {
        if (addresses.size() >= kMostAddresses) {
            for (auto at = addresses.begin(); at != addresses.end();) {
                refresh(at->second);
                const bool idle = at->second.failures == 0 && at->second.under_way == 0;
                at = idle ? addresses.erase(at) : std::next(at);
            }
        }
        return addresses.size() < kMostAddresses;
    }

    const Clock& clock;
    const std::size_t most_failures;
    mutable std::mutex mutex;
    std::unordered_map<std::string, Address> addresses;
};

LoginAttempts::LoginAttempts(const Clock& clock, std::size_t failures)
    : state_(std::make_shared<State>(clock, failures)) {}

LoginAttempts::Try LoginAttempts::begin(std::string_view address) {
    Try attempt;
    std::string counts = counted(address);
    const std::scoped_lock lock(state_->mutex);
    State::Address* known = state_->find(counts);
    if (known == nullptr) {
        if (!state_->make_room()) {
            return attempt;
        }
        known = &state_->addresses[counts];
    }
    if (known->failures + known->under_way >= state_->most_failures) {
        return attempt;
    }
    ++known->under_way;
    attempt.state_ = state_;
    attempt.address_ = std::move(counts);
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
    State::Address* known = state_->find(address_);
    if (known == nullptr) {
        return;
    }
    --known->under_way;
    if (failed_) {
        if (known->failures++ == 0) {
            known->since = state_->clock.steady_now();
        }
    } else if (known->failures == 0 && known->under_way == 0) {
        state_->addresses.erase(address_);
    }
}

void LoginAttempts::Try::failed() { failed_ = true; }

}  // namespace meshscope::business
