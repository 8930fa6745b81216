#include "handlers/metric_json.hpp"

#include "handlers/parameters.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace meshscope::handlers {

namespace {

// Seconds, with three digits behind the point where there are milliseconds.
void write_time(JsonWriter& json, std::int64_t time_ms) {
    if (time_ms % 1000 == 0) {
        json.integer(time_ms / 1000);
    } else {
        json.number(static_cast<double>(time_ms) / 1000);
    }
}

struct PathName {
    const char* parameter;
    business::MetricSubject subject;
};

constexpr std::array<PathName, 3> kPathNames{{
    {"app", business::MetricSubject::kApp},
    {"service", business::MetricSubject::kService},
    {"workload", business::MetricSubject::kWorkload},
}};

}  // namespace

std::string sample_text(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "+Inf" : "-Inf";
    }
    const double size = std::abs(value);
    const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
    std::array<char, 64> digits{};
    const auto end = std::to_chars(
        digits.begin(),
        digits.end(),
        value,
        plain ? std::chars_format::fixed : std::chars_format::scientific
    );
    return {digits.begin(), end.ptr};
}

void write_series(JsonWriter& json, const business::FamilyAnswer& family, double scale) {
    const std::string_view name = business::to_string(family.family);
    json.begin_array();
    for (const business::MetricSeries& series : family.series) {
        json.begin_object().key("labels").begin_object();
        for (const auto& [label, value] : series.labels) {
            json.field(label, value);
        }
        json.end_object().key("datapoints").begin_array();
        for (const models::MetricPoint& point : series.points) {
            write_time(json.begin_array(), point.time_ms);
            json.plain_string(sample_text(point.value * scale)).end_array();
        }
        json.end_array();
        if (!series.stat.empty()) {
            json.field("stat", series.stat);
        }
        json.field("name", name).end_object();
    }
    json.end_array();
}

void write_families(JsonWriter& json, const std::vector<business::FamilyAnswer>& families) {
    json.begin_object();
    for (const business::FamilyAnswer& family : families) {
        json.key(business::to_string(family.family));
        if (family.series.empty()) {
            json.null();
        } else {
            write_series(json, family, 1);
        }
    }
    json.end_object();
}

Result<MetricParameters> read_metrics_of(
    const server::Request& request, business::MetricSubject subject, MetricRoute route
) {
    business::MetricTarget target;
    target.subject = subject;
    target.namespaces.emplace_back(request.path_parameter("namespace"));
    if (auto error = check_name("namespace", target.namespaces.front(), false)) {
        return std::move(*error);
    }
    for (const auto& [parameter, of] : kPathNames) {
        if (of == subject) {
            target.name = request.path_parameter(parameter);
            if (auto error = check_name(parameter, target.name, true)) {
                return std::move(*error);
            }
        }
    }
    auto parameters = read_metric_parameters(request.query, route);
    if (parameters) {
        parameters->request.target = std::move(target);
    }
    return parameters;
}

void warn_of_filters(business::Meta& meta, const MetricParameters& parameters) {
    for (const std::string& name : parameters.unknown_filters) {
        meta.warn("unknown_filter", "'" + name + "' is no family of metrics");
    }
}

}  // namespace meshscope::handlers
