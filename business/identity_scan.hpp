#pragma once

#include "business/attributes.hpp"
#include "models/dense_index.hpp"
#include "models/trace.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace meshscope::business {

// Tells spans apart by what they say about their identity, and by nothing else. Only the tags that
// are marked are read; they lie all over the answer's bytes, so they are fetched ahead for many
// spans at once.
class IdentityScan {
 public:
    // The trace must outlive the scan.
    explicit IdentityScan(const models::Trace& trace);

    struct Seen {
        std::uint32_t number;  // 0, 1, ...; equal for spans that say the same in the same process
        bool is_new;
    };
    // The next span's, in the order of Trace::spans.
    Seen next();

 private:
    static constexpr std::uint32_t kNone = models::kNoIndex;
    static constexpr std::size_t kSlots = 64;
    static constexpr std::size_t kAhead = 16;  // spans

    // What some spans of a process say.
    struct Content {
        std::uint32_t process = 0;
        std::uint32_t first = 0;  // of its words, in all_words_
        std::uint32_t size = 0;
    };

    void fetch_ahead();
    void collect(const models::Span& span);
    void add_kind(const models::Span& span);
    // Whether the span that is looked at says that; false of kNone.
    [[nodiscard]] bool says(std::uint32_t number, std::uint32_t process) const;
    [[nodiscard]] std::size_t place_of_words(std::uint32_t process) const;
    Seen by_content(std::uint32_t process);

    const models::Trace& trace_;
    std::size_t next_ = 0;
    // Marked tags of the spans fetched ahead, and where those of each span end.
    std::vector<models::Tag> ahead_;
    std::vector<std::size_t> ends_;
    std::span<const models::Tag> words_;         // of the span that is looked at
    std::vector<models::Tag> more_;              // the same with its kind or operation
    std::array<std::uint32_t, kSlots> slots_{};  // numbers seen last, by samples of the words
    std::vector<std::uint8_t> last_slots_;       // by process
    std::vector<Content> contents_;              // by number
    std::vector<models::Tag> all_words_;         // of the contents
    models::DenseIndex numbers_;                 // of the contents
};

}  // namespace meshscope::business
