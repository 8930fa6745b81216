#include "handlers/graph_parameters.hpp"

#include "core/text.hpp"
#include "handlers/duration_text.hpp"
#include "handlers/parameters.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::AmbientTraffic;
using business::GraphPart;
using business::GraphRequest;
using business::GraphType;
using business::ResponseTimeKind;
using business::ThroughputKind;
using business::TrafficRate;

constexpr std::size_t kMostNamespaces = 1000;
constexpr std::size_t kMostIgnored = 8;  // names that are told
constexpr std::int64_t kMostRefresh = 900'000;
constexpr std::int64_t kLeastRefresh = 10'000;
constexpr std::chrono::hours kLongest{24 * 366};
constexpr std::string_view kAppenders = "appenders";

constexpr std::array kRules{
    ParameterRule{"namespaces", ParameterType::kText, 0, 65536},
    ParameterRule{"duration", ParameterType::kText, 0, 64},
    ParameterRule{"queryTime", ParameterType::kInteger, 0, kMaxMicros / 1'000'000},
    ParameterRule{"graphType", ParameterType::kText, 0, 64},
    ParameterRule{"injectServiceNodes", ParameterType::kBoolean},
    ParameterRule{"includeIdleEdges", ParameterType::kBoolean},
    ParameterRule{"boxBy", ParameterType::kText, 0, 64},
    ParameterRule{"rateGrpc", ParameterType::kText, 0, 64},
    ParameterRule{"rateHttp", ParameterType::kText, 0, 64},
    ParameterRule{"rateTcp", ParameterType::kText, 0, 64},
    ParameterRule{"ambientTraffic", ParameterType::kText, 0, 64},
    ParameterRule{kAppenders, ParameterType::kText, 0, 512},
    ParameterRule{"responseTime", ParameterType::kText, 0, 64},
    ParameterRule{"throughputType", ParameterType::kText, 0, 64},
    ParameterRule{"aggregate", ParameterType::kText, 0, 64},
    ParameterRule{"waypoints", ParameterType::kBoolean},
    ParameterRule{"clusterName", ParameterType::kText, 0, 253},
    ParameterRule{
        "refreshInterval",
        ParameterType::kInteger,
        std::numeric_limits<std::int64_t>::min(),
        kMostRefresh
    },
    ParameterRule{"configVendor", ParameterType::kText, 0, 64},
    ParameterRule{"telemetryVendor", ParameterType::kText, 0, 64},
};

Error invalid(std::string_view name, const std::string& what) {
    return Error(ErrorKind::kInvalidArgument, "parameter '" + std::string(name) + "' " + what);
}

template <class T>
using Words = std::span<const std::pair<std::string_view, T>>;

