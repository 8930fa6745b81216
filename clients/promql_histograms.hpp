#pragma once

#include "clients/promql.hpp"

#include <cstddef>
#include <vector>

// More of the builder: what tells native histograms from classic ones, and the greatest of many.
namespace meshscope::clients::promql {

// `count(expr) by (labels)`: how many series.
Expr count(const Expr& expr, const std::vector<Label>& by = {});

// Of native histograms: all that was observed, and how often. Prometheus 2.40 and later.
Expr histogram_sum(const Expr& expr);
Expr histogram_count(const Expr& expr);

// `topk(count, expr)`: those with the greatest values, in no order.
Expr top(std::size_t count, const Expr& expr);

}  // namespace meshscope::clients::promql
