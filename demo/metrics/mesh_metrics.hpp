#pragma once

#include "demo/mesh/event_stream.hpp"
#include "demo/metrics/flows.hpp"
#include "demo/metrics/report.hpp"

#include <cstddef>
#include <map>
#include <queue>
#include <span>
#include <string>
#include <vector>

namespace meshscope::demo {

// The series of one proxy for one peer and one outcome; `values` belong to values_of(measured).
struct SeriesGroup {
    Measured measured;
    Labels labels;
    std::vector<double> values;
};

// Istio's standard metrics of the mesh, counted out of the same requests whose spans and lines
// there are, and out of the scenario's flows. A series is there from its first report on, and no
// number ever shrinks. Not thread-safe.
class MeshMetrics {
 public:
    // Counting begins at `from`, which may be before the requests that Jaeger still has. The stream
    // must outlive this.
    MeshMetrics(const EventStream& stream, SystemTime from);

    // Counts what has ended up to `time`. Time does not run back.
    void advance(SystemTime time);

    [[nodiscard]] std::span<const SeriesGroup> groups() const { return groups_; }

 private:
    struct Later {
        bool operator()(const Report& a, const Report& b) const { return a.at > b.at; }
    };

    void expect(const Request& request);
    void expect(std::vector<Report> reports);
    void count(const Report& report);

    const EventStream& stream_;
    SystemTime from_;
    std::int64_t next_number_;
    Flows flows_;
    SystemTime flowed_;  // up to here
    std::priority_queue<Report, std::vector<Report>, Later> expected_;
    std::map<std::string, std::size_t> places_;  // of groups, by the key of their reports
    std::vector<SeriesGroup> groups_;
};

// In Prometheus' text format, family by family.
std::string exposition(std::span<const SeriesGroup> groups);

}  // namespace meshscope::demo
