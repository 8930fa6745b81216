#include "business/traffic_queries.hpp"

#include "business/tcp_bytes.hpp"

#include <utility>

namespace meshscope::business {

namespace {

using clients::promql::Expr;
using clients::promql::Label;
using clients::promql::Literal;
using clients::promql::Matcher;
using clients::promql::Matchers;
using clients::promql::Pattern;

using Labels = std::vector<Label>;

Labels with(Labels labels, std::initializer_list<Label> more) {
    labels.insert(labels.end(), more);
    return labels;
}

const Labels& labels_of(TrafficMetric metric) {
    static const Labels kRequests = with(
        end_labels(),
        {"request_protocol", "response_code", "grpc_response_status", "response_flags"}
    );
    static const Labels kBytes = with(end_labels(), {"response_flags", "app"});
    switch (metric) {
        case TrafficMetric::kRequests:
            return kRequests;
        case TrafficMetric::kBytesSent:
        case TrafficMetric::kBytesReceived:
            return kBytes;
        case TrafficMetric::kMessagesSent:
        case TrafficMetric::kMessagesReceived:
            break;
    }
    return end_labels();
}

bool is_bytes(TrafficMetric metric) {
    return metric == TrafficMetric::kBytesSent || metric == TrafficMetric::kBytesReceived;
}

Literal name_of(TrafficMetric metric) {
    switch (metric) {
        case TrafficMetric::kMessagesSent:
            return "istio_request_messages_total";
        case TrafficMetric::kMessagesReceived:
            return "istio_response_messages_total";
        case TrafficMetric::kBytesSent:
            return kBytesSentByClients;
        case TrafficMetric::kBytesReceived:
            return kBytesSentToClients;
        case TrafficMetric::kRequests:
            break;
    }
    return "istio_requests_total";
}

std::vector<TrafficMetric> metrics_of(const GraphRequest& request) {
    std::vector<TrafficMetric> metrics;
    const auto asks = [](TrafficRate rate, TrafficRate one) {
        return rate == one || rate == TrafficRate::kTotal;
    };
    if (request.http == TrafficRate::kRequests || request.grpc == TrafficRate::kRequests) {
        metrics.push_back(TrafficMetric::kRequests);
    }
    if (asks(request.grpc, TrafficRate::kSent)) {
        metrics.push_back(TrafficMetric::kMessagesSent);
    }
    if (asks(request.grpc, TrafficRate::kReceived)) {
        metrics.push_back(TrafficMetric::kMessagesReceived);
    }
    if (asks(request.tcp, TrafficRate::kSent)) {
        metrics.push_back(TrafficMetric::kBytesSent);
    }
    if (asks(request.tcp, TrafficRate::kReceived)) {
        metrics.push_back(TrafficMetric::kBytesReceived);
    }
    return metrics;
}

bool waypoints_count(const GraphRequest& request) {
    return request.ambient == AmbientTraffic::kTotal ||
           request.ambient == AmbientTraffic::kWaypoint;
}

// Puts the questions of one graph together.
class Questions {
 public:
    explicit Questions(const GraphWork& work) : work_(work) {}

    void ask(
        TrafficMetric metric,
        std::chrono::seconds range,
        Matchers matchers,
        TrafficRows rows = TrafficRows::kAll,
        const std::vector<std::string>* namespaces = nullptr
    ) {
        const GraphRequest& request = work_.request;
        const bool ztunnel = request.ambient == AmbientTraffic::kTotal ||
                             request.ambient == AmbientTraffic::kZtunnel;
        if (is_bytes(metric) && !ztunnel) {
            matchers.insert(matchers.begin(), Matcher::differs("app", "ztunnel"));
        }
        Expr query = sum(rate(name_of(metric), matchers, range), labels_of(metric));
        if (!request.idle_edges) {
            query = above_zero(query);
        }
        questions_.push_back({std::move(query), {metric, rows, namespaces}});
    }

    void of_namespaces(TrafficMetric metric);
    void of_focus(TrafficMetric metric, const GraphFocus& focus);

    std::vector<TrafficQuestion> take() { return std::move(questions_); }

 private:
    void of_service(
        TrafficMetric metric,
        const GraphFocus& focus,
        const Matcher& inbound,
        const Matcher& outbound
    );
    void of_aggregate(const GraphFocus& focus);
    [[nodiscard]] bool is_waypoint(const GraphFocus& focus) const;

