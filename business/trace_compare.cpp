#include "business/trace_compare.hpp"

#include "business/trace_columns.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::size_t kRoot = std::numeric_limits<std::size_t>::max();
constexpr std::string_view kHidden = "redacted";

// Ways down from the root, each once, shared by both traces.
class Paths {
 public:
    std::size_t below(std::size_t parent, std::string_view service) {
        if (parent != kRoot && steps_[parent].service == service) {
            return parent;
        }
        const auto [place, is_new] = places_.try_emplace({parent, service}, steps_.size());
        if (is_new) {
            steps_.push_back({parent, service});
        }
        return place->second;
    }
    [[nodiscard]] std::vector<std::string> names(std::size_t path) const {
        std::vector<std::string> names;
        for (; path != kRoot; path = steps_[path].parent) {
            names.emplace_back(steps_[path].service);
        }
        std::ranges::reverse(names);
        return names;
    }

 private:
    struct Step {
        std::size_t parent;
        std::string_view service;
    };
    std::vector<Step> steps_;
    std::map<std::pair<std::size_t, std::string_view>, std::size_t> places_;
};

struct Node {
    std::size_t path = kRoot;
    std::string_view operation;
    std::uint32_t count[2] = {0, 0};
    std::int64_t duration_ns[2] = {0, 0};
    std::uint32_t errors[2] = {0, 0};
};

class Nodes {
 public:
    void add(const TraceView& view, std::size_t side) {
        const models::Trace& trace = *view.trace;
        const auto columns = columns_of(trace);
        std::vector<std::size_t> paths(trace.spans.size(), kRoot);
        for (const std::uint32_t index : columns->shape.preorder) {
            const models::Span& span = trace.spans[index];
            const bool hidden = view.hides(index);
            const std::size_t above = span.parent == models::kNoSpan ? kRoot : paths[span.parent];
            const std::string_view service =
                hidden ? kHidden : std::string_view(trace.processes[span.process].service);
            paths[index] = paths_.below(above, service);
            if (hidden) {
                continue;
            }
            Node& node = node_at(paths[index], span.operation);
            ++node.count[side];
            node.duration_ns[side] += span.duration_ns;
            node.errors[side] += columns->error[index] ? 1 : 0;
        }
    }

    [[nodiscard]] const std::vector<Node>& all() const { return all_; }
    [[nodiscard]] ComparedNode described(const Node& node) const {
        ComparedNode out;
        out.path = paths_.names(node.path);
        out.operation = node.operation;
        out.in_a = node.count[0];
        out.in_b = node.count[1];
        out.duration_a_ns = node.duration_ns[0];
        out.duration_b_ns = node.duration_ns[1];
        out.errors_a = node.errors[0];
        out.errors_b = node.errors[1];
        return out;
    }

 private:
    Node& node_at(std::size_t path, std::string_view operation) {
        const auto [place, is_new] = places_.try_emplace({path, operation}, all_.size());
        if (is_new) {
            Node& node = all_.emplace_back();
            node.path = path;
            node.operation = operation;
        }
        return all_[place->second];
    }

    Paths paths_;
    std::vector<Node> all_;
    std::map<std::pair<std::size_t, std::string_view>, std::size_t> places_;
};

}  // namespace

TraceComparison compare_traces(const TraceView& a, const TraceView& b) {
    TraceComparison comparison;
    comparison.a = summarize(a);
    comparison.b = summarize(b);
    Nodes nodes;
    nodes.add(a, 0);
    nodes.add(b, 1);
    for (const Node& node : nodes.all()) {
        auto& list = node.count[1] == 0   ? comparison.only_a
                     : node.count[0] == 0 ? comparison.only_b
                                          : comparison.both;
        if (list.size() < kMaxComparedNodes) {
            list.push_back(nodes.described(node));
        } else {
            ++comparison.cut;
        }
    }
    return comparison;
}

}  // namespace meshscope::business
