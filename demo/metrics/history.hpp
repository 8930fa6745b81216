#pragma once

#include "demo/metrics/block_writer.hpp"
#include "demo/metrics/mesh_metrics.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

namespace meshscope::demo {

// As often as Prometheus would have asked.
inline constexpr std::chrono::seconds kHistoryStep{15};

// Writes into `block` what scrapes of `metrics` would have seen at every step from `from` to `to`,
// both included when they are whole steps since the epoch. `percent` follows; false ends it early.
bool write_history(
    MeshMetrics& metrics,
    SystemTime from,
    SystemTime to,
    BlockWriter& block,
    std::atomic<int>& percent,
    const std::atomic<bool>& wanted
);

}  // namespace meshscope::demo
