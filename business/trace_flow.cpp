#include "business/trace_flow.hpp"

#include <algorithm>
#include <numeric>

namespace meshscope::business {

namespace {

std::int64_t percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
    const std::size_t rank = (sorted.size() * percent + 99) / 100;
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

FlowDurations durations_of(std::vector<std::int64_t> values) {
    FlowDurations out;
    if (values.empty()) {
        return out;
    }
    std::ranges::sort(values);
    out.min = values.front();
    out.median = percentile(values, 50);
    out.p95 = percentile(values, 95);
    out.max = values.back();
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    out.average = sum / static_cast<double>(values.size());
    return out;
}

template <class Part>
std::vector<FlowPart> parts_of(const std::vector<Part>& parts) {
    std::vector<FlowPart> out;
    for (std::uint32_t index = 0; index < parts.size(); ++index) {
        const Part& part = parts[index];
        if (part.spans == 0) {
            continue;
        }
        out.push_back(
            {index,
             part.traces,
             part.spans,
             part.durations.size(),
             part.errors,
             durations_of(part.durations)}
        );
    }
    return out;
}

}  // namespace

TraceFlow::TraceFlow(const models::Graph& graph)
    : nodes_(graph.nodes().size()), edges_(graph.edges().size()) {}

void TraceFlow::count(Part& part, bool error) const {
    part.traces += part.last_trace == trace_ ? 0 : 1;
    part.last_trace = trace_;
    ++part.spans;
    part.errors += error ? 1 : 0;
}

void TraceFlow::add(const models::Trace& trace, const TraceOnGraph& laid) {
    ++trace_;
    total_ += trace.spans.size();
    placed_ += laid.hops.size();
    // A call is an error when any of the spans that tell of it is one.
    std::vector<bool> failed(trace.spans.size());
    for (const Hop& hop : laid.hops) {
        failed[hop.span] = hop.error;
    }
    for (std::size_t i = laid.hops.size(); i > 0; --i) {  // those that are called first
        const Hop& hop = laid.hops[i - 1];
        if (hop.repeats && failed[hop.span]) {
            failed[trace.spans[hop.span].parent] = true;
        }
    }
    for (const Hop& hop : laid.hops) {
        count(nodes_[hop.own], hop.error);
        for (const models::EdgeIndex edge : hop.links()) {
            count(edges_[edge], !hop.repeats && failed[hop.span]);
            if (!hop.repeats) {
                edges_[edge].durations.push_back(trace.spans[hop.span].duration_ns);
            }
        }
    }
    for (const LeftOut& one : laid.left_out) {
        const std::tuple key{one.reason, std::string(one.ns), std::string(one.workload)};
        const auto known = left_out_.find(key);
        if (known != left_out_.end()) {
            ++known->second;
        } else if (left_out_.size() < kMostLeftOut) {
            left_out_.emplace(key, 1);
        } else {
            ++more_;
        }
    }
}

std::vector<FlowPart> TraceFlow::nodes() const { return parts_of(nodes_); }
std::vector<FlowPart> TraceFlow::edges() const { return parts_of(edges_); }

std::vector<FlowLeftOut> TraceFlow::left_out() const {
    std::vector<FlowLeftOut> out;
    for (const auto& [key, spans] : left_out_) {
        out.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), spans});
    }
    return out;
}

}  // namespace meshscope::business