constexpr std::array<std::pair<std::string_view, GraphType>, 4> kTypes{
    {{"app", GraphType::kApp},
     {"versionedApp", GraphType::kVersionedApp},
     {"service", GraphType::kService},
     {"workload", GraphType::kWorkload}}
};
constexpr std::array<std::pair<std::string_view, TrafficRate>, 5> kGrpcRates{
    {{"none", TrafficRate::kNone},
     {"requests", TrafficRate::kRequests},
     {"sent", TrafficRate::kSent},
     {"received", TrafficRate::kReceived},
     {"total", TrafficRate::kTotal}}
};
constexpr std::array<std::pair<std::string_view, TrafficRate>, 2> kHttpRates{
    {{"none", TrafficRate::kNone}, {"requests", TrafficRate::kRequests}}
};
constexpr std::array<std::pair<std::string_view, TrafficRate>, 4> kTcpRates{
    {{"none", TrafficRate::kNone},
     {"sent", TrafficRate::kSent},
     {"received", TrafficRate::kReceived},
     {"total", TrafficRate::kTotal}}
};
constexpr std::array<std::pair<std::string_view, AmbientTraffic>, 4> kAmbient{
    {{"none", AmbientTraffic::kNone},
     {"total", AmbientTraffic::kTotal},
     {"waypoint", AmbientTraffic::kWaypoint},
     {"ztunnel", AmbientTraffic::kZtunnel}}
};
constexpr std::array<std::pair<std::string_view, ResponseTimeKind>, 4> kResponseTimes{
    {{"avg", ResponseTimeKind::kAverage},
     {"50", ResponseTimeKind::kP50},
     {"95", ResponseTimeKind::kP95},
     {"99", ResponseTimeKind::kP99}}
};
constexpr std::array<std::pair<std::string_view, ThroughputKind>, 2> kThroughputs{
    {{"request", ThroughputKind::kRequest}, {"response", ThroughputKind::kResponse}}
};
constexpr std::array<std::pair<std::string_view, GraphPart>, 14> kParts{
    {{"aggregateNode", GraphPart::kAggregateNode},
     {"deadNode", GraphPart::kDeadNode},
     {"idleNode", GraphPart::kIdleNode},
     {"meshCheck", GraphPart::kMeshCheck},
     {"sidecarsCheck", GraphPart::kMeshCheck},
     {"responseTime", GraphPart::kResponseTime},
     {"securityPolicy", GraphPart::kSecurityPolicy},
     {"serviceEntry", GraphPart::kServiceEntry},
     {"throughput", GraphPart::kThroughput},
     {"workloadEntry", GraphPart::kWorkloadEntry},
     {"ambient", GraphPart::kAmbient},
     {"health", GraphPart::kHealth},
     {"istio", GraphPart::kIstio},
     {"labeler", GraphPart::kLabeler}}
};
constexpr std::array<std::string_view, 2> kAlways{"outsider", "trafficGenerator"};

// One of the words, or what is there already when it is not given.
template <class T, std::size_t N>
std::optional<Error> read_word(
    const Parameters& parameters,
    std::string_view name,
    const std::array<std::pair<std::string_view, T>, N>& words,
    T& value
) {
    const auto text = parameters.text(name);
    if (!text) {
        return std::nullopt;
    }
    const auto found = std::ranges::find(words, *text, [](const auto& word) { return word.first; });
    if (found != words.end()) {
        value = found->second;
        return std::nullopt;
    }
    std::string all;
    for (const auto& word : words) {
        all += (all.empty() ? "" : ", ") + std::string(word.first);
    }
    return invalid(name, "must be one of " + all);
}

std::optional<Error> read_parts(std::string_view text, GraphRequest& request) {
    request.parts = {};
    for (const std::string_view part : split(text, ',')) {
        const std::string_view name = trim(part);
        if (name.empty() || std::ranges::find(kAlways, name) != kAlways.end()) {
            continue;
        }
        const auto found =
            std::ranges::find(kParts, name, [](const auto& one) { return one.first; });
        if (found == kParts.end()) {
            return invalid(kAppenders, "names '" + std::string(name) + "', which is no appender");
        }
        request.parts.add(found->second);
    }
    return std::nullopt;
}

std::optional<Error> read_boxes(std::string_view text, GraphRequest& request) {
    for (const std::string_view part : split(text, ',')) {
        const std::string_view name = trim(part);
        if (name == "app") {
            request.box_app = true;
        } else if (name == "namespace") {
            request.box_namespace = true;
        } else if (name == "cluster") {
            request.box_cluster = true;
        } else if (name != "none") {
            return invalid("boxBy", "must be none or a list of app, namespace, cluster");
        }
    }
    return std::nullopt;
}

std::optional<Error> read_namespaces_of(std::string_view text, GraphRequest& request) {
    for (const std::string_view part : split(text, ',')) {
        const std::string_view name = trim(part);
        if (name.empty()) {
            continue;
        }
        if (check_name("namespaces", name, false)) {
            return invalid("namespaces", "must hold names of namespaces, separated by commas");
        }
        request.namespaces.emplace_back(name);
    }
    if (request.namespaces.empty()) {
        return invalid("namespaces", "is required: name at least one namespace");
    }
    if (request.namespaces.size() > kMostNamespaces) {
        return invalid("namespaces", "must not name more than 1000");
    }
    return std::nullopt;
}

