#pragma once

#include "demo/kubernetes/answers.hpp"
#include "demo/kubernetes/live_cluster.hpp"
#include "demo/kubernetes/users.hpp"
#include "demo/logs/container_log.hpp"
#include "demo/net/counters.hpp"
#include "demo/net/http_message.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

struct KubernetesOptions {
    bool anonymous_reads = true;  // who sends no token reads everything; else nothing
    std::chrono::milliseconds bookmark_every{5'000};
    // How long watches and logs that are followed wait before they look for news again.
    std::chrono::milliseconds look_every{50};
};

// The Kubernetes API of the simulated cluster: discovery, lists in pages, single objects, watches,
// logs, reviews, and what callers write beside the mesh's own objects.
// Every request is authenticated and authorized. Thread-safe.
class KubernetesApi {
 public:
    // `cluster` and `counters` must outlive this and its replies.
    KubernetesApi(LiveCluster& cluster, Counters& counters, KubernetesOptions options);

    HttpReply handle(const HttpRequest& request);

    // Whether the kinds of Istio and of the Gateway API are installed.
    void install_custom_kinds(bool installed) { custom_kinds_ = installed; }

 private:
    // What a path names.
    struct Target {
        const Resource* resource = nullptr;
        std::string ns;
        std::string name;
        std::string subresource;
    };

    HttpReply answer(const HttpRequest& request, const User& user);
    HttpReply resource(const HttpRequest& request, const User& user, const Target& target);
    HttpReply reviewed(
        const HttpRequest& request,
        const User& user,
        std::string_view group,
        std::string_view plural
    );
    HttpReply write(const HttpRequest& request, const User& user, const Target& target);
    HttpReply log(const HttpRequest& request, const Target& target);
    HttpReply list(const HttpRequest& request, const Target& target);
    HttpReply start_watch(const HttpRequest& request, const Target& target);
    HttpReply get(const HttpRequest& request, const Target& target);
    [[nodiscard]] bool find(const std::vector<std::string>& path, Target& target) const;
    static Attempt attempt_of(std::string_view verb, const Target& target);
    void count(std::string_view what, const Resource& resource);

    LiveCluster& cluster_;
    Counters& counters_;
    const KubernetesOptions options_;
    const Users users_;
    LogBook log_book_;
    std::atomic<bool> custom_kinds_{true};
};

}  // namespace meshscope::demo
