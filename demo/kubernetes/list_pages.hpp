#pragma once

#include "core/result.hpp"
#include "demo/kubernetes/answers.hpp"
#include "demo/kubernetes/live_cluster.hpp"
#include "demo/kubernetes/selectors.hpp"
#include "demo/net/http_message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace meshscope::demo {

// The parameters of a list or watch.
struct ListPlan {
    const Resource* resource = nullptr;
    std::string ns;  // "" all
    Selectors selectors;
    std::size_t limit = 0;                // 0: no pages
    std::optional<std::int64_t> version;  // nullopt: the latest
    bool exact = false;                   // that version and no later one
    std::string after;                    // of a continue token: "namespace/name"; "" the beginning
    std::chrono::seconds timeout{1800};   // of a watch
};

// kInvalidArgument in Kubernetes' words.
Result<ListPlan> list_plan(
    const HttpRequest& request, const Resource& resource, const std::string& ns
);

// One page, or a Status: all pages of a list are of one version.
HttpReply list_page(LiveCluster& cluster, const ListPlan& plan, Answer answer);

HttpReply not_acceptable();

}  // namespace meshscope::demo
