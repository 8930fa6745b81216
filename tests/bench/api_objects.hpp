#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::bench {

// The cluster of the benchmark: 100 namespaces, 2 000 Deployments, each with an old and a current
// ReplicaSet, 10 000 pods with a sidecar, 2 000 Services with their Endpoints. As `kubectl get -o
// json` shows such objects after some time in a cluster, managedFields included.
inline constexpr std::size_t kClusterPods = 10'000;
inline constexpr std::size_t kClusterWorkloads = 2'000;
inline constexpr std::size_t kClusterSpaces = 100;
inline constexpr std::size_t kPageItems = 500;

// One list of the API: all its objects as JSON, and how they are called there.
struct ApiList {
    std::string path;       // "/api/v1/pods"
    std::string kind;       // "Pod"
    bool metadata = false;  // asked for as PartialObjectMetadata
    std::vector<std::string> items;
};

std::vector<ApiList> make_cluster();
std::vector<std::string> list_paths();  // of them

// The response to `?limit=500&continue=<first item>`.
std::string page_of(const ApiList& list, std::size_t first);

}  // namespace meshscope::bench
