#pragma once

#include "clients/trace_store.hpp"
#include "tests/support/make_trace.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::contract {

// A trace as the backend under test holds it.
struct HeldTrace {
    TraceId id;
    std::vector<test::SpanRow> spans;
    bool short_id = false;  // sent in the shortest form that the wire knows
};

// What a wire can carry beside the rest.
struct Wire {
    bool not_a_number = true;
    bool nanoseconds = true;       // else microseconds
    bool mixed_traces = true;      // else a trace is one piece
    bool any_service = true;       // else a search names a service
    bool tag_order = true;         // else tags come in an order of the store's own
    bool repeated_keys = true;     // else of the tags with one key the last is there
    std::int64_t shortest_ns = 0;  // how long a span of no time is
};

// What goes wrong between store and backend.
enum class Trouble {
    kNone,
    kRefused,           // nobody listens
    kDenied,            // the credentials are refused
    kBroken,            // the backend fails inside
    kSilent,            // connects, then nothing
    kSilentAfterFirst,  // one whole trace, then nothing
    kCutAfterFirst,     // one whole trace, then the connection is lost
};

// One implementation of TraceStore and the thing behind it. The things behind answer a search with
// all they hold, whatever the query: holding the answer against the query is the store's part. Only
// a foreign one does as it likes.
class Backend {
 public:
    virtual ~Backend() = default;
    virtual void hold(std::vector<HeldTrace> traces) = 0;
    virtual void offer(
        std::vector<std::string> services, std::vector<clients::Operation> operations
    ) = 0;
    virtual void suffer(Trouble trouble) = 0;
    [[nodiscard]] virtual bool can_suffer(Trouble /*trouble*/) const { return true; }
    virtual clients::TraceStore& store() = 0;
    // Whether the store is the real thing over a wire.
    [[nodiscard]] virtual bool is_real() const { return true; }
    // Whether a program of others is behind it, which knows operations from the spans it holds.
    [[nodiscard]] virtual bool is_foreign() const { return false; }
    [[nodiscard]] virtual Wire wire() const { return {}; }
};

struct Implementation {
    std::string name;
    std::function<std::unique_ptr<Backend>(std::chrono::milliseconds query_timeout)> make;
};

// Those of this build: the fake, then the protocols. With MESHSCOPE_TEST_JAEGER in the environment
// only that: a real Jaeger (foreign_backend.cpp).
std::vector<Implementation> implementations();

std::unique_ptr<Backend> make_fake_backend();
std::unique_ptr<Backend> make_http_v1_backend(std::chrono::milliseconds query_timeout);
std::unique_ptr<Backend> make_http_v3_backend(std::chrono::milliseconds query_timeout);
std::unique_ptr<Backend> make_grpc_v2_backend(std::chrono::milliseconds query_timeout);
std::unique_ptr<Backend> make_grpc_v3_backend(std::chrono::milliseconds query_timeout);
// `stand`: the URL of what hands out Jaegers (tools/interop).
std::unique_ptr<Backend> make_foreign_backend(
    const std::string& stand, std::chrono::milliseconds query_timeout
);

// ExportTraceServiceRequest of OTLP with these spans.
std::string otlp_request(const HeldTrace& trace);

// SpanKind of OTLP: "client" is 3.
int kind_number(const std::string& kind);

}  // namespace meshscope::contract
