#pragma once

#include "models/trace.hpp"
#include "models/trace_builder.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace meshscope::clients::jaeger {

// What is odd in spans: counted, said once for a trace.
struct SpanOddities {
    std::uint64_t no_process = 0;
    std::uint64_t bad_span_id = 0;
    std::uint64_t bad_reference = 0;
    std::uint64_t bad_time = 0;
    std::uint64_t bad_binary = 0;  // binary values that are no base64
    std::uint64_t bad_number = 0;  // numbers that are none, or out of range
    std::uint64_t too_deep = 0;    // values nested deeper than we look

    SpanOddities& operator+=(const SpanOddities& other);
    void warn(models::TraceBuilder& builder) const;
};

// Ascending; logs of one time stay in the order of the wire. Few spans need it.
void sort_by_time(std::vector<models::Log>& logs);

// Spans of one answer, grouped by trace id however the wire cuts and mixes them. One thread.
class TraceGroups {
 public:
    explicit TraceGroups(std::shared_ptr<models::Storage> storage);

    // A number for Span::process. What stands behind it may be said later, until finish().
    std::uint32_t add_process(const models::Process& process);
    void set_process(std::uint32_t number, const models::Process& process) {
        processes_[number] = process;
    }
    [[nodiscard]] models::Process process(std::uint32_t number) const { return processes_[number]; }

    // `span.process` is a number from add_process, `id` not zero.
    void add(TraceId id, const models::Span& span, const SpanOddities& oddities);
    void drop() { ++dropped_; }  // a span without a usable trace id

    template <class Visit>
    void for_each_span(const Visit& visit) {
        for (Pending& trace : traces_) {
            for (models::Span& span : trace.builder.spans()) {
                visit(span);
            }
        }
    }

    [[nodiscard]] std::size_t trace_count() const { return traces_.size(); }
    [[nodiscard]] std::size_t span_count() const { return span_count_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

    // The traces in the order of their first spans. `cut`: the answer ended early, so the trace
    // that got the last span comes last and says that it may lack spans. Call once.
    std::vector<models::TracePtr> finish(bool cut);

 private:
    struct Pending {
        Pending(TraceId id, std::shared_ptr<models::Storage> storage)
            : builder(id, std::move(storage)) {}

        models::TraceBuilder builder;
        SpanOddities oddities;
    };
    // Which index a process has in the trace being finished.
    struct Placed {
        std::size_t trace = 0;  // counted from 1
        std::uint32_t index = 0;
    };

    void place_processes(models::TraceBuilder& builder);

    std::shared_ptr<models::Storage> storage_;
    std::deque<Pending> traces_;
    std::unordered_map<TraceId, std::size_t> by_id_;
    std::vector<models::Process> processes_;
    std::vector<Placed> placed_;
    std::size_t finished_ = 0;
    TraceId last_id_;
    std::size_t last_ = 0;
    std::size_t span_count_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace meshscope::clients::jaeger
