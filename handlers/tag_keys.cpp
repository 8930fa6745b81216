#include "handlers/tag_keys.hpp"

#include "core/json_writer.hpp"

#include <cstdint>
#include <cstring>

namespace meshscope::handlers {

namespace {

std::size_t slot_of(std::string_view key) {
    if (key.empty()) {
        return 0;
    }
    const auto at = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(key[i])}; };
    return key.size() * 7 + at(0) + at(key.size() / 2) * 5 + at(key.size() - 1) * 3;
}

// As ==, without a call for the few bytes that keys have.
bool same(std::string_view a, std::string_view b) {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    if (a.size() != b.size() || a.size() < kWord) {
        return a == b;
    }
    const auto differ = [&](std::size_t at) {
        std::uint64_t left = 0;
        std::uint64_t right = 0;
        std::memcpy(&left, a.data() + at, kWord);
        std::memcpy(&right, b.data() + at, kWord);
        return left != right;
    };
    for (std::size_t at = 0; at + kWord < a.size(); at += kWord) {
        if (differ(at)) {
            return false;
        }
    }
    return !differ(a.size() - kWord);
}

}  // namespace

const TagKeys::Entry& TagKeys::of(std::string_view key) {
    Entry& entry = entries_[slot_of(key) % kEntries];
    if (entry.head.empty() || !same(entry.key, key)) {
        entry.key = key;
        entry.head = R"({"key":)";
        append_json_string(entry.head, key);
        entry.head.append(R"(,"type":)");
        entry.rule = masker_.rule_of(key);
    }
    return entry;
}

}  // namespace meshscope::handlers
