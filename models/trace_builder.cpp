#include "models/trace_builder.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace meshscope::models {

namespace {

// A trace of broken spans must not become an answer of warnings.
constexpr std::size_t kNamedOddities = 20;

bool same_value(const Tag& a, const Tag& b) {
    if (a.type() != b.type() || a.key() != b.key()) {
        return false;
    }
    switch (a.type()) {
        case ValueType::kString:
        case ValueType::kBinary:
            return a.text() == b.text();
        case ValueType::kFloat64:
            return a.as_double() == b.as_double();
        case ValueType::kBool:
        case ValueType::kInt64:
            return a.as_int() == b.as_int();
    }
    return false;
}

bool same_process(const Process& a, const Process& b) {
    return a.service == b.service &&
           std::equal(a.tags.begin(), a.tags.end(), b.tags.begin(), b.tags.end(), same_value);
}

std::size_t combine(std::size_t seed, std::size_t value) {
    return seed * 0x9E3779B97F4A7C15ULL + value + 1;
}

// Equal for values that same_value() takes for the same.
std::size_t hash_value(const Tag& tag) {
    switch (tag.type()) {
        case ValueType::kString:
        case ValueType::kBinary:
            return std::hash<std::string_view>()(tag.text());
        case ValueType::kFloat64:
            return std::hash<double>()(tag.as_double());
        case ValueType::kBool:
        case ValueType::kInt64:
            break;
    }
    return std::hash<std::int64_t>()(tag.as_int());
}

std::size_t hash_process(const Process& process) {
    const std::hash<std::string_view> text_hash;
    std::size_t seed = text_hash(process.service);
    for (const Tag& tag : process.tags) {
        seed = combine(seed, text_hash(tag.key()));
        seed = combine(seed, hash_value(tag));
    }
    return seed;
}

std::optional<SpanId> parent_of(const Span& span, TraceId trace) {
    std::optional<SpanId> follows;
    for (const Reference& reference : span.references) {
        if (reference.trace != trace || reference.span.is_zero()) {
            continue;
        }
        if (reference.type == ReferenceType::kChildOf) {
            return reference.span;
        }
        if (!follows) {
            follows = reference.span;
        }
    }
    return follows;
}

}  // namespace

TraceBuilder::TraceBuilder(TraceId id, std::shared_ptr<Storage> storage)
    : id_(id), storage_(std::move(storage)) {}

std::uint32_t TraceBuilder::add_process(const Process& process) {
    const std::size_t hash = hash_process(process);
    const auto [first, last] = process_index_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
        if (same_process(processes_[it->second], process)) {
            return it->second;
        }
    }
    const auto index = static_cast<std::uint32_t>(processes_.size());
    processes_.push_back(process);
    process_index_.emplace(hash, index);
    return index;
}

void TraceBuilder::add_span(Span span) {
    if (span.duration_ns < 0) {
        span.duration_ns = 0;
        add_oddity("span " + span.id.to_hex() + ": negative duration shown as 0");
    }
    spans_.push_back(span);
}

void TraceBuilder::add_warning(std::string text) { warnings_.push_back(std::move(text)); }

void TraceBuilder::add_oddity(std::string text) {
    if (++oddities_ <= kNamedOddities) {
        add_warning(std::move(text));
    }
}

TracePtr TraceBuilder::finish() {
    if (spans_.empty()) {
        return nullptr;
    }
    const auto earlier = [](const Span& a, const Span& b) {
        return std::pair(a.start_ns, a.id) < std::pair(b.start_ns, b.id);
    };
    if (!std::is_sorted(spans_.begin(), spans_.end(), earlier)) {
        std::sort(spans_.begin(), spans_.end(), earlier);
    }
    resolve_parents();
    cut_cycles();
    renumber_processes();
    if (oddities_ > kNamedOddities) {
        add_warning(
            std::to_string(oddities_ - kNamedOddities) + " more spans are odd in one of these ways"
        );
    }
    auto trace = std::make_shared<Trace>();
    trace->id = id_;
    trace->spans = std::move(spans_);
    trace->processes = std::move(processes_);
    trace->warnings = std::move(warnings_);
    trace->storage = storage_;
    return trace;
}

void TraceBuilder::resolve_parents() {
    // Sorted, not hashed: ids come from outside and may be made to collide.
    std::vector<std::pair<SpanId, std::uint32_t>> by_id;
    by_id.reserve(spans_.size());
    for (std::uint32_t i = 0; i < spans_.size(); ++i) {
        by_id.emplace_back(spans_[i].id, i);
    }
    std::sort(by_id.begin(), by_id.end());
    for (std::size_t i = 1; i < by_id.size(); ++i) {
        if (by_id[i].first == by_id[i - 1].first) {
            add_oddity(
                "span id " + by_id[i].first.to_hex() + " occurs more than once in this trace"
            );
        }
    }
    for (std::uint32_t i = 0; i < spans_.size(); ++i) {
        Span& span = spans_[i];
        const auto parent = parent_of(span, id_);
        if (!parent) {
            continue;
        }
        const auto found = std::lower_bound(
            by_id.begin(), by_id.end(), std::pair<SpanId, std::uint32_t>(*parent, 0)
        );
        if (found == by_id.end() || found->first != *parent) {
            span.orphan = true;
        } else if (found->second == i) {
            add_oddity("span " + span.id.to_hex() + " names itself as its parent; shown as a root");
        } else {
            span.parent = found->second;
        }
    }
}

void TraceBuilder::cut_cycles() {
    enum class Mark : std::uint8_t { kNew, kOpen, kDone };
    std::vector<Mark> marks(spans_.size(), Mark::kNew);
    std::vector<std::uint32_t> path;
    for (std::uint32_t start = 0; start < spans_.size(); ++start) {
        path.clear();
        std::uint32_t at = start;
        while (at != kNoSpan && marks[at] == Mark::kNew) {
            marks[at] = Mark::kOpen;
            path.push_back(at);
            at = spans_[at].parent;
        }
        if (at != kNoSpan && marks[at] == Mark::kOpen) {
            // The cycle is the tail of the path from `at` on; the smallest index starts first.
            const auto begin = std::find(path.begin(), path.end(), at);
            const std::uint32_t first = *std::min_element(begin, path.end());
            spans_[first].parent = kNoSpan;
            add_oddity(
                "span " + spans_[first].id.to_hex() + " is its own ancestor; shown as a root"
            );
        }
        for (const std::uint32_t index : path) {
            marks[index] = Mark::kDone;
        }
    }
}

void TraceBuilder::renumber_processes() {
    constexpr std::uint32_t kUnset = 0xFFFFFFFF;
    std::vector<std::uint32_t> renumbered(processes_.size(), kUnset);
    std::vector<Process> ordered;
    for (Span& span : spans_) {
        std::uint32_t& target = renumbered[span.process];
        if (target == kUnset) {
            target = static_cast<std::uint32_t>(ordered.size());
            ordered.push_back(processes_[span.process]);
        }
        span.process = target;
    }
    processes_ = std::move(ordered);
}

}  // namespace meshscope::models
