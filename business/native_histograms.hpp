#pragma once

#include "clients/promql.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

// What is asked where a store has native histograms in place of buckets: whether there are any, and
// then their quantiles, sum and count, rows that carry their meaning in a label of their own.
namespace meshscope::business {

inline constexpr clients::promql::Label kPartLabel = "meshscope_part";
inline constexpr std::string_view kNativePart = "native";
inline constexpr std::string_view kNativeSumPart = "sum";
inline constexpr std::string_view kNativeCountPart = "count";
inline constexpr std::size_t kMaxNativeQuantiles = 16;  // those beyond are not asked for

// A row for each group of `histograms` (a selector's rate) that has any. Known to every store.
clients::promql::Expr native_presence(
    const clients::promql::Expr& histograms, const std::vector<clients::promql::Label>& by
);

// Of the groups of `histograms`, which is a sum of rates. Prometheus 2.40 and later.
clients::promql::Expr native_parts(
    const clients::promql::Expr& histograms, const std::vector<clients::promql::Quantile>& quantiles
);

// Which quantile a part of native_parts() is; nullopt: none.
std::optional<std::size_t> native_quantile(std::string_view part);

}  // namespace meshscope::business
