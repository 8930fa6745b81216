#include "clients/telemetry_rule.hpp"

#include <nlohmann/json.hpp>

namespace meshscope::clients {

namespace {

using Json = nlohmann::json;

// The member of an object; null where there is none.
const Json& member(const Json& of, const char* name) {
    static const Json none;
    const auto found = of.is_object() ? of.find(name) : of.end();
    return of.is_object() && found != of.end() ? *found : none;
}

// Those of outgoing requests only say nothing here.
bool is_for_incoming(const Json& entry) {
    const Json& mode = member(member(entry, "match"), "mode");
    return !mode.is_string() || mode != "CLIENT";
}

}  // namespace

TelemetryRule read_telemetry(const std::string& json) {
    TelemetryRule rule;
    const Json object = Json::parse(json, nullptr, false);
    const Json& spec = member(object, "spec");
    const Json& labels = member(member(spec, "selector"), "matchLabels");
    if (labels.is_object()) {
        for (const auto& [key, value] : labels.items()) {
            rule.selector.emplace_back(key, value.is_string() ? value.get<std::string>() : "");
        }
    }
    rule.targeted = !member(spec, "targetRef").empty() || !member(spec, "targetRefs").empty();
    const Json& tracing = member(spec, "tracing");
    if (!tracing.is_array()) {
        return rule;
    }
    // Of several entries the last that says something counts.
    for (const Json& entry : tracing) {
        const Json& sampling = member(entry, "randomSamplingPercentage");
        const Json& disabled = member(entry, "disableSpanReporting");
        if (is_for_incoming(entry) && sampling.is_number()) {
            rule.sampling = sampling.get<double>();
        }
        if (is_for_incoming(entry) && disabled.is_boolean()) {
            rule.disabled = disabled.get<bool>();
        }
    }
    return rule;
}

}  // namespace meshscope::clients
