#include "handlers/tag_keys.hpp"

#include "core/json_writer.hpp"

namespace meshscope::handlers {

namespace {

std::size_t slot_of(std::string_view key) {
    if (key.empty()) {
        return 0;
    }
    const auto at = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(key[i])}; };
    return key.size() * 7 + at(0) + at(key.size() / 2) * 5 + at(key.size() - 1) * 3;
}

}  // namespace

const TagKeys::Entry& TagKeys::of(std::string_view key) {
    Entry& entry = entries_[slot_of(key) % kEntries];
    if (entry.head.empty() || entry.key != key) {
        entry.key = key;
        entry.head = R"({"key":)";
        append_json_string(entry.head, key);
        entry.head.append(R"(,"type":)");
        entry.rule = masker_.rule_of(key);
    }
    return entry;
}

}  // namespace meshscope::handlers
