#pragma once

#include "demo/otlp/received.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

namespace meshscope::demo {

using TraceRecordPtr = std::shared_ptr<const TraceRecord>;

struct MemoryBounds {
    std::size_t bytes = 256UL << 20U;
    std::size_t spans = 500'000;
};

// The spans that were sent over OTLP, by trace. Bounded: when there is no room, the traces that
// were longest without a new span fall out whole. Not thread-safe.
class ReceivedTraces {
 public:
    explicit ReceivedTraces(MemoryBounds bounds) : bounds_(bounds) {}

    // Spans join those that their trace already has; one that is there already is not kept twice.
    // Returns how many had no room: those of a trace that fills the memory alone.
    std::size_t add(Received received);

    [[nodiscard]] TraceRecordPtr find(TraceId id) const;    // nullptr when it is not there
    [[nodiscard]] std::vector<TraceRecordPtr> all() const;  // newest start first

    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t spans() const { return spans_; }

 private:
    struct Entry {
        std::shared_ptr<TraceRecord> record;
        std::unordered_multimap<std::uint64_t, std::uint32_t> by_id;
        std::size_t bytes = 0;
        std::list<TraceId>::iterator place;  // in order_
    };

    Entry& entry_of(TraceId id);
    bool make_room(const Entry& entry, std::size_t bytes);
    void forget_first();

    const MemoryBounds bounds_;
    std::size_t bytes_ = 0;
    std::size_t spans_ = 0;
    std::unordered_map<TraceId, Entry> entries_;
    std::list<TraceId> order_;  // ascending by when their last span came
};

}  // namespace meshscope::demo
