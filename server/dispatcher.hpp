#pragma once

#include "async/awaitable.hpp"
#include "core/error.hpp"
#include "server/exchange.hpp"
#include "server/response_writer.hpp"
#include "server/server.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::telemetry {
class RequestMeter;
}

namespace meshscope::server {

// Everything between a request's head and its handler, and after the handler: routing, request id,
// trace context, CORS, errors, access log, metrics, own span. Immutable, shared by all threads.
class Dispatcher {
 public:
    Dispatcher(const ServerOptions& options, ServerParts parts);

    // Fills the exchange (context, route, path, query). A response means that no handler is to be
    // called.
    std::optional<Response> begin(Exchange& exchange) const;

    // Calls the handler of exchange.route; what it throws becomes a 500.
    Awaitable<Response> handle(Exchange& exchange) const;

    // An error of the server's own, with the status HTTP prescribes. Gives the exchange an id if it
    // has none.
    Response refuse(Exchange& exchange, const FramingError& error) const;
    Response refuse(Exchange& exchange, unsigned status, const Error& error) const;

    [[nodiscard]] WriteOptions write_options(const Exchange& exchange, bool keep_alive) const;

    // Access log and metrics, after the last byte; `bytes` went to the client.
    void finish(const Exchange& exchange, unsigned status, std::uint64_t bytes) const;

    [[nodiscard]] const Clock& clock() const { return *parts_.clock; }
    [[nodiscard]] telemetry::Logger* logger() const { return parts_.logger; }
    void count_refused_connection(std::string_view reason) const;

 private:
    struct Meters {
        telemetry::RequestMeter* own = nullptr;
        telemetry::RequestMeter* head = nullptr;  // of a GET route
    };

    std::optional<Response> route(Exchange& exchange, std::string_view path) const;
    [[nodiscard]] Response answer_options(Exchange& exchange, std::string_view path) const;
    [[nodiscard]] std::string below_root_url(std::string_view path, std::string_view query) const;
    void start_context(Exchange& exchange) const;
    std::optional<Response> find(Exchange& exchange) const;
    void decide_sampling(Exchange& exchange) const;
    void record(const Exchange& exchange, unsigned status, SteadyTime now) const;
    void record_span(const Exchange& exchange, unsigned status, std::uint64_t bytes, SteadyTime now)
        const;

    const ServerOptions& options_;
    ServerParts parts_;
    FixedHeaders fixed_;
    std::vector<Meters> meters_;                             // by Route::index
    std::vector<telemetry::RequestMeter*> unrouted_meters_;  // by Method
};

// Up to 128 characters that are safe in logs and headers.
bool is_request_id(std::string_view text);

}  // namespace meshscope::server
