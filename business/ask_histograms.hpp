#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/response_times.hpp"
#include "clients/metric_store.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

// Moments at equal distances, whole seconds; at least one.
struct MomentGrid {
    SystemTime start;
    std::chrono::seconds step{0};  // at least a second where there is more than one moment
    std::size_t moments = 1;

    [[nodiscard]] SystemTime at(std::size_t moment) const {
        return start + static_cast<std::int64_t>(moment) * step;
    }
    // The nearest of them.
    [[nodiscard]] std::size_t nearest(SystemTime time) const;
};

struct HistogramQuestion {
    std::vector<MeasuredRequests> asked;
    std::vector<clients::promql::Quantile> quantiles;  // for native histograms
    // Set: every one of `asked` is asked for at all moments of the grid, whatever its own is.
    std::optional<MomentGrid> grid;
    // Only these quantiles, the counts and the averages are looked at: buckets that they do not
    // need are left out where that takes no more queries. Not over a grid.
    bool narrow = false;
    std::size_t max_queries = 24;  // those beyond are not asked; native ones count apart
};

struct HistogramsFound {
    std::vector<std::vector<MeasuredTimes>> times;  // of each asked, by moment; empty with an error
    std::vector<std::optional<Error>> errors;  // of each asked; code kTooManyQueries: not asked
    std::vector<std::string> warnings;         // of the store, ascending, each once
};
inline constexpr const char* kTooManyQueries = "too_many_queries";

// Asks the store for all of it, several queries at once, for three quarters of the time that is
// left at most: a store that hangs leaves time to say so. Where there are native histograms and no
// buckets the store is asked for the quantiles instead.
Awaitable<HistogramsFound> ask_histograms(
    clients::MetricStore& store,
    const Clock& clock,
    RequestContext context,
    HistogramQuestion question
);

}  // namespace meshscope::business
