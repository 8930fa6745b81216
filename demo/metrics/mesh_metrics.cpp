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
    : stream_(stream),
      from_(from),
      next_number_(stream.last_number(from)),
      flows_(stream),
      flowed_(from) {
    for (const Request& request : stream_.singles()) {
        expect(request);
    }
}

void MeshMetrics::expect(const Request& request) {
    if (request.start < from_) {
        return;
    }
    expect(reports_of(request, stream_.topology()));
}

void MeshMetrics::expect(std::vector<Report> reports) {
    for (Report& report : reports) {
        expected_.push(std::move(report));
    }
}

void MeshMetrics::advance(SystemTime time) {
    for (const std::int64_t last = stream_.last_number(time); next_number_ <= last;
         ++next_number_) {
        expect(stream_.request(next_number_));
    }
    if (time > flowed_) {
        expect(flows_.between(flowed_, time));
        flowed_ = time;
    }
    for (; !expected_.empty() && expected_.top().at <= time; expected_.pop()) {
        count(expected_.top());
    }
}

void MeshMetrics::count(const Report& report) {
    const auto [place, added] = places_.try_emplace(report.key(), groups_.size());
    if (added) {
        groups_.push_back(
            {report.measured,
             labels_of(report, stream_.topology()),
             std::vector<double>(values_of(report.measured).size())}
        );
    }
    SeriesGroup& group = groups_[place->second];
    const std::span values(group.values);
    const auto count_size = [values](std::size_t histogram, std::int64_t bytes) {
        observe(values.subspan(histogram, kHistogramValues), static_cast<double>(bytes));
    };
    switch (group.measured) {
        case Measured::kRequests:
            count_size(kRequestSize, report.request_bytes);
            count_size(kResponseSize, report.response_bytes);
            [[fallthrough]];
        case Measured::kRequestsOnly:
            values[kRequestCount] += 1;
            observe(
                values.subspan(kDuration, kHistogramValues),
                static_cast<double>(report.duration_us) / 1'000
            );
            break;
        case Measured::kMessages:
            values[kSentMessages] += static_cast<double>(report.request_messages);
            values[kReceivedMessages] += static_cast<double>(report.response_messages);
            break;
        case Measured::kConnections:
            values[kOpened] += 1;
            values[kClosed] += 1;
            // Seen from the callee.
            values[kSentBytes] += static_cast<double>(report.response_bytes);
            values[kReceivedBytes] += static_cast<double>(report.request_bytes);
            break;
    }
}

}  // namespace meshscope::demo
