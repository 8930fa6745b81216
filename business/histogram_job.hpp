#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/ask_histograms.hpp"
#include "business/response_times.hpp"
#include "clients/metric_store.hpp"
#include "clients/promql.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace meshscope::business {

// Inside of ask_histograms(): one asking as it goes on.
struct HistogramJob {
    clients::MetricStore& store;
    RequestContext context;
    HistogramQuestion question;
    std::vector<HistogramQuery> queries;
    std::vector<std::int64_t> moments;  // of the grid, ms
    BucketRepair repair;
    HistogramsFound found;
    std::set<std::string> warnings;
};

// With the longest first, more at once would not end earlier on a store with as many cores, and
// take turns on one with fewer.
inline constexpr std::size_t kQueriesAtOnce = 4;

// The answer to one query, whichever form it was asked in.
struct AskedHistograms {
    clients::VectorAnswerPtr vector;
    clients::MatrixAnswerPtr matrix;

    [[nodiscard]] HistogramAnswer read(std::span<const std::int64_t> moments) const;
    [[nodiscard]] const std::vector<std::string>& warnings() const;
};
Awaitable<Result<AskedHistograms>> ask_store(
    HistogramJob& job, clients::promql::Expr expr, SystemTime at
);

// Asks for the native histograms of the query where `times` have them and no buckets.
Awaitable<Result<TimesAtMoments>> with_native(
    HistogramJob& job, const HistogramQuery& query, TimesAtMoments times
);
// Writes down what was found for the query's histogram at `place`.
void take_times(
    HistogramJob& job, const HistogramQuery& query, std::size_t place, TimesAtMoments& times
);

// Whether the job's queries can be asked so within their number: at one moment, some of them for a
// longer interval of what others are asked for.
bool can_narrow(const HistogramJob& job);
// First the shortest intervals with all their buckets, in one query; then the longer ones without
// the buckets that the quantiles will not need; then, in one query, those that they do need.
Awaitable<bool> ask_narrowed(HistogramJob& job);

}  // namespace meshscope::business
