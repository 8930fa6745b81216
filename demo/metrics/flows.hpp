#pragma once

#include "demo/mesh/event_stream.hpp"
#include "demo/mesh/random.hpp"
#include "demo/metrics/report.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace meshscope::demo {

struct Flow;

// Traffic that proxies count and nobody traces: connections, and calls that were not sampled. The
// scenarios graph-zoo and many-workloads have some. A pure function of scenario, seed and start,
// like the requests.
class Flows {
 public:
    // The stream must outlive this.
    explicit Flows(const EventStream& stream);

    // What ends in (from, to], in no order.
    [[nodiscard]] std::vector<Report> between(SystemTime from, SystemTime to) const;

 private:
    // A flow between two workloads of this mesh.
    struct Course {
        const Flow* flow;
        WorkloadIndex caller;
        WorkloadIndex callee;
        WorkloadIndex writer;  // kOutside: the ends themselves
        std::int64_t phase_us = 0;
    };

    [[nodiscard]] WorkloadIndex named(std::string_view name) const;
    [[nodiscard]] Report outcome(const Course& course, Random& random) const;
    void add(std::vector<Report>& out, const Course& course, SystemTime at, Random& random) const;

    const EventStream& stream_;
    std::vector<Course> courses_;
};

}  // namespace meshscope::demo
