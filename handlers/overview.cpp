#include "business/overview.hpp"

#include "core/json_writer.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/measured_routes.hpp"
#include "handlers/mesh_parameters.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parts.hpp"

#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::Overview;
using business::OverviewList;
using business::OverviewRow;
using server::Request;
using server::Response;

business::HealthQuery look_of(const HealthRequest& asked) {
    business::HealthQuery query = asked.query;
    query.namespaces = asked.namespaces;
    return query;
}

// Everything but what a list is about; to be ended.
void begin_row(
    JsonWriter& json, const OverviewList& list, const OverviewRow& row, const char* name
) {
    json.begin_object().field("cluster", list.cluster);
    json.field("healthStatus", business::to_string(row.status));
    json.field("namespace", row.ns).field(name, row.name);
}

// `write_row` gets the JSON and a row, which it does not end.
template <class WriteRow>
Response answer(
    OverviewList list,
    const char* key,
    const char* order,
    WriteRow write_row,
    bool tells_waypoints = false
) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (tells_waypoints) {
        json.field("hasWaypoints", list.waypoints);
    }
    json.key(key).begin_array();
    for (const OverviewRow& row : list.rows) {
        write_row(json, row);
        json.end_object();
    }
    json.end_array();
    list.meta.order = order;
    write_meta(json.key("meta"), list.meta);
    json.end_object();
    return Response::json(std::move(body));
}

Awaitable<Response> latency(const Parts& parts, RequestContext context, const Request& request) {
    const auto asked = read_overview_request(request.query);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    const Overview overview(*parts.mesh, *parts.health, *parts.metrics);
    auto list = co_await overview.services(
        context, Overview::Measure::kLatency, asked->cluster, look_of(*asked)
    );
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    co_return answer(*list, "services", "latency:desc", [&](JsonWriter& json, const auto& row) {
        begin_row(json, *list, row, "serviceName");
        json.field("latency", row.latency_ms);
    });
}

Awaitable<Response> rates(const Parts& parts, RequestContext context, const Request& request) {
    const auto asked = read_overview_request(request.query);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    const Overview overview(*parts.mesh, *parts.health, *parts.metrics);
    auto list = co_await overview.rates(context, asked->cluster, look_of(*asked));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    const char* order = "errorRate:desc,requestRate:desc";
    co_return answer(*list, "services", order, [&](JsonWriter& json, const auto& row) {
        begin_row(json, *list, row, "serviceName");
        json.field("errorRate", row.error_ratio).field("requestRate", row.inbound);
    });
}

Awaitable<Response> throughput(const Parts& parts, RequestContext context, const Request& request) {
    const auto asked = read_overview_request(request.query);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    const Overview overview(*parts.mesh, *parts.health, *parts.metrics);
    auto list = co_await overview.services(
        context, Overview::Measure::kTcp, asked->cluster, look_of(*asked)
    );
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    const auto write = [&](JsonWriter& json, const auto& row) {
        begin_row(json, *list, row, "serviceName");
        json.field("tcpRate", row.tcp_bytes);
    };
    co_return answer(*list, "services", "tcpRate:desc", write, true);
}

Awaitable<Response> apps(const Parts& parts, RequestContext context, const Request& request) {
    const auto asked = read_overview_request(request.query);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    const Overview overview(*parts.mesh, *parts.health, *parts.metrics);
    auto list = co_await overview.apps(context, asked->cluster, look_of(*asked));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    const char* order = "namespace:asc,appName:asc";
    co_return answer(*list, "apps", order, [&](JsonWriter& json, const auto& row) {
        begin_row(json, *list, row, "appName");
        json.field("requestRateIn", row.inbound).field("requestRateOut", row.outbound);
    });
}

}  // namespace

void add_overview_routes(server::Router& router, const Parts& parts) {
    const auto add = [&](const char* path, auto handler) {
        router.add(server::Method::kGet, path, bind(parts, Entry::kSignedIn, handler));
    };
    add("/api/overview/metrics/apps/rates", apps);
    add("/api/overview/metrics/services/latency", latency);
    add("/api/overview/metrics/services/rates", rates);
    add("/api/overview/metrics/services/throughput", throughput);
}

}  // namespace meshscope::handlers
