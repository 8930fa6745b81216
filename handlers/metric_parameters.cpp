#include "handlers/metric_parameters.hpp"

#include "business/metric_labels.hpp"
#include "core/text.hpp"
#include "handlers/duration_text.hpp"
#include "handlers/mesh_parameters.hpp"
#include "handlers/parameters.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace meshscope::handlers {

namespace {

namespace promql = clients::promql;
using business::MetricFamily;
using business::MetricsRequest;
using business::TrafficDirection;

constexpr std::size_t kMostOfAKind = 20;                    // values of one `name[]`
constexpr std::int64_t kMostSeconds = 10LL * 366 * 86'400;  // ten years

constexpr ParameterRule kFilters{"filters[]", ParameterType::kText, 0, 64};
constexpr ParameterRule kBy{"byLabels[]", ParameterType::kText, 0, 64};
constexpr ParameterRule kQuantiles{"quantiles[]", ParameterType::kText, 0, 64};
constexpr ParameterRule kAverage{"avg", ParameterType::kBoolean};
constexpr ParameterRule kDirection{"direction", ParameterType::kText, 0, 16};
constexpr ParameterRule kReporter{"reporter", ParameterType::kText, 0, 64};
constexpr ParameterRule kProtocol{"requestProtocol", ParameterType::kText, 0, 64};
constexpr ParameterRule kInterval{"rateInterval", ParameterType::kText, 0, 64};
constexpr ParameterRule kFunc{"rateFunc", ParameterType::kText, 0, 16};
constexpr ParameterRule kStep{"step", ParameterType::kInteger, 1, kMostSeconds};
constexpr ParameterRule kDuration{"duration", ParameterType::kInteger, 1, kMostSeconds};
constexpr ParameterRule kQueryTime{"queryTime", ParameterType::kInteger, 0, kMaxMicros / 1'000'000};
constexpr ParameterRule kCluster{"clusterName", ParameterType::kText, 0, 253};
constexpr ParameterRule kNames{"namespaces", ParameterType::kText, 0, 8192};

// Those of aggregates, then what objects have besides, then what namespaces have besides.
constexpr std::array kRules{
    kFilters,
    kBy,
    kQuantiles,
    kAverage,
    kDirection,
    kReporter,
    kProtocol,
    kInterval,
    kFunc,
    kStep,
    kDuration,
    kQueryTime,
    kCluster,
    kNames
};

std::span<const ParameterRule> rules_of(MetricRoute route) {
    const std::span<const ParameterRule> all = kRules;
    switch (route) {
        case MetricRoute::kNamespaces:
            return all;
        case MetricRoute::kObject:
            return all.first(all.size() - 1);
        case MetricRoute::kAggregate:
            return all.first(all.size() - 2);
    }
    return {};
}

Error invalid(std::string_view name, const std::string& what) {
    return Error(ErrorKind::kInvalidArgument, "parameter '" + std::string(name) + "' " + what);
}

// Every value of a repeated parameter, each once, in the order given.
Result<std::vector<std::string_view>> values(const server::Query& query, std::string_view name) {
    std::vector<std::string_view> out;
    for (const std::string_view value : query.all(name)) {
        if (!value.empty() && std::ranges::find(out, value) == out.end()) {
            out.push_back(value);
        }
    }
    if (out.size() > kMostOfAKind) {
        return invalid(name, "must not be given more than 20 times");
    }
    return out;
}

std::optional<Error> read_families(const server::Query& query, MetricParameters& out) {
    const auto names = values(query, kFilters.name);
    if (!names) {
        return names.error();
    }
    for (const auto& spec : business::kFamilies) {
        if (names->empty() || std::ranges::find(*names, spec.name.text()) != names->end()) {
            out.request.families.push_back(spec.family);
        }
    }
    for (const std::string_view name : *names) {
        if (!business::family_named(name)) {
            out.unknown_filters.emplace_back(name);
        }
    }
    return std::nullopt;
}

std::optional<Error> read_grouping(const server::Query& query, MetricsRequest& out) {
    const auto names = values(query, kBy.name);
    if (!names) {
        return names.error();
    }
    for (const std::string_view name : *names) {
        auto label = promql::Label::parse(name);
        if (!label) {
            return invalid(kBy.name, "is no label: " + label.error().message());
        }
        if (name == "le" || name == business::kFamilyTag.name()) {
            return invalid(kBy.name, "must not name a label that the queries use themselves");
        }
        out.by.push_back(*label);
    }
    return std::nullopt;
}

std::optional<Error> read_quantiles(const server::Query& query, MetricsRequest& out) {
    const auto texts = values(query, kQuantiles.name);
    if (!texts) {
        return texts.error();
    }
    for (const std::string_view text : *texts) {
        auto quantile = promql::Quantile::parse(text);
        if (!quantile) {
            return invalid(kQuantiles.name, "is no quantile: " + quantile.error().message());
        }
        out.quantiles.push_back(std::move(*quantile));
    }
    return std::nullopt;
}

std::optional<Error> read_side(
    const Parameters& parameters, MetricRoute route, MetricsRequest& out
) {
    const bool aggregate = route == MetricRoute::kAggregate;
    const std::string_view direction =
        parameters.text(kDirection.name).value_or(aggregate ? "inbound" : "outbound");
    if (direction != "inbound" && (aggregate || direction != "outbound")) {
        return invalid(
            kDirection.name, aggregate ? "must be inbound" : "must be inbound or outbound"
        );
    }
    out.direction =
        direction == "inbound" ? TrafficDirection::kInbound : TrafficDirection::kOutbound;
    const std::string_view reporter =
        parameters.text(kReporter.name).value_or(aggregate ? "destination" : "source");
    if (aggregate && reporter != "destination") {
        return invalid(kReporter.name, "must be destination");
    }
    out.reporters.clear();
    for (const std::string_view one : split(reporter, ',')) {
        if (reporter == "both") {
            break;
        }
        if (one != "source" && one != "destination" && one != "waypoint") {
            return invalid(
                kReporter.name,
                "must be both, or of source, destination and waypoint with commas between"
            );
        }
        out.reporters.emplace_back(one);
    }
    return std::nullopt;
}

std::optional<Error> read_times(const Parameters& parameters, MetricsRequest& out) {
    using std::chrono::seconds;
    if (const auto text = parameters.text(kInterval.name)) {
        const auto interval = parse_interval(*text);
        if (!interval || *interval < seconds(1) || *interval > seconds(kMostSeconds)) {
            return invalid(kInterval.name, "must be a duration like 1m or 1h30m, at least 1s");
        }
        out.rate_interval = std::chrono::floor<seconds>(*interval);
    }
    const std::string_view func = parameters.text(kFunc.name).value_or("rate");
    if (func != "rate" && func != "irate") {
        return invalid(kFunc.name, "must be rate or irate");
    }
    out.rate_func = func == "rate" ? promql::RateFunc::kRate : promql::RateFunc::kIrate;
    out.step = seconds(parameters.integer(kStep.name).value_or(out.step.count()));
    out.duration = seconds(parameters.integer(kDuration.name).value_or(out.duration.count()));
    if (const auto end = parameters.integer(kQueryTime.name)) {
        out.end = SystemTime(seconds(*end));
    }
    return std::nullopt;
}

}  // namespace

Result<MetricParameters> read_metric_parameters(const server::Query& query, MetricRoute route) {
    const auto parameters = Parameters::read(query, rules_of(route));
    if (!parameters) {
        return parameters.error();
    }
    MetricParameters out;
    MetricsRequest& request = out.request;
    request.average = !parameters->has(kAverage.name) || parameters->boolean(kAverage.name);
    request.request_protocol = parameters->text(kProtocol.name).value_or("");
    if (route != MetricRoute::kAggregate) {
        request.cluster = parameters->text(kCluster.name).value_or("");
    }
    auto error = read_families(query, out);
    error = error ? error : read_grouping(query, request);
    error = error ? error : read_quantiles(query, request);
    error = error ? error : read_side(*parameters, route, request);
    error = error ? error : read_times(*parameters, request);
    if (error) {
        return std::move(*error);
    }
    if (route == MetricRoute::kNamespaces) {
        auto names = read_namespaces(parameters->text(kNames.name).value_or(""));
        if (!names) {
            return names.error();
        }
        out.namespaces = std::move(*names);
    }
    return out;
}

}  // namespace meshscope::handlers
