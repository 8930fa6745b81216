#include "business/identity_scan.hpp"

#include "business/span_facts_parts.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace meshscope::business {

namespace {

using models::OwnerKey;
using models::Span;
using models::SpanKind;
using models::Tag;
using models::ValueType;

bool is_text(const Tag& tag) { return tag.type() == ValueType::kString; }

// What is no text says nothing, but that its key is there.
std::string_view text_of(const Tag& tag) { return is_text(tag) ? tag.text() : std::string_view(); }

bool is_waypoint(const Tag& tag) {
    return tag.owner_key() == OwnerKey::kNodeId && text_of(tag).starts_with("waypoint~");
}

// Of the tag "span.kind": one that needs no other clause.
bool is_plain_kind(std::string_view text) {
    return text == "client" || text == "server" || text == "internal" || text == "producer" ||
           text == "consumer";
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    return (hash ^ value) * 0x9E3779B97F4A7C15ULL;
}

// Its length and last letters, in which names differ mostly.
std::uint64_t sample(std::string_view text) {
    std::uint64_t out = 0;
    if (text.size() >= sizeof out) {
        std::memcpy(&out, text.data() + text.size() - sizeof out, sizeof out);
    } else {
        for (const char c : text) {
            out = (out << 8U) | static_cast<unsigned char>(c);
        }
    }
    return out + text.size();
}

bool same_text(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           (a.empty() || a.data() == b.data() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

bool same_word(const Tag& a, const Tag& b) {
    return a.owner_key() == b.owner_key() && a.type() == b.type() &&
           same_text(text_of(a), text_of(b));
}

}  // namespace

IdentityScan::IdentityScan(const models::Trace& trace)
    : trace_(trace), last_slots_(trace.processes.size()) {
    slots_.fill(kNone);
    ahead_.reserve(64);
    ends_.reserve(kAhead);
}

void IdentityScan::fetch_ahead() {
    ahead_.clear();
    ends_.clear();
    const std::size_t end = std::min(next_ + kAhead, trace_.spans.size());
    for (std::size_t i = next_; i < end; ++i) {
        for (const Tag& tag : trace_.spans[i].tags) {
            if (tag.owner_key() != OwnerKey::kNone) {
                ahead_.push_back(tag);
                __builtin_prefetch(text_of(tag).data());
            }
        }
        ends_.push_back(ahead_.size());
    }
}

void IdentityScan::collect(const Span& span) {
    const std::size_t place = next_ % kAhead;
    if (place == 0) {
        fetch_ahead();
    }
    const Tag* const first = ahead_.data() + (place == 0 ? 0 : ends_[place - 1]);
    words_ = {first, ahead_.data() + ends_[place]};
    const bool has_side = std::any_of(words_.begin(), words_.end(), [](const Tag& tag) {
        return is_side(tag.owner_key());
    });
    const bool waypoint = std::any_of(words_.begin(), words_.end(), is_waypoint);
    if (!has_side && !waypoint) {
        return;
    }
    more_.assign(words_.begin(), words_.end());
    if (has_side) {
        add_kind(span);
    }
    if (waypoint) {
        more_.push_back(Tag::string({}, span.operation));
    }
    words_ = more_;
}

// Which side the span speaks for depends on its kind.
void IdentityScan::add_kind(const Span& span) {
    SpanKind kind = span.kind;
    if (kind == SpanKind::kUnspecified) {
        const Tag* const end = span.tags.end();
        const Tag* named = std::find_if(span.tags.begin(), end, [](const Tag& tag) {
            return tag.key() == "span.kind";
        });
        if (named != end && is_plain_kind(text_of(*named))) {
            more_.push_back(Tag::string({}, named->text()));
            return;
        }
        AttributeSet own;
        AttributeSet process;
        own.read(span.tags);
        process.read(trace_.processes[span.process].tags);
        kind = kind_of({span, Attributes(own, process)}).kind;
    }
    more_.push_back(Tag::string({}, to_string(kind)));
}

bool IdentityScan::says(std::uint32_t number, std::uint32_t process) const {
    if (number == kNone || contents_[number].process != process) {
        return false;
    }
    const Content& content = contents_[number];
    const std::span<const Tag> words(all_words_.data() + content.first, content.size);
    return std::equal(words_.begin(), words_.end(), words.begin(), words.end(), same_word);
}

IdentityScan::Seen IdentityScan::by_content(std::uint32_t process) {
    std::uint64_t hash = models::hash_number(models::kHashStart, process);
    for (const Tag& word : words_) {
        hash = models::hash_number(hash, static_cast<std::uint64_t>(word.owner_key()));
        hash = models::hash_text(hash, text_of(word));
    }
    const auto same = [&](std::uint32_t number) { return says(number, process); };
    if (const std::uint32_t known = numbers_.find(hash, same); known != kNone) {
        return {known, false};
    }
    const auto next = static_cast<std::uint32_t>(contents_.size());
    numbers_.add(hash, next);
    contents_.push_back(
        {process,
         static_cast<std::uint32_t>(all_words_.size()),
         static_cast<std::uint32_t>(words_.size())}
    );
    all_words_.insert(all_words_.end(), words_.begin(), words_.end());
    return {next, true};
}

std::size_t IdentityScan::place_of_words(std::uint32_t process) const {
    std::uint64_t hash = mix(0, process + 1);
    for (const Tag& word : words_) {
        hash = mix(hash, sample(text_of(word)));
    }
    return (hash >> 32U) % kSlots;
}

IdentityScan::Seen IdentityScan::next() {
    const Span& span = trace_.spans[next_];
    collect(span);
    ++next_;
    // Mostly the same as the last span of the process; only else the words have to be hashed.
    std::uint8_t& last = last_slots_[span.process];
    if (says(slots_[last], span.process)) {
        return {slots_[last], false};
    }
    last = static_cast<std::uint8_t>(place_of_words(span.process));
    std::uint32_t& number = slots_[last];
    if (says(number, span.process)) {
        return {number, false};
    }
    const Seen seen = by_content(span.process);
    number = seen.number;
    return seen;
}

}  // namespace meshscope::business
