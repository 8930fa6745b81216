#include "business/metrics.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/metric_json.hpp"
#include "handlers/metric_parameters.hpp"
#include "handlers/public_config.hpp"
#include "handlers/routes.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::FamilyAnswer;
using business::MetricFamily;
using business::MetricSubject;
using business::TrafficDirection;
using server::Request;
using server::Response;

struct Chart {
    const char* name;
    const char* unit;
    MetricFamily family;
    double scale;
};

constexpr double kSeconds = 0.001;  // of milliseconds
constexpr double kBits = 8;         // of bytes

constexpr std::array<Chart, 12> kCharts{{
    {"Request volume", "ops", MetricFamily::kRequestCount, 1},
    {"Request duration", "seconds", MetricFamily::kRequestDuration, kSeconds},
    {"Request size", "bytes", MetricFamily::kRequestSize, 1},
    {"Response size", "bytes", MetricFamily::kResponseSize, 1},
    {"Request throughput", "bitrate", MetricFamily::kRequestThroughput, kBits},
    {"Response throughput", "bitrate", MetricFamily::kResponseThroughput, kBits},
    {"gRPC received", "msgrate", MetricFamily::kGrpcReceived, 1},
    {"gRPC sent", "msgrate", MetricFamily::kGrpcSent, 1},
    {"TCP opened", "connrate", MetricFamily::kTcpOpened, 1},
    {"TCP closed", "connrate", MetricFamily::kTcpClosed, 1},
    {"TCP received", "bitrate", MetricFamily::kTcpReceived, kBits},
    {"TCP sent", "bitrate", MetricFamily::kTcpSent, kBits},
}};

// Series are asked for where a chart shows them.
void keep_charted(std::vector<MetricFamily>& families) {
    std::erase_if(families, [](MetricFamily family) {
        return std::ranges::find(kCharts, family, &Chart::family) == kCharts.end();
    });
}

void write_chart(JsonWriter& json, const Chart& chart, const std::vector<FamilyAnswer>& families) {
    constexpr int kColumns = 3;  // of twelve
    const auto found = std::ranges::find(families, chart.family, &FamilyAnswer::family);
    json.begin_object().field("name", chart.name).field("unit", chart.unit);
    json.field("spans", kColumns).field("startCollapsed", false).key("metrics");
    if (found == families.end()) {
        json.begin_array().end_array();
    } else {
        write_series(json, *found, chart.scale);
    }
    const bool failed = found != families.end() && found->error;
    json.key("xAxis").null().field("error", failed ? found->error->message() : std::string());
    json.end_object();
}

void write_aggregation(JsonWriter& json, const std::string& label, const std::string& name) {
    json.begin_object().field("label", label).field("displayName", name);
    json.field("singleSelection", false).end_object();
}

void write_aggregations(
    JsonWriter& json, TrafficDirection direction, const PublicUiDefaults& defaults
) {
    const bool inbound = direction == TrafficDirection::kInbound;
    const std::string local = inbound ? "destination" : "source";
    const std::string remote = inbound ? "source" : "destination";
    json.begin_array();
    write_aggregation(json, local + "_canonical_revision", "Local version");
    write_aggregation(json, remote + "_workload_namespace", "Remote namespace");
    if (!inbound) {
        write_aggregation(json, "destination_service_name", "Remote service");
    }
    write_aggregation(json, remote + "_canonical_service", "Remote app");
    write_aggregation(json, remote + "_canonical_revision", "Remote version");
    write_aggregation(json, "response_code", "Response code");
    write_aggregation(json, "grpc_response_status", "GRPC status");
    write_aggregation(json, "response_flags", "Response flags");
    write_aggregation(json, "connection_security_policy", "Connection Security Policy");
    for (const PublicAggregation& own :
         inbound ? defaults.inbound_aggregations : defaults.outbound_aggregations) {
        write_aggregation(json, own.label, own.display_name);
    }
    json.end_array();
}

Awaitable<Response> dashboard(
    const Parts& parts, RequestContext context, const Request& request, MetricSubject subject
) {
    auto parameters = read_metrics_of(request, subject);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    business::MetricsRequest& asked = parameters->request;
    keep_charted(asked.families);
    auto found = co_await parts.metrics->of(context, asked, true);
    if (!found) {
        co_return error_response(found.error(), context.request_id);
    }
    warn_of_filters(found->meta, *parameters);
    const bool inbound = asked.direction == TrafficDirection::kInbound;
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("name", "");
    json.field("title", inbound ? "Inbound Metrics" : "Outbound Metrics");
    json.key("charts").begin_array();
    for (const Chart& chart : kCharts) {
        write_chart(json, chart, found->families);
    }
    json.end_array().key("aggregations");
    write_aggregations(json, asked.direction, parts.config->ui);
    constexpr int kRows = 3;
    json.key("externalLinks").null().field("rows", kRows);
    write_meta(json.key("meta"), found->meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

Awaitable<Response> of_app(const Parts& parts, RequestContext context, const Request& request) {
    return dashboard(parts, std::move(context), request, MetricSubject::kApp);
}
Awaitable<Response> of_service(const Parts& parts, RequestContext context, const Request& request) {
    return dashboard(parts, std::move(context), request, MetricSubject::kService);
}
Awaitable<Response> of_workload(
    const Parts& parts, RequestContext context, const Request& request
) {
    return dashboard(parts, std::move(context), request, MetricSubject::kWorkload);
}

}  // namespace

void add_dashboard_routes(server::Router& router, const Parts& parts) {
    const auto add = [&](std::string path, Operation operation) {
        router.add(server::Method::kGet, std::move(path), bind(parts, Entry::kSignedIn, operation));
    };
    add("/api/namespaces/{namespace}/apps/{app}/dashboard", of_app);
    add("/api/namespaces/{namespace}/services/{service}/dashboard", of_service);
    add("/api/namespaces/{namespace}/workloads/{workload}/dashboard", of_workload);
}

}  // namespace meshscope::handlers
