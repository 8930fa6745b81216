#include "business/mesh.hpp"

#include <set>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::string_view kRevision = "istio.io/rev";
constexpr std::string_view kDefaultRevision = "default";

std::string revision_of(const models::LabelSet& labels) {
    const std::string_view named = models::label(labels, kRevision);
    return std::string(named.empty() ? kDefaultRevision : named);
}

std::string joined(const std::set<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) {
        out += (out.empty() ? "" : ",") + text;
    }
    return out;
}

// Of the control plane whose proxies come into the namespace; "" none.
std::string injected_revision(const models::LabelSet& labels) {
    const std::string_view injection = models::label(labels, "istio-injection");
    if (injection == "enabled") {
        return std::string(kDefaultRevision);
    }
    return injection == "disabled" ? "" : std::string(models::label(labels, kRevision));
}

}  // namespace

NamespaceItem describe_namespace(const models::NamespaceView& view) {
    NamespaceItem item;
    item.view = &view;
    const models::LabelSet& labels = *view.object.meta.labels;
    item.ambient = models::label(labels, "istio.io/dataplane-mode") == "ambient";
    item.revision = injected_revision(labels);
    std::set<std::string> revisions;
    std::set<std::string> of_ztunnels;
    for (const models::WorkloadPtr& workload : view.workloads) {
        if (models::label(*workload->labels, "app") == "istiod") {
            revisions.insert(revision_of(*workload->labels));
        }
        if (workload->ztunnel) {
            of_ztunnels.insert(revision_of(*workload->labels));
        }
    }
    if (!revisions.empty()) {
        item.control_plane = true;
        item.revision = joined(revisions);
        for (const std::string& revision : of_ztunnels) {
            item.ambient = item.ambient || revisions.contains(revision);
        }
    }
    return item;
}

Result<NamespaceList> Mesh::namespaces(const RequestContext& context) const {
    auto opened = open({});
    if (!opened) {
        return opened.error();
    }
    NamespaceList list;
    for (const models::NamespaceView* view : visible_views(context.caller, *opened->snapshot)) {
        list.items.push_back(describe_namespace(*view));
    }
    list.meta = meta(context, *opened, list.items.size(), "name:asc");
    list.snapshot = std::move(opened->snapshot);
    return list;
}

Result<NameList> Mesh::visible_among(
    const RequestContext& context, std::vector<std::string> names, std::string_view cluster
) const {
    const auto opened = open(cluster);
    if (!opened) {
        return opened.error();
    }
    NameList list;
    if (!names.empty()) {
        for (const auto* view : wanted(visible_views(context.caller, *opened->snapshot), names)) {
            list.names.push_back(view->object.meta.name);
        }
    }
    list.meta = meta(context, *opened, list.names.size(), "name:asc");
    return list;
}

Result<NamespaceInfo> Mesh::namespace_info(
    const RequestContext& context, std::string_view ns, std::string_view cluster
) const {
    auto opened = open(cluster);
    if (!opened) {
        return opened.error();
    }
    const auto view = find(context, *opened->snapshot, ns);
    if (!view) {
        return view.error();
    }
    NamespaceInfo info;
    info.item = describe_namespace(**view);
    info.meta = meta(context, *opened, 1, "");
    info.snapshot = std::move(opened->snapshot);
    return info;
}

}  // namespace meshscope::business
