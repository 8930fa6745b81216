#include "business/mesh.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

bool has_any(const models::LabelSet& labels, const std::vector<std::string>& keys) {
    return std::ranges::any_of(keys, [&](const std::string& key) {
        return models::has_label(labels, key);
    });
}

constexpr std::string_view kManifest = "kubectl.kubernetes.io/last-applied-configuration";

// The manifest holds all that was applied, values of the environment included.
models::Labels without_manifest(const models::LabelSet& annotations) {
    auto kept = std::make_shared<models::LabelSet>(annotations);
    std::erase_if(*kept, [](const auto& pair) { return pair.first == kManifest; });
    return kept;
}

}  // namespace

Awaitable<Result<PodDetail>> Mesh::pod(RequestContext context, ObjectQuery query) const {
    const auto opened = open(query.cluster);
    if (!opened) {
        co_return opened.error();
    }
    if (const auto view = find(context, *opened->snapshot, query.ns); !view) {
        co_return view.error();
    }
    Awaitable<Result<models::Pod>> call = parts_.cluster->pod(context, query.ns, query.name);
    Result<models::Pod> pod = co_await std::move(call);
    if (!pod) {
        co_return pod.error();
    }
    PodDetail detail;
    detail.pod = std::move(*pod);
    models::ObjectMeta& meta_of_pod = detail.pod.meta;
    meta_of_pod.annotations = without_manifest(*meta_of_pod.annotations);
    detail.app = has_any(*meta_of_pod.labels, parts_.rules.app_labels);
    detail.version = has_any(*meta_of_pod.labels, parts_.rules.version_labels);
    detail.meta = meta(context, *opened, 1, "");
    // Not the cluster's age: the pod was asked for just now.
    detail.meta.cluster.reset();
    detail.meta.upstream = context.bill->by_name;
    co_return detail;
}

}  // namespace meshscope::business
