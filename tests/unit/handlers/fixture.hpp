#pragma once

#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/explain_facts.hpp"
#include "business/log_follow.hpp"
#include "business/masking.hpp"
#include "business/trace_request.hpp"
#include "handlers/login_parts.hpp"
#include "handlers/parts.hpp"
#include "handlers/public_config.hpp"
#include "models/trace.hpp"
#include "server/http_types.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/fake_store_finder.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>

namespace meshscope::business {
class MeshHealth;
}

namespace meshscope::test {

inline constexpr std::int64_t kNow = 1'763'683'200'000'000;  // of the ManualClock, µs

struct Reply {
    unsigned status = 0;
    std::string content_type;
    std::string body;
    std::string meta_header;
    std::string headers;     // all of them, a line each
    server::Headers fields;  // the same
    std::size_t pieces = 0;  // of a streamed body; 0: it was not streamed
    std::size_t largest_piece = 0;

    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
    [[nodiscard]] nlohmann::json meta() const {
        return meta_header.empty() ? json()["meta"] : nlohmann::json::parse(meta_header);
    }
};

// All routes over a trace store, a cluster and a metric store in memory. Every reply is held
// against the contract.
class HandlersFixture {
 public:
    FakeTraceStore store;
    ManualClock clock;
    FakeCluster cluster{&clock};
    bool has_cluster = true;
    FakeMetricStore metric_store;
    FakeStoreFinder finder;
    business::StoreSetup setup;
    bool has_metrics = true;
    bool metrics_in_status = false;
    std::shared_ptr<const business::MeshHealth> health;  // made with the first request, then kept
    business::Discovery discovery{{}};
    std::shared_ptr<business::Access> access = std::make_shared<business::CallerAccess>();
    business::TracingSettings settings;
    handlers::PublicConfig config;
    std::vector<std::string> masked_keys;
    std::optional<Error> no_store;  // set: there is no store, and this is why
    bool ready = true;
    std::optional<Caller> caller;  // who calls; else as cluster_wide says
    bool cluster_wide = true;      // with strategy anonymous; with any other nobody is signed in
    std::size_t response_limit_bytes = 256UL * 1024 * 1024;
    std::shared_ptr<const handlers::LoginParts> login;  // null: nobody logs in
    handlers::PublicAddress address;
    business::FollowBounds follow;
    handlers::EventTimes event_times;
    // Events are read until this is true of all that has come, or until they end.
    std::function<bool(const std::string& body)> leaves;

    // GET on a path with its query, percent-encoded. Fails the test on a path without a route and
    // on an answer that is not in the contract.
    Reply get(const std::string& target);
    // Likewise with another method, with headers, a body and an address in `with`.
    Reply send(server::Method method, const std::string& target, server::Request with = {});
};

// `text` in a query string.
std::string encoded(const std::string& text);

}  // namespace meshscope::test
