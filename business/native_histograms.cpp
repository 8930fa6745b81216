#include "business/native_histograms.hpp"

#include "clients/promql_histograms.hpp"

#include <algorithm>
#include <array>

namespace meshscope::business {

namespace {

namespace promql = clients::promql;
using promql::Expr;

constexpr std::array<promql::Literal, kMaxNativeQuantiles> kQuantileParts{
    "q0",
    "q1",
    "q2",
    "q3",
    "q4",
    "q5",
    "q6",
    "q7",
    "q8",
    "q9",
    "q10",
    "q11",
    "q12",
    "q13",
    "q14",
    "q15",
};

}  // namespace

Expr native_presence(const Expr& histograms, const std::vector<promql::Label>& by) {
    return tagged(count(histograms, by), kPartLabel, "native");
}

Expr native_parts(const Expr& histograms, const std::vector<promql::Quantile>& quantiles) {
    Expr all = either(
        tagged(histogram_sum(histograms), kPartLabel, "sum"),
        tagged(histogram_count(histograms), kPartLabel, "count")
    );
    for (std::size_t i = 0; i < quantiles.size() && i < kMaxNativeQuantiles; ++i) {
        const Expr quantile = histogram_quantile(quantiles[i], histograms);
        all = either(all, tagged(quantile, kPartLabel, kQuantileParts[i]));
    }
    return all;
}

std::optional<std::size_t> native_quantile(std::string_view part) {
    const auto found = std::ranges::find(kQuantileParts, part, &promql::Literal::text);
    return found == kQuantileParts.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - kQuantileParts.begin()));
}

}  // namespace meshscope::business
