#include "business/mesh.hpp"

#include "business/cluster_known.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace meshscope::business {

namespace {

using State = clients::KindState::State;

bool is_off(const clients::KindState& kind) {
    return kind.state != State::kCurrent || !kind.forbidden_namespaces.empty();
}

}  // namespace

Error no_cluster() {
    return Error(ErrorKind::kUnavailable, "no Kubernetes cluster is configured")
        .with_code("cluster_not_configured")
        .with_upstream("kubernetes")
        .with_hint(
            {"meshscope.kubernetes.kubeconfig",
             "Run the server in the cluster, or name a kubeconfig file."}
        );
}

MetaCluster describe_cluster(
    const clients::ClusterState& state,
    const models::ClusterSnapshot& snapshot,
    SystemTime now,
    const Access& access,
    const Caller& caller
) {
    MetaCluster said;
    said.name = snapshot.cluster;
    if (state.current_at) {
        const auto age =
            std::chrono::duration_cast<std::chrono::milliseconds>(now - *state.current_at);
        said.age_ms = std::max<std::int64_t>(age.count(), 0);
    }
    using Reachability = clients::ClusterState::Reachability;
    said.stale = state.reachability == Reachability::kUnreachable;
    for (const clients::KindState& kind : state.kinds) {
        said.stale = said.stale || kind.state == State::kStale;
        if (!is_off(kind)) {
            continue;
        }
        clients::KindState shown = kind;
        if (!access.sees_all(caller)) {
            shown.reason.clear();
            std::erase_if(shown.forbidden_namespaces, [&](const std::string& ns) {
                return !access.visible(caller, ns);
            });
        }
        if (is_off(shown)) {
            said.off.push_back(std::move(shown));
        }
    }
    return said;
}

Mesh::Mesh(Parts parts) : parts_(std::move(parts)) {}

Result<Mesh::Opened> Mesh::open(std::string_view cluster) const {
    if (parts_.cluster == nullptr) {
        return parts_.unavailable;
    }
    // First the time: what is current then has no age. The snapshot last: it may know more by now.
    const SystemTime at = parts_.clock->now();
    clients::ClusterState state = parts_.cluster->state();
    models::ClusterSnapshotPtr snapshot = parts_.cluster->snapshot();
    if (!cluster.empty() && cluster != snapshot->cluster) {
        return Error(
            ErrorKind::kNotFound, "the cluster '" + std::string(cluster) + "' is not known here"
        );
    }
    if (const auto error = unknown_namespaces(state, *snapshot)) {
        return state.reason ? error->with_detail(state.reason->message()) : *error;
    }
    return Opened{at, std::move(state), std::move(snapshot)};
}

bool Mesh::shows(const Caller& caller, const models::NamespaceView& view) const {
    return parts_.access->visible(caller, view.object.meta.name) && parts_.discovery.shows(view);
}

Views Mesh::visible_views(const Caller& caller, const models::ClusterSnapshot& snapshot) const {
    Views out;
    for (const models::NamespaceViewPtr& view : snapshot.namespaces) {
        if (shows(caller, *view)) {
            out.push_back(view.get());
        }
    }
    return out;
}

Views Mesh::wanted(const Views& views, const std::vector<std::string>& names) {
    if (names.empty()) {
        return views;
    }
    Views out;
    std::ranges::copy_if(views, std::back_inserter(out), [&](const models::NamespaceView* view) {
        return std::ranges::find(names, view->object.meta.name) != names.end();
    });
    return out;
}

Result<const models::NamespaceView*> Mesh::find(
    const RequestContext& context, const models::ClusterSnapshot& snapshot, std::string_view ns
) const {
    if (auto refused = refuse_namespace(*parts_.access, context.caller, ns)) {
        return std::move(*refused);
    }
    const models::NamespaceView* view = snapshot.find(ns);
    if (view == nullptr) {
        return Error(
            ErrorKind::kNotFound, "there is no namespace '" + std::string(ns) + "' in the cluster"
        );
    }
    if (auto refused = parts_.discovery.refuse(snapshot, ns)) {
        return std::move(*refused);
    }
    return view;
}

Meta Mesh::meta(
    const RequestContext& context,
    const Opened& opened,
    std::uint64_t returned,
    std::string_view order
) const {
    Meta meta;
    meta.returned = meta.scanned = returned;
    meta.order = order;
    if (!parts_.access->sees_all(context.caller)) {
        meta.stopped_by = clients::StoppedBy::kRights;
    }
    meta.cluster =
        describe_cluster(opened.state, *opened.snapshot, opened.at, *parts_.access, context.caller);
    return meta;
}

}  // namespace meshscope::business
