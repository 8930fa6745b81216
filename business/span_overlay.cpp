#include "business/span_overlay.hpp"

#include "business/trace_columns.hpp"

#include <algorithm>
#include <tuple>

namespace meshscope::business {

namespace {

std::vector<OverlayPoint> points_of(const SpanList& list) {
    std::vector<OverlayPoint> points;
    for (const SelectedSpans& selected : list.traces) {
        const models::Trace& trace = *selected.view.trace;
        const auto columns = columns_of(trace);
        for (const std::uint32_t index : selected.spans) {
            const models::Span& span = trace.spans[index];
            OverlayPoint point;
            point.time_us = span.start_ns / 1000;
            point.duration_us = span.duration_ns / 1000;
            point.trace = trace.id;
            point.span = span.id;
            point.error = columns->error[index];
            point.operation = span.operation;
            points.push_back(point);
        }
    }
    std::ranges::sort(points, [](const OverlayPoint& a, const OverlayPoint& b) {
        return std::tie(a.time_us, a.trace, a.span) < std::tie(b.time_us, b.trace, b.span);
    });
    return points;
}

double quartile(const std::vector<std::int64_t>& sorted, std::size_t quarter) {
    const std::size_t place = (sorted.size() - 1) * quarter;
    const std::size_t below = place / 4;
    const double rest = static_cast<double>(place % 4) / 4;
    const auto low = static_cast<double>(sorted[below]);
    if (rest == 0) {
        return low;
    }
    return low + (static_cast<double>(sorted[below + 1]) - low) * rest;
}

OverlayBucket box_of(std::vector<std::int64_t> durations) {
    std::ranges::sort(durations);
    OverlayBucket box;
    box.count = durations.size();
    box.min = static_cast<double>(durations.front());
    box.q1 = quartile(durations, 1);
    box.median = quartile(durations, 2);
    box.q3 = quartile(durations, 3);
    box.max = static_cast<double>(durations.back());
    double total = 0;
    for (const std::int64_t duration : durations) {
        total += static_cast<double>(duration);
    }
    box.average = total / static_cast<double>(durations.size());
    return box;
}

}  // namespace

SpanOverlay make_overlay(const SpanList& list, std::size_t most) {
    SpanOverlay overlay;
    overlay.points = points_of(list);
    if (overlay.points.size() <= most) {
        return overlay;
    }
    const std::int64_t start = overlay.points.front().time_us;
    const std::int64_t whole = overlay.points.back().time_us + 1 - start;
    constexpr auto kCount = static_cast<std::int64_t>(kOverlayBuckets);
    const std::int64_t length = (whole + kCount - 1) / kCount;
    std::size_t next = 0;
    for (std::int64_t from = start; next < overlay.points.size(); from += length) {
        std::vector<std::int64_t> durations;
        while (next < overlay.points.size() && overlay.points[next].time_us < from + length) {
            durations.push_back(overlay.points[next++].duration_us);
        }
        if (!durations.empty()) {
            OverlayBucket& box = overlay.buckets.emplace_back(box_of(std::move(durations)));
            box.from_us = from;
            box.to_us = from + length;
        }
    }
    overlay.points.clear();
    return overlay;
}

}  // namespace meshscope::business
