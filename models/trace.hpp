#pragma once

#include "core/ids.hpp"
#include "models/memo.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace meshscope::models {

// A pointer and a 32-bit count: half of what a span tree is made of. Never owns.
template <class T>
struct Slice {
    const T* data = nullptr;
    std::uint32_t size = 0;

    [[nodiscard]] const T* begin() const { return data; }
    [[nodiscard]] const T* end() const { return data + size; }
    [[nodiscard]] bool empty() const { return size == 0; }
    const T& operator[](std::size_t i) const { return data[i]; }
};

enum class ValueType : std::uint8_t { kString, kBool, kInt64, kFloat64, kBinary };

// One attribute of a span, process or log. Points into the Storage of its trace.
class Tag {
 public:
    // `verbatim`: the text came out of valid JSON without an escape, so it may be written as it
    // stands.
    static Tag string(std::string_view key, std::string_view value, bool verbatim = false);
    static Tag binary(std::string_view key, std::string_view bytes);
    static Tag boolean(std::string_view key, bool value);
    static Tag integer(std::string_view key, std::int64_t value);
    static Tag number(std::string_view key, double value);

    [[nodiscard]] std::string_view key() const { return {key_, key_size_}; }
    [[nodiscard]] ValueType type() const { return type_; }
    [[nodiscard]] bool verbatim() const { return verbatim_; }
    [[nodiscard]] std::string_view text() const {
        return {value_.text, value_size_};
    }  // kString, kBinary
    [[nodiscard]] bool as_bool() const { return value_.integer != 0; }    // kBool
    [[nodiscard]] std::int64_t as_int() const { return value_.integer; }  // kInt64
    [[nodiscard]] double as_double() const { return value_.number; }      // kFloat64

 private:
    union Value {
        const char* text;
        std::int64_t integer;
        double number;
    };
    const char* key_ = nullptr;
    Value value_{};
    std::uint32_t value_size_ = 0;
    std::uint16_t key_size_ = 0;  // longer keys are cut at 65535 bytes
    ValueType type_ = ValueType::kString;
    bool verbatim_ = false;
};
static_assert(sizeof(Tag) == 24);

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

// The heap, with a count of what was taken from it.
class CountingResource final : public std::pmr::memory_resource {
 public:
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override;
    void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override;
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    std::size_t bytes_ = 0;
};

// Owns the bytes that spans and tags point into. Never changes once its traces are handed out.
class Storage {
 public:
    // Keeps `bytes` alive; the returned view stays valid as long as the Storage.
    std::string_view adopt(std::string bytes);
    std::string_view copy(std::string_view bytes);
    // The same, but equal texts are kept once: for names and values that repeat from span to span.
    std::string_view intern(std::string_view bytes);
    template <class T>
    Slice<T> copy(const std::vector<T>& items) {
        if (items.empty()) {
            return {};
        }
        auto* out = static_cast<T*>(arena_.allocate(items.size() * sizeof(T), alignof(T)));
        std::uninitialized_copy(items.begin(), items.end(), out);
        return {out, static_cast<std::uint32_t>(items.size())};
    }
    [[nodiscard]] std::pmr::memory_resource& arena() { return arena_; }
    // All that it holds, in bytes of the heap.
    [[nodiscard]] std::size_t memory_bytes() const;

 private:
    std::vector<std::unique_ptr<std::string>> buffers_;
    CountingResource heap_;
    std::pmr::monotonic_buffer_resource arena_{64UL * 1024, &heap_};
    std::unordered_set<std::string_view> interned_;
};

// `to` - `from` in nanoseconds; saturating, since a store may send any two times.
[[nodiscard]] std::int64_t nanos_between(std::int64_t from, std::int64_t to);

// One trace, immutable. Invariants (made by TraceBuilder): spans ascending by (start, id);
// processes unique by content and numbered by first appearance in that order; parents free of
// cycles; at least one span.
struct Trace {
    TraceId id;
    std::vector<Span> spans;
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
