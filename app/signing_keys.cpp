#include "app/signing_keys.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace meshscope::app {

namespace {

constexpr std::size_t kMostRetired = 16;

bool is_key(const std::string& text) {
    return text.size() == 16 || text.size() == 24 || text.size() == 32;
}

}  // namespace

SigningKeys::SigningKeys(
    clients::Secret key,
    std::vector<clients::Secret> previous,
    std::chrono::seconds session_life,
    const Clock& clock,
    OnEvent on_event
)
    : secret_(std::move(key)),
      previous_(std::move(previous)),
      session_life_(session_life),
      clock_(clock),
      on_event_(std::move(on_event)) {}

void SigningKeys::refresh() {
    const SteadyTime now = clock_.steady_now();
    std::erase_if(retired_, [&](const Retired& retired) { return retired.until <= now; });
    const Result<std::string> found = secret_.current();
    if (!found || *found == key_) {
        return;
    }
    if (!is_key(*found)) {
        if (std::exchange(refused_, *found) != *found) {
            on_event_(
                "login_token.signing_key has " + std::to_string(found->size()) +
                " bytes, not 16, 24 or 32; the one before stays"
            );
        }
        return;
    }
    if (!key_.empty()) {
        retired_.push_back({key_, now + session_life_});
        if (retired_.size() > kMostRetired) {
            retired_.erase(retired_.begin());
        }
        on_event_("login_token.signing_key was replaced; sessions of the one before go on");
    }
    key_ = *found;
    refused_.clear();
}

std::vector<std::string> SigningKeys::all() {
    const std::scoped_lock lock(mutex_);
    refresh();
    std::vector<std::string> keys;
    if (key_.empty()) {
        return keys;
    }
    const auto add = [&keys](const std::string& key) {
        if (is_key(key) && std::ranges::find(keys, key) == keys.end()) {
            keys.push_back(key);
        }
    };
    add(key_);
    for (auto retired = retired_.rbegin(); retired != retired_.rend(); ++retired) {
        add(retired->key);
    }
    for (const clients::Secret& secret : previous_) {
        if (const Result<std::string> key = secret.current()) {
            add(*key);
        }
    }
    return keys;
}

}  // namespace meshscope::app
