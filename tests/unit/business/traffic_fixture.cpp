#include "tests/unit/business/traffic_fixture.hpp"

#include "core/error.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace meshscope::test {

namespace {

using models::Graph;
using models::GraphEdge;
using models::GraphNode;

std::string key_of(const GraphNode& node) {
    std::string text;
    node.key.append_text(text);
    return text;
}

void append_rates(std::string& text, std::string_view name, const models::TrafficRates& rates) {
    const auto add = [&](std::string_view what, double rate) {
        if (rate > 0) {
            text += fmt::format(" {}{}={:.2f}", name, what, rate);
        }
    };
    add("", rates.total);
    add(".none", rates.no_response);
    add(".3xx", rates.status_3xx);
    add(".4xx", rates.status_4xx);
    add(".5xx", rates.status_5xx);
    add(".err", rates.errors);
}

// "wl_Kubernetes_shop_cart cart/v1 http=2.00 out.http=4.00 [cart] inside-box root outside"
std::string text_of(const Graph& graph, models::NodeIndex index) {
    const GraphNode& node = graph.node(index);
    std::string text = key_of(node);
    if (!node.app.empty() || !node.version.empty()) {
        text += fmt::format(" {}/{}", node.app, node.version);
    }
    constexpr std::array<std::string_view, 3> kNames{"grpc", "http", "tcp"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        append_rates(text, kNames[i], node.in[i]);
        if (node.out[i] > 0) {
            text += fmt::format(" out.{}={:.2f}", kNames[i], node.out[i]);
        }
    }
    std::vector<std::string> services;
    graph.each_service(index, [&](const models::ServiceName& one) {
        services.emplace_back(one.name);
    });
    std::ranges::sort(services);
    for (const std::string& service : services) {
        text += fmt::format(" [{}]", service);
    }
    const auto mark = [&](bool set, std::string_view name) {
        text += set ? fmt::format(" {}", name) : "";
    };
    mark(node.parent != models::kNoIndex, "boxed");
    mark(node.is_injected, "injected");
    mark(node.is_root, "root");
    mark(node.is_outside, "outside");
    mark(node.is_inaccessible, "inaccessible");
    mark(node.is_waypoint, "waypoint");
    return text;
}

// "wl_Kubernetes_shop_cart > wl_Kubernetes_shop_bank http=2.00 200/-/bank.shop.svc=2.00"
std::string text_of(const Graph& graph, const GraphEdge& edge, models::EdgeIndex index) {
    std::string text =
        fmt::format("{} > {}", key_of(graph.node(edge.source)), key_of(graph.node(edge.target)));
    if (!(edge.rates.total > 0)) {
        return text + fmt::format(" {} idle", edge.protocol_name);
    }
    append_rates(text, edge.protocol_name, edge.rates);
    std::vector<std::string> responses;
    graph.each_response(index, [&](const models::EdgeResponse& one) {
        const std::string_view host = one.host.substr(0, one.host.find(".svc"));
        responses.push_back(fmt::format(" {}/{}/{}={:.2f}", one.code, one.flags, host, one.rate));
    });
    std::ranges::sort(responses);
    for (const std::string& one : responses) {
        text += one;
    }
    return text;
}

}  // namespace

MetricRow traffic_row(
    const TrafficEnd& source, const TrafficEnd& target, const std::string& service, double rate
) {
    MetricRow row;
    row.value = rate;
    row.labels = {
        {"source_cluster", source.cluster},
        {"source_workload_namespace", source.ns},
        {"source_workload", source.workload},
        {"source_canonical_service", source.app},
        {"source_canonical_revision", source.version},
        {"destination_cluster", target.cluster},
        {"destination_service_namespace", target.ns},
        {"destination_service", service + "." + target.ns + ".svc.cluster.local"},
        {"destination_service_name", service},
        {"destination_workload_namespace", target.ns},
        {"destination_workload", target.workload},
        {"destination_canonical_service", target.app},
        {"destination_canonical_revision", target.version}
    };
    return row;
}

MetricRow http_row(
    const TrafficEnd& source,
    const TrafficEnd& target,
    const std::string& service,
    double rate,
    const std::string& code,
    const std::string& flags
) {
    return with(
        traffic_row(source, target, service, rate),
        {{"request_protocol", "http"}, {"response_code", code}, {"response_flags", flags}}
    );
}

MetricRow grpc_row(
    const TrafficEnd& source,
    const TrafficEnd& target,
    const std::string& service,
    double rate,
    const std::string& status,
    const std::string& http
) {
    return with(
        http_row(source, target, service, rate, http),
        {{"request_protocol", "grpc"}, {"grpc_response_status", status}}
    );
}

MetricRow tcp_row(
    const TrafficEnd& source, const TrafficEnd& target, const std::string& service, double rate
) {
    return with(
        traffic_row(source, target, service, rate), {{"response_flags", "-"}, {"app", target.app}}
    );
}

MetricRow with(MetricRow row, const std::map<std::string, std::string>& labels) {
    for (const auto& [name, value] : labels) {
        row.labels[name] = value;
        if (value.empty()) {
            row.labels.erase(name);
        }
    }
    return row;
}

TrafficFixture::TrafficFixture(std::vector<std::string> namespaces) {
    for (const std::string& ns : namespaces) {
        cluster.add_namespace(ns);
    }
    request.namespaces = std::move(namespaces);
}

Result<std::shared_ptr<const business::GraphWork>> TrafficFixture::ask() {
    business::Graphs::Parts parts;
    parts.metrics = &store;
    parts.cluster = has_cluster ? &cluster : nullptr;
    parts.access = access.get();
    parts.clock = &clock;
    parts.discovery = discovery;
    parts.appenders = appenders;
    const business::Graphs graphs(std::move(parts));
    RequestContext context;
    context.caller = business::anonymous_caller();
    return run_coroutine<Result<std::shared_ptr<const business::GraphWork>>>([&] {
        return graphs.of(context, request);
    });
}

std::shared_ptr<const business::GraphWork> TrafficFixture::graph() {
    auto work = ask();
    if (!work) {
        FAIL(work.error().message());
    }
    return *work;
}

std::vector<std::string> TrafficFixture::nodes() { return node_texts(*graph()); }
std::vector<std::string> TrafficFixture::edges() { return edge_texts(*graph()); }

std::vector<std::string> node_texts(const business::GraphWork& work) {
    std::vector<std::string> texts;
    for (models::NodeIndex at = 0; at < work.graph.nodes().size(); ++at) {
        if (!work.graph.node(at).removed) {
            texts.push_back(text_of(work.graph, at));
        }
    }
    std::ranges::sort(texts);
    return texts;
}

std::vector<std::string> edge_texts(const business::GraphWork& work) {
    std::vector<std::string> texts;
    for (models::EdgeIndex at = 0; at < work.graph.edges().size(); ++at) {
        if (!work.graph.edge(at).removed) {
            texts.push_back(text_of(work.graph, work.graph.edge(at), at));
        }
    }
    std::ranges::sort(texts);
    return texts;
}

}  // namespace meshscope::test
