#include "models/trace_builder.hpp"

#include <algorithm>
#include <cmath>
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
            return a.as_double() == b.as_double() ||
                   (std::isnan(a.as_double()) && std::isnan(b.as_double()));
        case ValueType::kBool:
        case ValueType::kInt64:
            return a.as_int() == b.as_int();
    }
    return false;
}

bool same_tags(const Slice<Tag>& a, const Slice<Tag>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_value);
}

bool same_process(const Process& a, const Process& b) {
    return a.service == b.service && same_tags(a.tags, b.tags);
}

bool same_span(const Span& a, const Span& b) {
    const auto same_log = [](const Log& x, const Log& y) {
        return x.time_ns == y.time_ns && same_tags(x.fields, y.fields);
    };
    const auto same_reference = [](const Reference& x, const Reference& y) {
        return x.trace == y.trace && x.span == y.span && x.type == y.type;
    };
    const auto same = [](const auto& x, const auto& y, const auto& equal) {
        return std::equal(x.begin(), x.end(), y.begin(), y.end(), equal);
    };
    return a.id == b.id && a.start_ns == b.start_ns && a.duration_ns == b.duration_ns &&
           a.operation == b.operation && a.process == b.process && a.flags == b.flags &&
           a.kind == b.kind && a.status == b.status && same_tags(a.tags, b.tags) &&
           same(a.references, b.references, same_reference) && same(a.logs, b.logs, same_log) &&
           same(a.warnings, b.warnings, std::equal_to<>());
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
            return std::isnan(tag.as_double()) ? 0 : std::hash<double>()(tag.as_double());
        case ValueType::kBool:
        case ValueType::kInt64:
            break;
    }
    return std::hash<std::int64_t>()(tag.as_int());
}

std::size_t hash_tags(std::size_t seed, const Slice<Tag>& tags) {
    for (const Tag& tag : tags) {
        seed = combine(seed, std::hash<std::string_view>()(tag.key()));
        seed = combine(seed, hash_value(tag));
    }
    return seed;
}

std::size_t hash_process(const Process& process) {
    return hash_tags(std::hash<std::string_view>()(process.service), process.tags);
}

// Equal for spans that same_span() takes for the same, and of all they hold: what is left out here
// could stand between two that are the same.
std::size_t hash_span(const Span& span) {
    const std::hash<std::string_view> text_hash;
    std::size_t seed = text_hash(span.operation);
    for (const auto number :
         {static_cast<std::uint64_t>(span.duration_ns),
          std::uint64_t{span.process},
          std::uint64_t{span.flags},
          static_cast<std::uint64_t>(span.kind),
          static_cast<std::uint64_t>(span.status)}) {
        seed = combine(seed, number);
    }
    for (const Reference& reference : span.references) {
        seed = combine(seed, std::hash<TraceId>()(reference.trace));
        seed = combine(seed, std::hash<SpanId>()(reference.span));
        seed = combine(seed, static_cast<std::size_t>(reference.type));
    }
    for (const Log& log : span.logs) {
        seed = hash_tags(combine(seed, static_cast<std::size_t>(log.time_ns)), log.fields);
    }
    for (const std::string_view warning : span.warnings) {
        seed = combine(seed, text_hash(warning));
    }
    return hash_tags(seed, span.tags);
}

bool is_server(const Span& span) {
    return span.kind == SpanKind::kServer ||
           std::any_of(span.tags.begin(), span.tags.end(), [](const Tag& tag) {
               return tag.key() == "span.kind" && tag.type() == ValueType::kString &&
                      tag.text() == "server";
           });
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
    check_duration(span);
    spans_.push_back(span);
}

void TraceBuilder::add_spans(SpanList spans) {
    for (Span& span : spans) {
        check_duration(span);
    }
    if (spans_.empty()) {
        spans_ = std::move(spans);
    } else {
        spans_.insert(spans_.end(), spans.begin(), spans.end());
    }
}

