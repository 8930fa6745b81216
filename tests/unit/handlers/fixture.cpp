#include "tests/unit/handlers/fixture.hpp"

#include "business/diagnose.hpp"
#include "business/explain.hpp"
#include "business/forensics.hpp"
#include "business/graph_appenders.hpp"
#include "business/graphs.hpp"
#include "business/health.hpp"
#include "business/heatmap.hpp"
#include "business/logs.hpp"
#include "business/mesh.hpp"
#include "business/metrics.hpp"
#include "business/no_metrics.hpp"
#include "business/reconcile.hpp"
#include "business/response_stats.hpp"
#include "business/status.hpp"
#include "business/trace_graphs.hpp"
#include "business/traces.hpp"
#include "core/text.hpp"
#include "handlers/openapi.hpp"
#include "handlers/register_routes.hpp"
#include "server/live_body.hpp"
#include "tests/support/openapi_check.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

namespace meshscope::test {

namespace {

std::shared_ptr<const business::Mesh> make_mesh(HandlersFixture& fixture) {
    business::Mesh::Parts parts;
    parts.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    parts.access = fixture.access.get();
    parts.clock = &fixture.clock;
    parts.discovery = fixture.discovery;
    return std::make_shared<const business::Mesh>(std::move(parts));
}

std::shared_ptr<const business::Metrics> make_metrics(HandlersFixture& fixture) {
    business::Metrics::Parts parts;
    parts.store = fixture.has_metrics ? &fixture.metric_store : nullptr;
    parts.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    parts.access = fixture.access.get();
    parts.clock = &fixture.clock;
    parts.discovery = fixture.discovery;
    return std::make_shared<const business::Metrics>(std::move(parts));
}

std::shared_ptr<const business::Reconcile> make_reconcile(
    HandlersFixture& fixture, const handlers::Parts& made
) {
    business::Reconcile::Parts parts;
    parts.metrics = fixture.has_metrics ? &fixture.metric_store : nullptr;
    parts.traces = made.traces.get();
    parts.logs = made.logs.get();
    parts.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    parts.access = fixture.access.get();
    parts.clock = &fixture.clock;
    parts.discovery = fixture.discovery;
    return std::make_shared<const business::Reconcile>(std::move(parts));
}

std::shared_ptr<const business::Graphs> make_graphs(HandlersFixture& fixture) {
    business::Graphs::Parts parts;
    parts.metrics = fixture.has_metrics ? &fixture.metric_store : nullptr;
    parts.unavailable = business::no_metrics();
    parts.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    parts.access = fixture.access.get();
    parts.clock = &fixture.clock;
    parts.discovery = fixture.discovery;
    parts.appenders = business::graph_appenders({}, business::HealthRules());
    return std::make_shared<const business::Graphs>(std::move(parts));
}

void add_measured(HandlersFixture& fixture, handlers::Parts& parts) {
    business::Heatmaps::Parts heatmaps;
    heatmaps.traces = parts.traces.get();
    heatmaps.access = fixture.access.get();
    heatmaps.metrics = fixture.has_metrics ? &fixture.metric_store : nullptr;
    heatmaps.unavailable = business::no_metrics();
    heatmaps.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    heatmaps.clock = &fixture.clock;
    heatmaps.settings.intervals = {
        {"10m", std::chrono::minutes(10)},
        {"60m", std::chrono::hours(1)},
        {"3h", std::chrono::hours(3)}
    };
    business::ResponseStats::Parts stats;
    stats.access = heatmaps.access;
    stats.metrics = heatmaps.metrics;
    stats.cluster = heatmaps.cluster;
    stats.clock = heatmaps.clock;
    stats.discovery = fixture.discovery;
    parts.heatmaps = std::make_shared<const business::Heatmaps>(std::move(heatmaps));
    parts.response_stats = std::make_shared<const business::ResponseStats>(std::move(stats));
}

std::shared_ptr<const business::MeshHealth> make_health(HandlersFixture& fixture) {
    business::MeshHealth::Parts parts;
    parts.store = fixture.has_metrics ? &fixture.metric_store : nullptr;
    parts.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    parts.clock = &fixture.clock;
    return std::make_shared<const business::MeshHealth>(std::move(parts));
}

std::shared_ptr<const business::Explain> make_explain(HandlersFixture& fixture) {
    business::Explain::Parts parts;
    parts.store = fixture.no_store ? nullptr : &fixture.store;
    parts.unavailable = fixture.no_store.value_or(Error());
    parts.finder = &fixture.finder;
    parts.metrics = fixture.has_metrics ? &fixture.metric_store : nullptr;
    parts.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    parts.access = fixture.access.get();
    parts.clock = &fixture.clock;
    parts.discovery = fixture.discovery;
    parts.settings = fixture.settings;
    parts.setup = fixture.setup;
    return std::make_shared<const business::Explain>(std::move(parts));
}

std::shared_ptr<const business::Diagnose> make_diagnose(HandlersFixture& fixture) {
    business::Diagnose::Parts parts;
    parts.finder = fixture.no_store ? nullptr : &fixture.finder;
    parts.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    parts.access = fixture.access.get();
    parts.clock = &fixture.clock;
    parts.setup = fixture.setup;
    return std::make_shared<const business::Diagnose>(std::move(parts));
}

handlers::Parts make_parts(HandlersFixture& fixture) {
    business::Traces::Parts inner;
    inner.store = fixture.no_store ? nullptr : &fixture.store;
    inner.unavailable = fixture.no_store.value_or(Error());
    inner.access = fixture.access.get();
    inner.clock = &fixture.clock;
    inner.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    inner.discovery = fixture.discovery;
    inner.settings = fixture.settings;
    handlers::Parts parts;
    auto masker = std::make_shared<const business::Masker>(fixture.masked_keys);
    inner.masker = masker.get();
    business::Logs::Parts logs;
    logs.cluster = fixture.has_cluster ? &fixture.cluster : nullptr;
    logs.access = fixture.access.get();
    logs.masker = masker.get();
    logs.clock = &fixture.clock;
    logs.discovery = fixture.discovery;
    logs.bounds.follow = fixture.follow;
    parts.masker = std::move(masker);
    parts.traces = std::make_shared<const business::Traces>(inner);
    logs.traces = parts.traces.get();
    parts.logs = std::make_shared<const business::Logs>(std::move(logs));
    parts.mesh = make_mesh(fixture);
    parts.metrics = make_metrics(fixture);
    parts.graphs = make_graphs(fixture);
    add_measured(fixture, parts);
    parts.trace_graphs = std::make_shared<const business::TraceGraphs>(business::TraceGraphs::Parts{
        parts.traces,
        parts.graphs,
        inner.cluster,
        fixture.access.get(),
        &fixture.clock,
        fixture.discovery,
        nullptr
    });
    if (!fixture.health) {
        fixture.health = make_health(fixture);
    }
    parts.health = fixture.health;
    parts.reconcile = make_reconcile(fixture, parts);
    parts.explain = make_explain(fixture);
    parts.diagnose = make_diagnose(fixture);
    business::Forensics::Parts of_forensics;
    of_forensics.traces = parts.traces.get();
    of_forensics.cluster = inner.cluster;
    of_forensics.clock = &fixture.clock;
    parts.forensics = std::make_shared<const business::Forensics>(of_forensics);
    business::Status::Parts of_status;
    of_status.store = inner.store;
    of_status.cluster = inner.cluster;
    of_status.clock = &fixture.clock;
    of_status.metrics = fixture.metrics_in_status ? &fixture.metric_store : nullptr;
    parts.status = std::make_shared<const business::Status>(of_status);
    parts.config = std::make_shared<const handlers::PublicConfig>(fixture.config);
    parts.event_times = fixture.event_times;
    parts.response_limit_bytes = fixture.response_limit_bytes;
    parts.login = fixture.login;
    parts.address = fixture.address;
    if (fixture.config.auth_strategy == "anonymous") {
        parts.everybody = business::anonymous_caller();
        parts.everybody.cluster_wide = fixture.cluster_wide;
    }
    if (fixture.caller) {
        parts.everybody = *fixture.caller;
    }
    parts.ready = [&fixture] { return fixture.ready; };
    return parts;
}

Awaitable<bool> follow(
    server::LiveBody& body, const std::function<bool(const std::string&)>& leaves, Reply& reply
) {
    bool more = true;
    while (more && !(leaves && leaves(reply.body))) {
        std::string piece;
        more = co_await body.next(piece);
        ++reply.pieces;
        reply.largest_piece = std::max(reply.largest_piece, piece.size());
        reply.body += piece;
    }
    co_await body.end();
    co_return true;
}

Reply read(server::Response response, const std::function<bool(const std::string&)>& leaves) {
    Reply reply;
    reply.status = response.status;
    reply.content_type = response.content_type;
    for (const auto& [name, value] : response.headers.items()) {
        reply.headers += name + ": " + value + "\n";
    }
    reply.meta_header = response.headers.get("Meshscope-Meta").value_or("");
    reply.fields = response.headers;
    if (auto* text = std::get_if<std::string>(&response.body)) {
        reply.body = std::move(*text);
        return reply;
    }
    if (auto* live = std::get_if<std::shared_ptr<server::LiveBody>>(&response.body)) {
        run_coroutine<bool>([&] { return follow(**live, leaves, reply); });
        return reply;
    }
    auto& source = std::get<server::BodySource>(response.body);
    for (bool more = true; more;) {
        std::string piece;
        more = source(piece);
        ++reply.pieces;
        reply.largest_piece = std::max(reply.largest_piece, piece.size());
        reply.body += piece;
    }
    return reply;
}

void hold_against_contract(server::Method method, const std::string& pattern, const Reply& reply) {
    static const OpenApiCheck check(handlers::openapi_json());
    Answer answer;
    answer.method = to_lower(server::to_string(method));
    answer.pattern = pattern;
    answer.status = reply.status;
    answer.content_type = reply.content_type;
    answer.body = reply.body;
    answer.meta_header = reply.meta_header;
    for (const std::string& problem : check.problems(answer)) {
        INFO(pattern << "\n" << reply.body.substr(0, 2000));
        FAIL_CHECK(problem);
    }
}

}  // namespace

Reply HandlersFixture::get(const std::string& target) { return send(server::Method::kGet, target); }

Reply HandlersFixture::send(
    server::Method method, const std::string& target, server::Request request
) {
    const handlers::Parts parts = make_parts(*this);
    server::Router router;
    handlers::register_routes(router, parts);
    const std::size_t mark = target.find('?');
    request.method = method;
    request.target = target;
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) {
        request.query = server::parse_query(std::string_view(target).substr(mark + 1));
    }
    const server::RouteMatch match = router.match(method, request.path);
    const auto* matched = std::get_if<server::Matched>(&match);
    if (matched == nullptr) {
        FAIL("no route for " + target);
        return {};
    }
    request.path_parameters = matched->parameters;
    RequestContext context;
    context.request_id = "test-request";
    server::Response response =
        run_coroutine<server::Response>([&] { return matched->route->handler(context, request); });
    Reply reply = read(std::move(response), leaves);
    hold_against_contract(method, matched->route->pattern, reply);
    return reply;
}

std::string encoded(const std::string& text) { return percent_encode(text); }

}  // namespace meshscope::test