std::optional<Error> read_window(const Parameters& parameters, GraphRequest& request) {
    if (const auto text = parameters.text("duration")) {
        const auto duration = parse_interval(*text);
        if (!duration || *duration < std::chrono::seconds(1) || *duration > kLongest) {
            return invalid("duration", "must be a duration like 10m or 1h30m, of 1s to 366d");
        }
        request.duration = std::chrono::floor<std::chrono::seconds>(*duration);
    }
    if (const auto at = parameters.integer("queryTime")) {
        request.at = from_micros(*at * 1'000'000);
    }
    const auto refresh = parameters.integer("refreshInterval");
    if (refresh && *refresh > 0 && *refresh < kLeastRefresh) {
        return invalid("refreshInterval", "must be 0 or less, or 10000 to 900000 milliseconds");
    }
    return std::nullopt;
}

std::optional<Error> read_words(const Parameters& parameters, GraphRequest& request) {
    using std::optional;
    for (const optional<Error>& error : {
             read_word(parameters, "graphType", kTypes, request.type),
             read_word(parameters, "rateGrpc", kGrpcRates, request.grpc),
             read_word(parameters, "rateHttp", kHttpRates, request.http),
             read_word(parameters, "rateTcp", kTcpRates, request.tcp),
             read_word(parameters, "ambientTraffic", kAmbient, request.ambient),
             read_word(parameters, "responseTime", kResponseTimes, request.response_time),
             read_word(parameters, "throughputType", kThroughputs, request.throughput),
         }) {
        if (error) {
            return error;
        }
    }
    if (parameters.text("configVendor").value_or("common") != "common") {
        return invalid("configVendor", "must be common");
    }
    if (parameters.text("telemetryVendor").value_or("istio") != "istio") {
        return invalid("telemetryVendor", "must be istio");
    }
    if (const auto label = parameters.text("aggregate")) {
        auto parsed = clients::promql::Label::parse(*label);
        if (!parsed) {
            return invalid("aggregate", "must name a label: " + parsed.error().message());
        }
        request.aggregate = *parsed;
    }
    return std::nullopt;
}

// What the rules know; the rest is named.
server::Query known_part(const server::Query& query, std::vector<std::string>& ignored) {
    server::Query known;
    known.malformed = query.malformed;
    for (const auto& item : query.items) {
        const auto same = [&](const ParameterRule& rule) { return rule.name == item.first; };
        if (std::ranges::any_of(kRules, same)) {
            known.items.push_back(item);
        } else if (ignored.size() < kMostIgnored) {
            ignored.push_back(to_valid_utf8(item.first).substr(0, 64));
        }
    }
    return known;
}

// `named`: whether the graph is of the namespaces that the query names.
enum class Named { kRequired, kOptional, kNot };

Result<GraphRequest> read_query(const server::Query& query, GraphType type, Named named) {
    GraphRequest request;
    request.type = type;
    const server::Query known = known_part(query, request.ignored);
    const auto parameters = Parameters::read(known, kRules);
    if (!parameters) {
        return parameters.error();
    }
    auto error = read_words(*parameters, request);
    if (!error) {
        error = read_window(*parameters, request);
    }
    // Given and empty, it leaves out all of them.
    if (const auto parts = known.first(kAppenders); parts && !error) {
        error = read_parts(*parts, request);
    }
    if (!error) {
        error = read_boxes(parameters->text("boxBy").value_or("none"), request);
    }
    const bool given = parameters->has("namespaces");
    if (!error && (named == Named::kRequired || (named == Named::kOptional && given))) {
        error = read_namespaces_of(parameters->text("namespaces").value_or(""), request);
    }
    if (error) {
        return *error;
    }
    request.inject_services =
        parameters->boolean("injectServiceNodes") || request.type == GraphType::kService;
    request.idle_edges = parameters->boolean("includeIdleEdges");
    request.waypoints = !parameters->has("waypoints") || parameters->boolean("waypoints");
    if (named == Named::kNot) {
        request.focus.emplace();
        request.focus->cluster = parameters->text("clusterName").value_or("");
    }
    return request;
}