void TraceBuilder::check_duration(Span& span) {
    if (span.duration_ns < 0) {
        span.duration_ns = 0;
        add_oddity("span " + span.id.to_hex() + ": negative duration shown as 0");
    }
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
    drop_repeated();
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

// Spans are sorted, so that equal ones stand in one run of the same start and id. In a run they are
// sorted by a hash of their content and each is held against the one before it only.
void TraceBuilder::drop_repeated() {
    const auto same_place = [](const Span& a, const Span& b) {
        return a.start_ns == b.start_ns && a.id == b.id;
    };
    std::vector<bool> repeated;
    std::vector<std::pair<std::size_t, std::size_t>> by_hash;
    auto run = std::adjacent_find(spans_.begin(), spans_.end(), same_place);
    while (run != spans_.end()) {
        const auto end = std::find_if_not(run, spans_.end(), [&](const Span& span) {
            return same_place(*run, span);
        });
        by_hash.clear();
        for (auto at = run; at != end; ++at) {
            by_hash.emplace_back(hash_span(*at), static_cast<std::size_t>(at - spans_.begin()));
        }
        std::sort(by_hash.begin(), by_hash.end());
        for (std::size_t i = 1; i < by_hash.size(); ++i) {
            if (by_hash[i].first == by_hash[i - 1].first &&
                same_span(spans_[by_hash[i].second], spans_[by_hash[i - 1].second])) {
                repeated.resize(spans_.size());
                repeated[by_hash[i].second] = true;
            }
        }
        run = std::adjacent_find(end, spans_.end(), same_place);
    }
    if (!repeated.empty()) {
        std::size_t index = 0;
        std::erase_if(spans_, [&](const Span&) { return repeated[index++]; });
    }
}

// All ids, ascending. Of several spans with one id the one that children belong to stands first: of
// a client and a server that share an id, as Zipkin's do, the server, else the earliest.
std::vector<TraceBuilder::IdEntry> TraceBuilder::index_ids(bool& unique) {
    std::vector<IdEntry> by_id;
    by_id.reserve(spans_.size());
    for (std::uint32_t i = 0; i < spans_.size(); ++i) {
        by_id.emplace_back(spans_[i].id, i);
    }
    // Sorted, not hashed: ids come from outside and may be made to collide.
    std::sort(by_id.begin(), by_id.end());
    const auto same_id = [](const IdEntry& a, const IdEntry& b) { return a.first == b.first; };
    auto run = std::adjacent_find(by_id.begin(), by_id.end(), same_id);
    unique = run == by_id.end();
    while (run != by_id.end()) {
        const SpanId id = run->first;
        const auto end = std::find_if(run, by_id.end(), [id](const IdEntry& entry) {
            return entry.first != id;
        });
        const auto server = std::find_if(run, end, [this](const IdEntry& entry) {
            return is_server(spans_[entry.second]);
        });
        for (auto again = run + 1; again != end; ++again) {
            add_oddity("span id " + id.to_hex() + " occurs more than once in this trace");
        }
        if (server != end) {
            std::iter_swap(run, server);
        }
        run = std::adjacent_find(end, by_id.end(), same_id);
    }
    return by_id;
}

// A parent mostly starts shortly before its child. kNoSpan when it is not among the spans there.
std::uint32_t TraceBuilder::near_parent(std::uint32_t index, SpanId parent) const {
    constexpr std::uint32_t kNear = 8;
    const std::uint32_t end = index - std::min(index, kNear);
    for (std::uint32_t at = index; at > end; --at) {
        if (spans_[at - 1].id == parent) {
            return at - 1;
        }
    }
    return kNoSpan;
}

void TraceBuilder::resolve_parents() {
    bool unique = false;
    const std::vector<IdEntry> by_id = index_ids(unique);
    for (std::uint32_t i = 0; i < spans_.size(); ++i) {
        Span& span = spans_[i];
        const auto parent = parent_of(span, id_);
        if (!parent) {
            continue;
        }
        const std::uint32_t near = unique ? near_parent(i, *parent) : kNoSpan;
        if (near != kNoSpan) {
            span.parent = near;
            continue;
        }
        const auto found = std::lower_bound(
            by_id.begin(),
            by_id.end(),
            *parent,
            [](const IdEntry& entry, SpanId id) { return entry.first < id; }
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
