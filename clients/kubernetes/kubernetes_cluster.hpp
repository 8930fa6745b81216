#pragma once

#include "async/governor.hpp"
#include "clients/cluster.hpp"
#include "clients/kubernetes/connection.hpp"
#include "clients/kubernetes/patience.hpp"
#include "models/cluster_builder.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::clients::kubernetes {

struct KubernetesOptions {
    Connection connection;
    std::string cluster_name;  // "" means "Kubernetes"
    models::DiscoveryRules rules;
    // Not empty: only these are looked at, each on its own; for an account without rights on the
    // whole cluster.
    std::vector<std::string> only_namespaces;
    Patience patience;
    std::chrono::milliseconds publish_every{250};    // at least that long between snapshots
    std::chrono::milliseconds call_timeout{10'000};  // of one call for a caller that is no log
    // Told when the server is reached or not any more, and when the first sync is done; on the
    // cluster's thread.
    std::function<void(const ClusterState&)> on_change;
    std::function<void(const std::string&)> on_warning;  // on any thread
};

// The pause after a snapshot that took `build` of wall time: 50 times that, so that building takes
// little of a core, at least `least`, and otherwise at most 5 s: a build that the machine held up
// is no reason to leave lists old.
std::chrono::milliseconds pause_after_build(
    std::chrono::milliseconds least, std::chrono::milliseconds build
);

// Cluster over the API. run() keeps it current on one thread (of its own: parsing never holds up a
// request); the other members are usable from every thread.
class KubernetesCluster final : public Cluster {
 public:
    // `governor` bounds the calls for callers; watches and lists take no slot of it. Both outlive
    // this.
    KubernetesCluster(KubernetesOptions options, Governor& governor, const Clock& clock);
    ~KubernetesCluster() override;  // run() must have ended

    Awaitable<> run();  // until cancelled; once

    [[nodiscard]] models::ClusterSnapshotPtr snapshot() const override;
    [[nodiscard]] ClusterState state() const override;
    Awaitable<Result<models::Pod>> pod(RequestContext context, std::string ns, std::string name)
        override;
    Awaitable<Result<LogEnd>> read_log(
        RequestContext context, LogQuery query, std::shared_ptr<LogSink> sink
    ) override;
    Awaitable<Result<TokenOwner>> review_token(RequestContext context, std::string token) override;
    Awaitable<Result<AccessAnswer>> may_i(RequestContext context, AccessQuestion question) override;
    Awaitable<Result<AccessRules>> my_rules(RequestContext context, std::string ns) override;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshscope::clients::kubernetes
