#pragma once

#include "business/attributes.hpp"
#include "models/trace.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace meshscope::business {

// Tells spans apart by what they say about their identity, and by nothing else. Most spans of a
// process repeat the same few texts, which decoders keep once: those are told by their addresses.
class IdentityScan {
 public:
    // The trace must outlive the scan.
    explicit IdentityScan(const models::Trace& trace);

    struct Seen {
        std::uint32_t number;  // 0, 1, ...; equal for spans that say the same in the same process
        bool is_new;
    };
    Seen look(std::size_t span);

 private:
    struct Slot {
        std::uint32_t process = 0;
        std::uint32_t number = kNone;
        std::vector<models::Tag> words;
    };
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    static constexpr std::size_t kSlots = 128;

    void collect(const models::Span& span);
    void add_kind(const models::Span& span, const models::Tag* named);
    [[nodiscard]] bool holds(const Slot& slot, std::uint32_t process) const;
    Seen by_content(std::uint32_t process);

    const models::Trace& trace_;
    std::vector<models::Tag> words_;  // of the span that is looked at
    std::array<Slot, kSlots> slots_;  // by the addresses of their words
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::string content_;
};

}  // namespace meshscope::business
