#include "models/cluster_builder.hpp"

#include "models/cluster_indexes.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::models {

ClusterBuilder::ClusterBuilder(std::string cluster) : cluster_(std::move(cluster)) {}

void ClusterBuilder::set_cluster(std::string name) { cluster_ = std::move(name); }

void ClusterBuilder::put(NamespaceViewPtr view) {
    std::string name = view->object.meta.name;
    views_.insert_or_assign(std::move(name), std::move(view));
}

void ClusterBuilder::remove(std::string_view name) {
    const auto found = views_.find(name);
    if (found != views_.end()) {
        views_.erase(found);
    }
}

void ClusterBuilder::remember(PodPtr gone, SystemTime until) {
    if (!gone_uids_.insert(gone->meta.uid).second) {
        return;
    }
    gone_.push_back({std::move(gone), until});
    if (gone_.size() > kMostGone) {
        gone_uids_.erase(gone_.front().pod->meta.uid);
        gone_.pop_front();
    }
}

void ClusterBuilder::forget_before(SystemTime time) {
    std::erase_if(gone_, [&](const GonePod& one) {
        const bool old = one.until < time;
        if (old) {
            gone_uids_.erase(one.pod->meta.uid);
        }
        return old;
    });
}

ClusterSnapshotPtr ClusterBuilder::build() {
    auto snapshot = std::make_shared<ClusterSnapshot>();
    snapshot->cluster = cluster_;
    snapshot->generation = ++generation_;
    snapshot->namespaces.reserve(views_.size());
    for (const auto& [name, view] : views_) {
        snapshot->namespaces.push_back(view);
    }
    snapshot->indexes_ = std::make_shared<const ClusterSnapshot::Indexes>(
        snapshot->namespaces, std::vector<GonePod>(gone_.begin(), gone_.end())
    );
    return snapshot;
}

}  // namespace meshscope::models
