#pragma once

#include "demo/mesh/events.hpp"
#include "demo/mesh/topology.hpp"
#include "demo/spans/span_record.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

// Collects the spans of one request: ids, processes, and which span a call's callee works under.
class TraceWriter {
 public:
    TraceWriter(const Request& request, const Topology& topology);

    // A new span; `role` tells the spans of one call apart ('c' client, 's' server, ...). The
    // reference is valid until the next call of span(). Times are the request's, the reporter's
    // clock error is added.
    SpanRecord& span(
        std::uint32_t call,
        char role,
        WorkloadIndex reporter,
        std::int64_t start_us,
        std::int64_t duration_us
    );
    // The index of an instrumentation scope of that name.
    std::uint32_t scope(std::string_view name);
    [[nodiscard]] SpanId id_of(std::uint32_t call, char role) const;

    // The span that calls made while serving `call` have as parent.
    void serves_under(std::uint32_t call, SpanId span) { server_span_[call] = span; }
    [[nodiscard]] SpanId parent_of(const Call& call) const;

    // The span that `call` itself has at its caller, which the callee's span has as parent.
    void calls_under(std::uint32_t call, SpanId span) { client_span_[call] = span; }
    [[nodiscard]] SpanId client_of(std::uint32_t call) const { return client_span_[call]; }

    [[nodiscard]] const Request& request() const { return request_; }
    [[nodiscard]] const Topology& topology() const { return topology_; }

    // Sorts attributes, computes the trace's bounds.
    TraceRecord take();

 private:
    std::uint32_t process_of(WorkloadIndex reporter);

    const Request& request_;
    const Topology& topology_;
    TraceRecord trace_;
    std::vector<SpanId> server_span_;
    std::vector<SpanId> client_span_;
    std::map<WorkloadIndex, std::uint32_t> processes_;
};

// Envoy's spans of a call: one at each proxy that took part.
void write_envoy_client(TraceWriter& writer, std::uint32_t index);
void write_envoy_server(TraceWriter& writer, std::uint32_t index);

// KrakenD's layers, those that this gateway reports: `global` and `proxy` of a call it serves,
// `backend` and `backend-request` with its read tracker of one it makes.
void write_krakend_served(TraceWriter& writer, std::uint32_t index);
void write_krakend_made(TraceWriter& writer, std::uint32_t index);

}  // namespace meshscope::demo
