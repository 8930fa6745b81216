#include "business/identity_scan.hpp"

#include "business/span_facts_parts.hpp"

#include <cstring>
#include <string_view>

namespace meshscope::business {

namespace {

using models::Span;
using models::SpanKind;
using models::Tag;
using models::ValueType;

// The first four letters of a text that has them, as a number.
constexpr std::uint32_t letters(std::string_view text) {
    std::uint32_t out = 0;
    for (std::size_t i = 4; i-- > 0;) {
        out = (out << 8U) | static_cast<unsigned char>(text[i]);
    }
    return out;
}

bool is_text(const Tag& tag) { return tag.type() == ValueType::kString; }

bool is_waypoint(const Tag& node_id) {
    return is_text(node_id) && node_id.text().starts_with("waypoint~");
}

// Of the tag "span.kind": one that needs no other clause.
bool is_plain_kind(const Tag* named) {
    if (named == nullptr || !is_text(*named)) {
        return false;
    }
    const std::string_view text = named->text();
    return text == "client" || text == "server" || text == "internal" || text == "producer" ||
           text == "consumer";
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    return (hash ^ value) * 0x9E3779B97F4A7C15ULL;
}

void append_number(std::string& out, std::uint64_t value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Of a word that is no text only its key counts.
void append_word(std::string& out, const Tag& word) {
    const std::string_view text = is_text(word) ? word.text() : std::string_view();
    append_number(out, static_cast<std::uint64_t>(word.type()));
    append_number(out, word.key().size());
    append_number(out, text.size());
    out.append(word.key()).append(text);
}

}  // namespace

IdentityScan::IdentityScan(const models::Trace& trace) : trace_(trace) { words_.reserve(32); }

void IdentityScan::collect(const Span& span) {
    words_.clear();
    bool has_side = false;
    bool waypoint = false;
    const Tag* kind = nullptr;
    for (const Tag& tag : span.tags) {
        const std::string_view key = tag.key();
        if (key.size() < 7) {
            continue;
        }
        switch (letters(key)) {
            case letters("isti"):
                has_side = has_side || key.starts_with("istio.source_") ||
                           key.starts_with("istio.destination_");
                words_.push_back(tag);
                break;
            case letters("k8s."):
                words_.push_back(tag);
                break;
            case letters("node"):
                if (key == "node_id") {
                    waypoint = waypoint || is_waypoint(tag);
                    words_.push_back(tag);
                }
                break;
            case letters("span"):
                kind = kind == nullptr && key == "span.kind" ? &tag : kind;
                break;
            default:
                break;
        }
    }
    if (has_side) {
        add_kind(span, kind);
    }
    if (waypoint) {
        words_.push_back(Tag::string({}, span.operation));
    }
}

// Which side the span speaks for depends on its kind.
void IdentityScan::add_kind(const Span& span, const Tag* named) {
    if (span.kind == SpanKind::kUnspecified && is_plain_kind(named)) {
        words_.push_back(*named);
        return;
    }
    SpanKind kind = span.kind;
    if (kind == SpanKind::kUnspecified) {
        AttributeSet own;
        AttributeSet process;
        own.read(span.tags);
        process.read(trace_.processes[span.process].tags);
        kind = kind_of({span, Attributes(own, process)}).kind;
    }
    words_.push_back(Tag::string({}, to_string(kind)));
}

bool IdentityScan::holds(const Slot& slot, std::uint32_t process) const {
    return slot.number != kNone && slot.process == process && slot.words.size() == words_.size() &&
           (words_.empty() ||
            std::memcmp(slot.words.data(), words_.data(), words_.size() * sizeof(Tag)) == 0);
}

IdentityScan::Seen IdentityScan::by_content(std::uint32_t process) {
    content_.clear();
    append_number(content_, process);
    for (const Tag& word : words_) {
        append_word(content_, word);
    }
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    const auto [entry, is_new] = numbers_.emplace(content_, next);
    return {entry->second, is_new};
}

IdentityScan::Seen IdentityScan::look(std::size_t span) {
    const std::uint32_t process = trace_.spans[span].process;
    collect(trace_.spans[span]);
    std::uint64_t hash = mix(0, process + 1);
    for (const Tag& word : words_) {
        if (is_text(word)) {
            hash = mix(hash, reinterpret_cast<std::uintptr_t>(word.text().data()));
        }
    }
    Slot& slot = slots_[(hash >> 32U) % kSlots];
    if (holds(slot, process)) {
        return {slot.number, false};
    }
    const Seen seen = by_content(process);
    slot.process = process;
    slot.number = seen.number;
    slot.words = words_;
    return seen;
}

}  // namespace meshscope::business
