#include "business/graph_appenders.hpp"
#include "business/graph_edge_rows.hpp"
#include "business/tcp_bytes.hpp"
#include "business/traffic_identity.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

namespace meshscope::business {

namespace {

using clients::VectorAnswerPtr;
using clients::promql::Expr;
using clients::promql::Label;
using clients::promql::Literal;
using models::EdgeIndex;
using models::kNoIndex;

using Values = std::unordered_map<EdgeIndex, double>;

std::vector<Label> with(std::vector<Label> labels, std::initializer_list<Label> more) {
    labels.insert(labels.end(), more);
    return labels;
}

std::string_view known(std::string_view text) { return is_known(text) ? text : std::string_view(); }

// Edges to services lead to who serves them, except in graphs of services: there they are the last.
bool has_unserved(const GraphRequest& request) { return request.type != GraphType::kService; }

EdgeGrouping grouping_of(const GraphRequest& request, bool served) {
    return served ? EdgeGrouping::of_last_edge(request) : EdgeGrouping::of_unserved(request);
}

// Where others are served behind the service, what was not would speak for all.
bool leads_nowhere(const models::Graph& graph, EdgeIndex edge) {
    return !graph.has_out(graph.edge(edge).target);
}

class ResponseTimes final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "responseTime"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        const GraphRequest& request = work.request;
        return request.parts.has(GraphPart::kResponseTime) &&
               (request.http == TrafficRate::kRequests || request.grpc == TrafficRate::kRequests);
    }

    [[nodiscard]] std::vector<Expr> questions(const GraphWork& work) const override {
        std::vector<Expr> out;
        const auto ask = [&](const EdgeGrouping& grouping, const EdgeSelector& selector) {
            out.push_back(question(
                work.request.response_time, with(grouping.labels(), {"request_protocol"}), selector
            ));
        };
        for (const EdgeSelector& selector : edge_selectors(work, Reports::kBothEnds)) {
            ask(EdgeGrouping::of_last_edge(work.request), selector);
        }
        if (has_unserved(work.request)) {
            for (const EdgeSelector& selector : unserved_selectors(work)) {
                ask(EdgeGrouping::of_unserved(work.request), selector);
            }
        }
        return out;
    }

    // The first answer that tells of an edge is believed; of several rows in it the slowest.
    void apply(GraphWork& work, std::span<const VectorAnswerPtr> answers) const override {
        const std::size_t served = edge_selectors(work, Reports::kBothEnds).size();
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const models::LabelTable& table = answers[i]->data.labels;
            const EdgeRows rows(work, grouping_of(work.request, i < served), table);
            const std::size_t protocol = table.column("request_protocol");
            Values found;
            for (std::size_t row = 0; row < table.rows(); ++row) {
                const double value = answers[i]->data.values[row];
                const EdgeIndex edge = rows.of(row, table.cell(row, protocol)).first;
                if (edge != kNoIndex && std::isfinite(value) &&
                    (i < served || leads_nowhere(work.graph, edge))) {
                    found[edge] = std::max(found[edge], value);
                }
            }
            for (const auto& [edge, value] : found) {
                auto& shown = work.graph.edge(edge).response_time_ms;
                shown = shown ? shown : value;
            }
        }
    }

 private:
    static Expr question(
        ResponseTimeKind kind, const std::vector<Label>& by, const EdgeSelector& selector
    ) {
        const auto summed = [&](Literal metric, const std::vector<Label>& labels) {
            return sum(rate_of(metric, selector), labels);
        };
        if (kind == ResponseTimeKind::kAverage) {
            return above_zero(divided(
                summed("istio_request_duration_milliseconds_sum", by),
                summed("istio_request_duration_milliseconds_count", by)
            ));
        }
        return above_zero(histogram_quantile(
            quantile(kind), summed("istio_request_duration_milliseconds_bucket", with(by, {"le"}))
        ));
    }
    static clients::promql::Quantile quantile(ResponseTimeKind kind) {
        const std::string_view text = kind == ResponseTimeKind::kP50   ? "0.5"
                                      : kind == ResponseTimeKind::kP99 ? "0.99"
                                                                       : "0.95";
        return clients::promql::Quantile::parse(text).value();
    }
};

// Adds what an answer says of each edge.
Values add_up(
    const GraphWork& work,
    const EdgeGrouping& grouping,
    const VectorAnswerPtr& answer,
    std::string_view protocol
) {
    const models::LabelTable& table = answer->data.labels;
    const EdgeRows rows(work, grouping, table);
    Values sums;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const double value = answer->data.values[row];
        const EdgeIndex edge = rows.of(row, protocol).first;
        if (edge != kNoIndex && std::isfinite(value)) {
            sums[edge] += value;
        }
    }
    return sums;
}

class Throughput final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "throughput"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kThroughput) &&
               work.request.http == TrafficRate::kRequests;
    }

    [[nodiscard]] std::vector<Expr> questions(const GraphWork& work) const override {
        const Literal metric = of_requests(work) ? Literal("istio_request_bytes_sum")
                                                 : Literal("istio_response_bytes_sum");
        std::vector<Expr> out;
        const auto ask = [&](const EdgeGrouping& grouping, const EdgeSelector& selector) {
            out.push_back(above_zero(sum(rate_of(metric, selector), grouping.labels())));
        };
        for (const EdgeSelector& selector : selectors(work)) {
            ask(EdgeGrouping::of_last_edge(work.request), selector);
        }
        if (of_requests(work) && has_unserved(work.request)) {
            for (const EdgeSelector& selector : unserved_selectors(work)) {
                ask(EdgeGrouping::of_unserved(work.request), selector);
            }
        }
        return out;
    }

    void apply(GraphWork& work, std::span<const VectorAnswerPtr> answers) const override {
        const std::size_t served = selectors(work).size();
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const EdgeGrouping grouping = grouping_of(work.request, i < served);
            for (const auto& [edge, value] : add_up(work, grouping, answers[i], "http")) {
                if (i < served || leads_nowhere(work.graph, edge)) {
                    auto& shown = work.graph.edge(edge).throughput;
                    shown = shown.value_or(0) + value;
                }
            }
        }
    }

 private:
    static bool of_requests(const GraphWork& work) {
        return work.request.throughput == ThroughputKind::kRequest;
    }
    static std::vector<EdgeSelector> selectors(const GraphWork& work) {
        return edge_selectors(work, of_requests(work) ? Reports::kSources : Reports::kTargets);
    }
};

