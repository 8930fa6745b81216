#pragma once

#include "async/awaitable.hpp"
#include "async/governor.hpp"
#include "async/request_context.hpp"
#include "clients/cluster.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace meshscope::business {

struct RightsOptions {
    std::chrono::seconds time_to_live{10};  // kubernetes_config.cache_token_namespace_duration
    bool require_namespace_get = false;     // kiali_feature_flags.authz
    std::size_t most_callers = 2'000;       // remembered; the least lately used are forgotten
    std::size_t parallel = 8;               // reviews of one caller at once
};

struct Rights {
    bool cluster_wide = false;
    std::shared_ptr<const VisibleNamespaces>
        visible;  // never null; with cluster_wide: all known ones
};

// Which of the namespaces in the snapshot a caller may see (all of them, whatever the discovery
// selectors show), asked of Kubernetes with the caller's own credentials, never by listing:
//  1. at once: may list namespaces; may get any namespace (ns "", name ""); may get pods in all
//     namespaces. The first (not with require_namespace_get) or the second: all namespaces. That
//     and the third: cluster_wide.
//  2. else one access review {get, namespaces, ns: X, name: X} for each, `parallel` at once.
// Not by a rules review: what it says of "namespaces" may come from a role of the namespace it was
// asked in and would be taken for all. An error of one review is that of the call: rights are never
// guessed. A namespace that appears is seen after time_to_live at the latest. Answers are kept so
// long by the credentials' key, never longer; equal questions in flight are joined (by a governor
// of its own: the reviews inside take slots of the cluster's). Usable from every thread.
class RightsBook {
 public:
    RightsBook(clients::Cluster& cluster, const Clock& clock, RightsOptions options);
    ~RightsBook();
    // Errors of Cluster::may_i and, but with cluster_wide, of unknown_namespaces();
    // kUnauthenticated: Kubernetes does not know the token.
    Awaitable<Result<Rights>> of(RequestContext context);  // of context.caller.credentials
    // What is remembered and not too old; asks nobody.
    [[nodiscard]] std::optional<Rights> known(const CallerCredentials& credentials) const;
    void forget(const CallerCredentials& credentials);  // logout

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::business
