#pragma once

#include "tests/bench/mesh_metrics.hpp"
#include "tests/bench/process.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::bench {

// A real Prometheus with a sample of each series every 15 s, `seconds` of them up to `end` (unix
// seconds). Its program is the one that tools/dev/demo_prometheus.py finds: run from the top of the
// tree.
class Prometheus {
 public:
    Prometheus(const std::vector<GrowingSeries>& series, std::uint64_t end, std::uint64_t seconds);
    ~Prometheus();
    Prometheus(const Prometheus&) = delete;
    Prometheus& operator=(const Prometheus&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] Child& process() { return *child_; }

 private:
    std::string folder_;
    std::uint16_t port_;
    std::unique_ptr<Child> child_;
};

}  // namespace meshscope::bench
