#pragma once

#include "demo/kubernetes/answers.hpp"
#include "demo/kubernetes/live_cluster.hpp"
#include "demo/kubernetes/selectors.hpp"
#include "demo/net/http_message.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace meshscope::demo {

struct WatchPlan {
    const Resource* resource = nullptr;
    std::string ns;  // "" all
    Selectors selectors;
    std::int64_t version = 0;   // events after this one
    bool from_nothing = false;  // everything that is there counts as just added
    bool bookmarks = false;
    Answer answer = Answer::kObjects;
    std::chrono::milliseconds most{0};  // the watch ends by itself
    std::chrono::milliseconds bookmark_every{5'000};
    std::chrono::milliseconds look_every{50};
    const std::atomic<bool>* custom_kinds = nullptr;  // false: watches of CRDs end
};

// The changes of a kind as they happen. A Status instead when the version is too old or of the
// future. `cluster` must outlive the reply.
HttpReply watch(LiveCluster& cluster, WatchPlan plan);

// What is said of a version that is too old (410) or of the future (504).
HttpReply version_failure(const Error& error);

}  // namespace meshscope::demo
