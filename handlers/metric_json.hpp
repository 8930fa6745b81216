#pragma once

#include "business/metrics.hpp"
#include "core/json_writer.hpp"
#include "core/result.hpp"
#include "handlers/metric_parameters.hpp"
#include "server/http_types.hpp"

#include <vector>

namespace meshscope::handlers {

// The series of one family: {"labels","datapoints":[[seconds,"value"]],"stat"?,"name"}. Values are
// multiplied by `scale`.
void write_series(JsonWriter& json, const business::FamilyAnswer& family, double scale);

// {family: series, or null where there are none}.
void write_families(JsonWriter& json, const std::vector<business::FamilyAnswer>& families);

// As Prometheus writes a sample: shortest digits, "NaN", "+Inf", "-Inf".
std::string sample_text(double value);

// What a route below /api/namespaces/{namespace}/ asks of the object in its path; `subject` says
// which that is. kInvalidArgument for a name that is none of Kubernetes, or as
// read_metric_parameters().
Result<MetricParameters> read_metrics_of(
    const server::Request& request,
    business::MetricSubject subject,
    MetricRoute route = MetricRoute::kObject
);

// Warns of filters that name no family.
void warn_of_filters(business::Meta& meta, const MetricParameters& parameters);

}  // namespace meshscope::handlers
