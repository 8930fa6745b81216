#pragma once

#include "clients/trace_store.hpp"
#include "tests/support/make_trace.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::contract {

// A trace as the backend under test holds it.
struct HeldTrace {
    TraceId id;
    std::vector<test::SpanRow> spans;
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
// all they hold, whatever the query: holding the answer against the query is the store's part.
class Backend {
 public:
    virtual ~Backend() = default;
    virtual void hold(std::vector<HeldTrace> traces) = 0;
    virtual void offer(
        std::vector<std::string> services, std::vector<clients::Operation> operations
    ) = 0;
    virtual void suffer(Trouble trouble) = 0;
    virtual clients::TraceStore& store() = 0;
    // Whether the store is the real thing over a wire.
    [[nodiscard]] virtual bool is_real() const { return true; }
};

struct Implementation {
    std::string name;
    std::function<std::unique_ptr<Backend>(std::chrono::milliseconds query_timeout)> make;
};

// Those of this build: the fake, HTTP v1, gRPC api_v2.
std::vector<Implementation> implementations();

std::unique_ptr<Backend> make_fake_backend();
std::unique_ptr<Backend> make_http_v1_backend(std::chrono::milliseconds query_timeout);
std::unique_ptr<Backend> make_grpc_v2_backend(std::chrono::milliseconds query_timeout);

// Jaeger's JSON of these traces, without the end of the document.
std::string http_v1_json(const std::vector<HeldTrace>& traces);
inline constexpr const char* kHttpV1JsonEnd =
    "],\"total\":0,\"limit\":0,\"offset\":0,\"errors\":null}\n";

}  // namespace meshscope::contract
