#pragma once

#include "clients/metric_store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::prometheus {

struct DecodeLimits {
    std::size_t max_series = 500'000;
    std::size_t max_points = 10'000'000;  // of all series of a range answer
    std::size_t max_labels = 128;         // names of labels over all series
    std::size_t max_cells = 16'000'000;   // series times names of labels
};

// Where the points of a range answer lie.
struct Grid {
    std::int64_t start_ms = 0;
    std::int64_t step_ms = 1'000;
};

// Readers of the answers of `query` and `query_range`. Pure. `body` is the whole body.
//
// Answers keep nothing of the body. NaN and infinities are values. Left out and said in a warning:
// native histograms, values and times that are no numbers, a second series with the same labels.
// Points come ascending by time, the last of several at one time stays, and what is off the grid by
// rounding is put on it. A scalar is a vector of one row without labels. Unknown members are passed
// over.
//
// Errors: what the store says is wrong (fault.hpp), kUpstreamProtocol (cut off, no JSON, another
// type of result), kTooLarge (beyond the limits: a part of the series would give wrong sums).
Result<VectorAnswer> decode_vector(std::string_view body, const DecodeLimits& limits = {});
Result<MatrixAnswer> decode_matrix(
    std::string body, std::optional<Grid> grid = std::nullopt, const DecodeLimits& limits = {}
);

}  // namespace meshscope::clients::prometheus
