#pragma once

#include "core/clock.hpp"
#include "demo/jaeger/received_traces.hpp"
#include "demo/jaeger/span_query.hpp"
#include "demo/mesh/event_stream.hpp"
#include "demo/spans/span_record.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

struct OperationName {
    std::string name;
    std::string kind;
    friend auto operator<=>(const OperationName&, const OperationName&) = default;
};

// The simulated Jaeger's memory: takes the mesh's requests in as the clock goes, a request appears
// when it has ended, and is forgotten after kRetention. Holds what was sent to it besides, until
// there is no room. Thread-safe.
class TraceArchive {
 public:
    static constexpr std::chrono::microseconds kRetention = std::chrono::hours(3);

    TraceArchive(EventStream stream, const Clock& clock, MemoryBounds bounds = {});

    // Spans sent over OTLP. Returns how many there was no room for.
    std::size_t receive(Received received);

    // At most `limit` traces that hold a matching span, newest start first.
    std::vector<TraceRecordPtr> search(const SpanQuery& query, std::size_t limit);
    // After the stream's gaps have changed: what there is of the mesh's requests is as if they had
    // always been so.
    void render_again();

    // nullptr when it is not there.
    TraceRecordPtr find(TraceId id);
    std::vector<std::string> services();  // ascending
    // Ascending; all services when `service` is empty, all kinds when `kind` is.
    std::vector<OperationName> operations(std::string_view service, std::string_view kind);

 private:
    void catch_up();
    void store(const Request& request);
    void keep(TraceRecord record);
    [[nodiscard]] std::vector<TraceRecordPtr> everything() const;

    const EventStream stream_;
    const Clock& clock_;
    std::mutex mutex_;
    std::int64_t next_number_;
    std::vector<Request> unfinished_;
    std::vector<TraceRecordPtr> traces_;  // of the mesh, ascending by start
    ReceivedTraces received_;
};

}  // namespace meshscope::demo
