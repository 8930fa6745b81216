#include "models/owner_keys.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace meshscope::models {

namespace {

// The first is the node, then come the sides.
constexpr std::string_view kKeys[] = {
    "node_id",
    "istio.source_workload",
    "istio.source_namespace",
    "istio.source_canonical_service",
    "istio.source_app",
    "istio.source_instance_name",
    "istio.source_canonical_revision",
    "istio.source_cluster_id",
    "istio.destination_workload",
    "istio.destination_namespace",
    "istio.destination_canonical_service",
    "istio.destination_app",
    "istio.destination_instance_name",
    "istio.destination_canonical_revision",
    "istio.destination_cluster_id",
    "istio.canonical_service",
    "istio.canonical_revision",
    "istio.cluster_id",
    "istio.namespace",
    "k8s.cluster.name",
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "k8s.daemonset.name",
    "k8s.cronjob.name",
    "k8s.job.name",
    "k8s.replicaset.name",
    "k8s.pod.name",
    "k8s.pod.uid",
    "k8s.pod.ip",
    "k8s.namespace.name",
};
constexpr std::size_t kCount = std::size(kKeys);
constexpr std::size_t kShortest = 7;
constexpr std::size_t kLongest = 36;

static_assert(kCount < 128);
static_assert(kKeys[static_cast<std::size_t>(OwnerKey::kFirstSide) - 1] == "istio.source_workload");
static_assert(
    kKeys[static_cast<std::size_t>(OwnerKey::kLastSide) - 1] == "istio.destination_cluster_id"
);
static_assert(std::ranges::all_of(kKeys, [](std::string_view key) {
    return key.size() >= kShortest && key.size() <= kLongest;
}));

// For each length the keys that have it, as a chain of numbers that ends with 0.
struct Chains {
    std::array<std::uint8_t, kLongest + 1> first{};
    std::array<std::uint8_t, kCount + 1> next{};
};

constexpr Chains kChains = [] {
    Chains chains;
    for (std::size_t i = kCount; i > 0; --i) {
        std::uint8_t& first = chains.first[kKeys[i - 1].size()];
        chains.next[i] = first;
        first = static_cast<std::uint8_t>(i);
    }
    return chains;
}();

}  // namespace

std::span<const std::string_view> owner_keys() { return kKeys; }

OwnerKey owner_key_of(std::string_view key) {
    if (key.size() < kShortest || key.size() > kLongest) {
        return OwnerKey::kNone;
    }
    const char first = key.front();
    if (first != 'i' && first != 'k' && first != 'n') {
        return OwnerKey::kNone;
    }
    std::uint8_t number = kChains.first[key.size()];
    while (number != 0 && kKeys[number - 1] != key) {
        number = kChains.next[number];
    }
    return static_cast<OwnerKey>(number);
}

}  // namespace meshscope::models
