#include "demo/metrics/mesh_metrics.hpp"

#include <algorithm>

namespace meshscope::demo {
namespace {

void observe(std::span<double> histogram, double value) {
    const auto bucket = static_cast<std::size_t>(
        std::lower_bound(kBounds.begin(), kBounds.end(), value) - kBounds.begin()
    );
    for (std::size_t i = bucket; i < kBuckets; ++i) {
        histogram[i] += 1;
    }
    histogram[kBuckets] += value;
    histogram[kBuckets + 1] += 1;
}

}  // namespace

MeshMetrics::MeshMetrics(const EventStream& stream, SystemTime from)
    : stream_(stream), from_(from), next_number_(stream.last_number(from)) {
    for (const Request& request : stream_.singles()) {
        expect(request);
    }
}

void MeshMetrics::expect(const Request& request) {
    if (request.start < from_) {
        return;
    }
    for (Report& report : reports_of(request, stream_.topology())) {
        expected_.push(std::move(report));
    }
}

void MeshMetrics::advance(SystemTime time) {
    for (const std::int64_t last = stream_.last_number(time); next_number_ <= last;
         ++next_number_) {
        expect(stream_.request(next_number_));
    }
    for (; !expected_.empty() && expected_.top().at <= time; expected_.pop()) {
        count(expected_.top());
    }
}

void MeshMetrics::count(const Report& report) {
    const auto [place, added] = places_.try_emplace(report.key(), groups_.size());
    if (added) {
        const Measured measured = measured_by(report, stream_.topology());
        groups_.push_back(
            {measured,
             labels_of(report, stream_.topology()),
             std::vector<double>(values_of(measured).size())}
        );
    }
    SeriesGroup& group = groups_[place->second];
    const std::span values(group.values);
    values[kRequestCount] += 1;
    observe(
        values.subspan(kDuration, kHistogramValues), static_cast<double>(report.duration_us) / 1'000
    );
    if (group.measured == Measured::kRequests) {
        observe(
            values.subspan(kRequestSize, kHistogramValues),
            static_cast<double>(report.request_bytes)
        );
        observe(
            values.subspan(kResponseSize, kHistogramValues),
            static_cast<double>(report.response_bytes)
        );
    }
}

}  // namespace meshscope::demo
