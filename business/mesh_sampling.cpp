#include "business/mesh_sampling.hpp"

#include "clients/telemetry_rule.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace meshscope::business {

namespace {

using models::MeshObject;

// tracing.sampling of the annotation, percent. Istio takes 0 for "not set" and what is too much
// for 1.
std::optional<double> annotated(const models::Workload& workload) {
    const std::string_view config =
        models::label(*workload.template_annotations, "proxy.istio.io/config");
    constexpr std::string_view kKey = "sampling";
    std::size_t at = config.find(kKey);
    if (config.find("tracing") == std::string_view::npos || at == std::string_view::npos) {
        return std::nullopt;
    }
    at = config.find_first_not_of("\": \t", at + kKey.size());
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    double value = 0;
    const auto read = std::from_chars(config.data() + at, config.data() + config.size(), value);
    if (read.ec != std::errc() || !(value > 0)) {
        return std::nullopt;
    }
    return value > 100 ? 1 : value;
}

bool is_older(const MeshObject& a, const MeshObject& b) {
    return std::tie(a.meta.created, a.meta.name) < std::tie(b.meta.created, b.meta.name);
}

struct Telemetry {
    const MeshObject* object = nullptr;  // null: there is none
    clients::TelemetryRule rule;
};

// Of a namespace that which counts: the oldest for all of it, or for `workload` where that is one.
Telemetry telemetry_of(const models::NamespaceView* view, const models::Workload* workload) {
    Telemetry found;
    if (view == nullptr) {
        return found;
    }
    for (const models::MeshObjectPtr& object : view->mesh_objects) {
        if (object->kind.kind != "Telemetry" || !object->json ||
            (found.object != nullptr && !is_older(*object, *found.object))) {
            continue;
        }
        clients::TelemetryRule rule = clients::read_telemetry(*object->json);
        const bool fits =
            workload == nullptr
                ? rule.selector.empty()
                : !rule.selector.empty() && models::selects(rule.selector, *workload->labels);
        if (fits && !rule.targeted) {
            found = {object.get(), std::move(rule)};
        }
    }
    return found;
}

void lay_over(MeshSampling& sampling, const Telemetry& telemetry) {
    if (telemetry.object == nullptr) {
        return;
    }
    const MeshSampling::Source source{telemetry.object->meta.ns, telemetry.object->meta.name};
    if (telemetry.rule.sampling) {
        sampling.percent = telemetry.rule.sampling;
        sampling.percent_by = source;
    }
    if (telemetry.rule.disabled) {
        sampling.reports = !*telemetry.rule.disabled;
        sampling.reports_by = source;
    }
}

}  // namespace

MeshSampling sampling_of(const models::Workload& workload, const models::ClusterSnapshot* cluster) {
    MeshSampling out;
    out.percent = annotated(workload);
    out.percent_by.ns = workload.ns;
    if (cluster == nullptr) {
        return out;
    }
    const std::vector<std::string> roots = control_planes_of(*cluster);
    if (std::ranges::count(roots, workload.ns) == 0) {
        lay_over(out, telemetry_of(cluster->find(roots.front()), nullptr));
    }
    const models::NamespaceView* own = cluster->find(workload.ns);
    lay_over(out, telemetry_of(own, nullptr));
    lay_over(out, telemetry_of(own, &workload));
    return out;
}

bool is_control_plane(const models::Workload& workload) {
    return models::label(*workload.labels, "app") == "istiod";
}

std::vector<std::string> control_planes_of(const models::ClusterSnapshot& cluster) {
    std::vector<std::string> out;
    for (const models::NamespaceViewPtr& view : cluster.namespaces) {
        if (std::ranges::any_of(view->workloads, [](const models::WorkloadPtr& workload) {
                return is_control_plane(*workload);
            })) {
            out.push_back(view->object.meta.name);
        }
    }
    return out.empty() ? std::vector<std::string>{"istio-system"} : out;
}

}  // namespace meshscope::business