    const GraphWork& work_;
    std::vector<TrafficQuestion> questions_;
};

void Questions::of_namespaces(TrafficMetric metric) {
    const GraphRequest& request = work_.request;
    for (const GraphRange& range : work_.ranges) {
        Pattern host;
        host.raw("^.+\\.").any_of(range.namespaces).raw("\\..+$");
        ask(metric,
            range.range,
            {reported_by_source(request),
             Matcher::equals("destination_workload_namespace", "unknown"),
             Matcher::equals("destination_workload", "unknown"),
             Matcher::matches("destination_service", host)},
            TrafficRows::kUnreached,
            &range.namespaces);
    }
    for (const GraphRange& range : work_.ranges) {
        if (!is_bytes(metric) && !range.ambient.empty()) {
            ask(metric,
                range.range,
                {Matcher::equals("reporter", "source"),
                 Matcher::one_of("destination_workload_namespace", range.ambient)},
                TrafficRows::kFromElsewhere);
        }
    }
    for (const GraphRange& range : work_.ranges) {
        ask(metric,
            range.range,
            {reported_by_target(request),
             Matcher::one_of("destination_workload_namespace", range.namespaces)});
    }
    for (const GraphRange& range : work_.ranges) {
        ask(metric,
            range.range,
            {reported_by_source(request),
             Matcher::one_of("source_workload_namespace", range.namespaces)});
    }
}

bool Questions::is_waypoint(const GraphFocus& focus) const {
    if (work_.snapshot == nullptr || focus.workload.empty()) {
        return false;
    }
    const models::Workload* workload = work_.snapshot->find_workload(focus.ns, focus.workload);
    return workload != nullptr && workload->waypoint;
}

void Questions::of_service(
    TrafficMetric metric, const GraphFocus& focus, const Matcher& inbound, const Matcher& outbound
) {
    const std::chrono::seconds range = work_.ranges.front().range;
    Pattern host;
    host.raw("^").quoted(focus.service).raw("\\.").quoted(focus.ns).raw("\\..*$");
    Matchers in_cluster;
    if (!focus.cluster.empty()) {
        in_cluster.push_back(Matcher::equals("destination_cluster", focus.cluster));
    }
    if (metric == TrafficMetric::kRequests || is_bytes(metric)) {
        Matchers unreached{
            outbound,
            Matcher::equals("destination_workload", "unknown"),
            Matcher::matches("destination_service", host)
        };
        unreached.insert(unreached.begin() + 1, in_cluster.begin(), in_cluster.end());
        ask(metric, range, std::move(unreached));
    }
    Matchers reached{
        inbound,
        Matcher::equals("destination_service_namespace", focus.ns),
        Matcher::matches("destination_service", host)
    };
    reached.insert(reached.begin() + 1, in_cluster.begin(), in_cluster.end());
    ask(metric, range, std::move(reached));
}

void Questions::of_aggregate(const GraphFocus& focus) {
    Matchers matchers{
        reported_by_target(work_.request),
        Matcher::equals("destination_service_namespace", focus.ns),
        Matcher::equals(*focus.aggregate, focus.aggregate_value)
    };
    if (!focus.service.empty()) {
        matchers.push_back(Matcher::equals("destination_service_name", focus.service));
    }
    ask(TrafficMetric::kRequests, work_.ranges.front().range, std::move(matchers));
}

void Questions::of_focus(TrafficMetric metric, const GraphFocus& focus) {
    if (focus.aggregate) {
        if (metric == TrafficMetric::kRequests) {
            of_aggregate(focus);
        }
        return;
    }
    const GraphRequest& request = work_.request;
    const GraphRange& range = work_.ranges.front();
    Matcher inbound = reported_by_target(request);
    Matcher outbound = reported_by_source(request);
    if (is_bytes(metric) && !is_waypoint(focus)) {
        inbound = Matcher::equals("reporter", "destination");
        outbound = Matcher::equals("reporter", "source");
    } else if (is_bytes(metric)) {
        std::swap(inbound, outbound);
    } else if (metric == TrafficMetric::kRequests && !range.ambient.empty()) {
        std::vector<std::string> reporters{"source", "destination"};
        if (waypoints_count(request)) {
            reporters.emplace_back("waypoint");
        }
        inbound = Matcher::one_of("reporter", std::move(reporters));
    }
    if (focus.workload.empty() && focus.app.empty()) {
        return of_service(metric, focus, inbound, outbound);
    }
    Matchers in{inbound};
    Matchers out{outbound};
    if (!focus.cluster.empty()) {
        in.push_back(Matcher::equals("destination_cluster", focus.cluster));
        out.push_back(Matcher::equals("source_cluster", focus.cluster));
    }
    if (!focus.workload.empty()) {
        in.push_back(Matcher::equals("destination_workload_namespace", focus.ns));
        in.push_back(Matcher::equals("destination_workload", focus.workload));
        out.push_back(Matcher::equals("source_workload_namespace", focus.ns));
        out.push_back(Matcher::equals("source_workload", focus.workload));
    } else {
        in.push_back(Matcher::equals("destination_service_namespace", focus.ns));
        in.push_back(Matcher::equals("destination_canonical_service", focus.app));
        out.push_back(Matcher::equals("source_workload_namespace", focus.ns));
        out.push_back(Matcher::equals("source_canonical_service", focus.app));
    }
    if (!focus.version.empty()) {
        in.push_back(Matcher::equals("destination_canonical_revision", focus.version));
        out.push_back(Matcher::equals("source_canonical_revision", focus.version));
    }
    ask(metric, range.range, std::move(in));
    ask(metric, range.range, std::move(out));
}

Matcher reported(const GraphRequest& request, std::string_view end) {
    if (!waypoints_count(request)) {
        return Matcher::equals("reporter", end);
    }
    return Matcher::one_of("reporter", {"waypoint", std::string(end)});
}

}  // namespace

Matcher reported_by_source(const GraphRequest& request) { return reported(request, "source"); }

Matcher reported_by_target(const GraphRequest& request) { return reported(request, "destination"); }

const Labels& end_labels() {
    static const Labels kLabels{
        "source_cluster",
        "source_workload_namespace",
        "source_workload",
        "source_canonical_service",
        "source_canonical_revision",
        "destination_cluster",
        "destination_service_namespace",
        "destination_service",
        "destination_service_name",
        "destination_workload_namespace",
        "destination_workload",
        "destination_canonical_service",
        "destination_canonical_revision"
    };
    return kLabels;
}

std::vector<TrafficQuestion> traffic_questions(const GraphWork& work) {
    Questions questions(work);
    for (const TrafficMetric metric : metrics_of(work.request)) {
        if (work.request.focus) {
            questions.of_focus(metric, *work.request.focus);
        } else {
            questions.of_namespaces(metric);
        }
    }
    return questions.take();
}

}  // namespace meshscope::business