// The value of a label of Kubernetes.
bool is_label_value(std::string_view text) {
    constexpr std::size_t kMost = 63;
    return !text.empty() && text.size() <= kMost && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

std::optional<Error> read_aggregate(const server::Request& request, business::GraphFocus& focus) {
    constexpr std::size_t kMost = 1024;
    auto label = clients::promql::Label::parse(request.path_parameter("aggregate"));
    if (!label) {
        return invalid("aggregate", "must name a label: " + label.error().message());
    }
    focus.aggregate = *label;
    focus.aggregate_value = request.path_parameter("aggregateValue");
    if (focus.aggregate_value.size() > kMost || !is_valid_utf8(focus.aggregate_value)) {
        return invalid("aggregateValue", "must be UTF-8 text of at most 1024 bytes");
    }
    return std::nullopt;
}

std::optional<Error> read_focus(
    const server::Request& request, GraphRoute route, business::GraphFocus& focus
) {
    focus.ns = request.path_parameter("namespace");
    if (auto error = check_name("namespace", focus.ns, false)) {
        return error;
    }
    const auto name = [&](std::string_view what, std::string& into) {
        into = request.path_parameter(what);
        return check_name(what, into, true);
    };
    switch (route) {
        case GraphRoute::kAppVersion:
            focus.version = request.path_parameter("version");
            if (!is_label_value(focus.version)) {
                return invalid("version", "must be the value of a label");
            }
            [[fallthrough]];
        case GraphRoute::kApp:
            return name("app", focus.app);
        case GraphRoute::kWorkload:
            return name("workload", focus.workload);
        case GraphRoute::kAggregateService:
            if (auto error = name("service", focus.service)) {
                return error;
            }
            [[fallthrough]];
        case GraphRoute::kAggregate:
            return read_aggregate(request, focus);
        case GraphRoute::kService:
            return name("service", focus.service);
        case GraphRoute::kNamespaces:
            break;
    }
    return std::nullopt;
}

GraphType default_type(GraphRoute route) {
    switch (route) {
        case GraphRoute::kApp:
            return GraphType::kApp;
        case GraphRoute::kAppVersion:
            return GraphType::kVersionedApp;
        default:
            return GraphType::kWorkload;
    }
}

}  // namespace

Result<GraphRequest> read_graph_request(const server::Query& query, NamespacesOfGraph namespaces) {
    const bool required = namespaces == NamespacesOfGraph::kRequired;
    return read_query(query, GraphType::kWorkload, required ? Named::kRequired : Named::kOptional);
}

Result<GraphRequest> read_graph_request(const server::Request& request, GraphRoute route) {
    const bool around_node = route != GraphRoute::kNamespaces;
    auto read = read_query(
        request.query, default_type(route), around_node ? Named::kNot : Named::kRequired
    );
    if (!read || !around_node) {
        return read;
    }
    if (auto error = read_focus(request, route, *read->focus)) {
        return *error;
    }
    const bool of_app = route == GraphRoute::kApp || route == GraphRoute::kAppVersion;
    const bool by_app = read->type == GraphType::kApp || read->type == GraphType::kVersionedApp;
    if (of_app && !by_app) {
        return invalid("graphType", "must be app or versionedApp around an application");
    }
    if (read->focus->aggregate) {
        read->parts.add(GraphPart::kAggregateNode);
        read->aggregate = *read->focus->aggregate;
    }
    return read;
}

}  // namespace meshscope::handlers
