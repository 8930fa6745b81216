#pragma once

#include "business/masking.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace meshscope::handlers {

// What is the same for every tag of one key, made once: spans of a trace have few keys and many
// tags. Remembers as many keys as fit; which ones changes nothing but the time it takes. Not
// thread-safe.
class TagKeys {
 public:
    // The masker must outlive this.
    explicit TagKeys(const business::Masker& masker) : masker_(masker) {}

    struct Entry {
        std::string key;
        std::string head;  // {"key":"...","type":
        business::Masker::KeyRule rule = business::Masker::KeyRule::kAsk;
    };
    // Valid until the next call.
    const Entry& of(std::string_view key);

 private:
    static constexpr std::size_t kEntries = 128;  // a power of two
    const business::Masker& masker_;
    std::array<Entry, kEntries> entries_;
};

}  // namespace meshscope::handlers
