#pragma once

#include "core/ids.hpp"
#include "core/large_memory.hpp"
#include "models/memo.hpp"
#include "models/storage.hpp"
#include "models/tag.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::models {

struct Log {
    std::int64_t time_ns = 0;  // since the epoch
    Slice<Tag> fields;
};

enum class ReferenceType : std::uint8_t { kChildOf, kFollowsFrom };

struct Reference {
    TraceId trace;
    SpanId span;
    ReferenceType type = ReferenceType::kChildOf;
};

// The native kind and status of protocols that have them (OTLP); elsewhere unspecified and derived
// from tags (business/span_facts).
enum class SpanKind : std::uint8_t {
    kUnspecified,
    kInternal,
    kServer,
    kClient,
    kProducer,
    kConsumer
};
enum class StatusCode : std::uint8_t { kUnset, kOk, kError };

struct Process {
    std::string_view service;
    Slice<Tag> tags;
};

inline constexpr std::uint32_t kNoSpan = 0xFFFFFFFF;

struct Span {
    SpanId id;
    std::int64_t start_ns = 0;     // since the epoch
    std::int64_t duration_ns = 0;  // never negative
    std::string_view operation;
    Slice<Reference> references;  // in the order of the wire
    Slice<Tag> tags;              // in the order of the wire, duplicates kept
    Slice<Log> logs;              // ascending by time
    Slice<std::string_view> warnings;
    std::uint32_t process = 0;       // index into Trace::processes
    std::uint32_t parent = kNoSpan;  // index into Trace::spans; kNoSpan for a root or an orphan
    std::uint32_t flags = 0;
    SpanKind kind = SpanKind::kUnspecified;
    StatusCode status = StatusCode::kUnset;
    bool orphan = false;  // names a parent of this trace that is not here
};

using SpanList = std::vector<Span, LargeAllocator<Span>>;

// `to` - `from` in nanoseconds; saturating, since a store may send any two times.
[[nodiscard]] std::int64_t nanos_between(std::int64_t from, std::int64_t to);

// One trace, immutable. Invariants (made by TraceBuilder): spans ascending by (start, id);
// processes unique by content and numbered by first appearance in that order; parents free of
// cycles; at least one span.
struct Trace {
    TraceId id;
    SpanList spans;
    std::vector<Process> processes;
    std::vector<std::string> warnings;
    std::shared_ptr<const Storage> storage;  // may be shared with other traces of the same answer
    Memo memo;                               // what was worked out from all of this

    [[nodiscard]] std::int64_t start_ns() const { return spans.front().start_ns; }
    [[nodiscard]] std::int64_t end_ns() const;  // latest end, saturating
    [[nodiscard]] std::int64_t duration_ns() const { return nanos_between(start_ns(), end_ns()); }
    // What keeping this trace alive costs, its whole storage included, in bytes. Without the memo.
    [[nodiscard]] std::size_t memory_bytes() const;
};

using TracePtr = std::shared_ptr<const Trace>;

}  // namespace meshscope::models
