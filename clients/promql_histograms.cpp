#include "clients/promql_histograms.hpp"

#include <string>

namespace meshscope::clients::promql {

Expr count(const Expr& expr, const std::vector<Label>& by) {
    std::string labels;
    for (const Label& label : by) {
        labels += (labels.empty() ? "" : ",") + std::string(label.name());
    }
    return expr.wrapped("count(", labels.empty() ? ")" : ") by (" + labels + ")");
}

Expr histogram_sum(const Expr& expr) { return expr.wrapped("histogram_sum(", ")"); }

Expr histogram_count(const Expr& expr) { return expr.wrapped("histogram_count(", ")"); }

Expr top(std::size_t count, const Expr& expr) {
    return expr.wrapped("topk(" + std::to_string(count) + ", ", ")");
}

}  // namespace meshscope::clients::promql
