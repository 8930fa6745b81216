#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace meshscope::business {

// Quantiles of a classic histogram, worked out from its buckets to the same bits as Prometheus'
// histogram_quantile (promql/quantile.go): the same operations in the same order, none fused. One
// vector of buckets answers for every quantile and for the count; Prometheus would read all of its
// series again for each.

struct Bucket {
    double bound = 0;  // upper, inclusive; +Inf of the last one
    double count = 0;  // of all that is not above the bound
};

// What becomes of counts that do not grow with the bound, as sums of rates may.
enum class BucketRepair : std::uint8_t {
    kEnvelope,  // the greatest count so far (before Prometheus 2.49)
    kFlatten,   // likewise, and counts that differ by less than 1e-12 of their size are equal
};

// The value of a label `le`: "5", "5.0", "1e+06", "+Inf", "Inf". nullopt for what is no number;
// such a row is no bucket.
std::optional<double> parse_bound(std::string_view le);

class BucketHistogram {
 public:
    // In any order; equal bounds add up. nullopt of no buckets at all: there is no such histogram.
    static std::optional<BucketHistogram> of(std::vector<Bucket> buckets, BucketRepair repair);

    // q below 0: -Inf; above 1: +Inf. NaN: nothing was counted, q is NaN, or there are no buckets
    // to tell it from (one alone, none without a bound). Never above the highest finite bound.
    [[nodiscard]] double quantile(double q) const;
    // Of all that was counted; NaN when no bucket is without a bound.
    [[nodiscard]] double count() const;
    // Ascending, each bound once, repaired; at least one.
    [[nodiscard]] const std::vector<Bucket>& buckets() const { return buckets_; }

 private:
    BucketHistogram() = default;
    std::vector<Bucket> buckets_;  // ascending, repaired
    bool complete_ = false;        // the last one is +Inf
};

}  // namespace meshscope::business
