#pragma once

#include "async/governor.hpp"
#include "clients/http/circuit_breaker.hpp"
#include "clients/jaeger/protocol.hpp"
#include "clients/trace_store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

struct StoreCore;
class StoreProber;

struct JaegerStoreOptions {
    std::vector<std::shared_ptr<Protocol>> candidates;  // best first, at least one
    std::chrono::milliseconds query_timeout{5'000
    };  // of a whole call, choosing a protocol included
    std::chrono::milliseconds probe_interval{30'000};
    std::chrono::milliseconds probe_interval_failing{5'000};  // while unreachable or unknown
    bool check_version = true;
    BreakerOptions breaker;
    // Called after reachability, protocol, version or the reason has changed, from any thread. Must
    // not block.
    std::function<void(const StoreState&)> on_change;
    // Called after each call to Jaeger, from any thread: "ok", "partial" (traces, but not all of
    // them) or the code of the error, and how long the call took. Must not block.
    std::function<void(std::string_view outcome, std::chrono::nanoseconds took)> on_call;
};

// A TraceStore over the protocols of one Jaeger. Every wire call goes through the governor with a
// key of all its parts, so equal calls in flight are one call. Searches are filtered, sorted and
// cut the same for all protocols (post_filter.hpp).
//
// Protocol: as ProtocolChoice says; chosen on the first call or probe and kept. An answer that is
// not of its protocol makes the store choose again and repeat the call, so that an upgrade or a
// downgrade of Jaeger fails no call. The prober asks the chosen protocol for a sign of life, and
// looks for a better one after a change of the version, after an outage, and now and then.
//
// A call is repeated once when the server says it is busy. While Jaeger cannot be reached, calls
// are refused at once with the last reason (CircuitBreaker); the prober goes on.
class JaegerStore final : public TraceStore {
 public:
    // `governor` and `clock` outlive the store.
    JaegerStore(JaegerStoreOptions options, Governor& governor, const Clock& clock);
    ~JaegerStore() override;

    Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) override;
    Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) override;
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override;
    Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) override;
    [[nodiscard]] StoreState state() const override;

    // Asks the store for a sign of life now and updates state().
    Awaitable<StoreState> probe(RequestContext context);
    // Probes until cancelled, in the background class. For a TaskGroup; searches never wait for it.
    Awaitable<> run_prober();

 private:
    std::shared_ptr<StoreCore> core_;
    std::shared_ptr<StoreProber> prober_;
};

}  // namespace meshscope::clients::jaeger