// Who proves to be who on an edge, and how much of its traffic does so.
class Security final : public GraphAppender {
 public:
    [[nodiscard]] std::string_view name() const override { return "securityPolicy"; }
    [[nodiscard]] bool wanted(const GraphWork& work) const override {
        return work.request.parts.has(GraphPart::kSecurityPolicy) && !metrics_of(work).empty();
    }

    [[nodiscard]] std::vector<Expr> questions(const GraphWork& work) const override {
        const auto by = with(
            EdgeGrouping::of_path(work.request).labels(),
            {"source_principal", "destination_principal", "connection_security_policy"}
        );
        std::vector<Expr> out;
        for (const Metric& metric : metrics_of(work)) {
            const auto labels = metric.protocol.empty() ? with(by, {"request_protocol"}) : by;
            for (const EdgeSelector& selector : edge_selectors(work, Reports::kTargets)) {
                out.push_back(
                    above_zero(sum(rate(metric.name, selector.matchers, selector.range), labels))
                );
            }
        }
        return out;
    }

    void apply(GraphWork& work, std::span<const VectorAnswerPtr> answers) const override {
        const std::vector<Metric> metrics = metrics_of(work);
        const std::size_t each = answers.size() / metrics.size();
        std::unordered_map<EdgeIndex, Told> told;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            read(work, *answers[i], metrics[i / each].protocol, told);
        }
        for (const auto& [index, one] : told) {
            models::GraphEdge& edge = work.graph.edge(index);
            if (one.mutual > 0) {
                edge.mtls_percent = 100 * one.mutual / one.all;
            }
            edge.source_principal = work.graph.keep(one.source);
            edge.target_principal = work.graph.keep(one.target);
        }
        for (EdgeIndex index = 0; index < work.graph.edges().size(); ++index) {
            models::GraphEdge& edge = work.graph.edge(index);
            const bool waypoint = work.graph.node(edge.source).is_waypoint ||
                                  work.graph.node(edge.target).is_waypoint;
            if (waypoint && !edge.removed && !edge.mtls_percent) {
                edge.mtls_percent = 100;  // the tunnel that waypoints are reached by
            }
        }
    }

 private:
    struct Metric {
        Literal name;
        std::string_view protocol;  // "" the rows tell
    };
    struct Told {
        double all = 0;
        double mutual = 0;
        double most = 0;  // of the principals that are shown
        std::string_view source;
        std::string_view target;
    };

    static std::vector<Metric> metrics_of(const GraphWork& work) {
        const GraphRequest& request = work.request;
        std::vector<Metric> out;
        if (request.http == TrafficRate::kRequests || request.grpc == TrafficRate::kRequests) {
            out.push_back({"istio_requests_total", ""});
        }
        if (request.grpc != TrafficRate::kNone && request.grpc != TrafficRate::kRequests) {
            const bool received = request.grpc == TrafficRate::kReceived;
            out.push_back(
                {received ? Literal("istio_response_messages_total")
                          : Literal("istio_request_messages_total"),
                 "grpc"}
            );
        }
        if (request.tcp != TrafficRate::kNone) {
            const bool received = request.tcp == TrafficRate::kReceived;
            out.push_back({received ? kBytesSentToClients : kBytesSentByClients, "tcp"});
        }
        return out;
    }

    static void read(
        const GraphWork& work,
        const clients::VectorAnswer& answer,
        std::string_view protocol,
        std::unordered_map<EdgeIndex, Told>& told
    ) {
        const models::LabelTable& table = answer.data.labels;
        const EdgeRows rows(work, EdgeGrouping::of_path(work.request), table);
        const std::size_t named = table.column("request_protocol");
        const std::size_t policy = table.column("connection_security_policy");
        const std::size_t source = table.column("source_principal");
        const std::size_t target = table.column("destination_principal");
        for (std::size_t row = 0; row < table.rows(); ++row) {
            const double value = answer.data.values[row];
            const auto edges = rows.of(row, protocol.empty() ? table.cell(row, named) : protocol);
            for (const EdgeIndex edge : {edges.first, edges.second}) {
                if (edge == kNoIndex || !std::isfinite(value)) {
                    continue;
                }
                Told& one = told[edge];
                one.all += value;
                one.mutual += table.cell(row, policy) == "mutual_tls" ? value : 0;
                if (value > one.most) {
                    one.most = value;
                    one.source = known(table.cell(row, source));
                    one.target = known(table.cell(row, target));
                }
            }
        }
    }
};

}  // namespace

GraphAppenderPtr make_response_times() { return std::make_shared<const ResponseTimes>(); }
GraphAppenderPtr make_throughput() { return std::make_shared<const Throughput>(); }
GraphAppenderPtr make_security() { return std::make_shared<const Security>(); }

}  // namespace meshscope::business
