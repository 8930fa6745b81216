#include "business/quantile.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace meshscope::business {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSmallDelta = 1e-12;

bool almost_equal(double a, double b) {
    if (a == b) {
        return true;
    }
    constexpr double kSmallest = std::numeric_limits<double>::min();  // that is normal
    const double size = std::abs(a) + std::abs(b);
    const double difference = std::abs(a - b);
    if (a == 0 || b == 0 || size < kSmallest) {
        return difference < kSmallDelta * kSmallest;
    }
    return difference / std::min(size, std::numeric_limits<double>::max()) < kSmallDelta;
}

void join_equal_bounds(std::vector<Bucket>& buckets) {
    std::size_t last = 0;
    for (std::size_t i = 1; i < buckets.size(); ++i) {
        if (buckets[i].bound == buckets[last].bound) {
            buckets[last].count += buckets[i].count;
        } else {
            buckets[++last] = buckets[i];
        }
    }
    buckets.resize(last + 1);
}

// No comparison holds with a count that is NaN: it is left as it is, and older servers never come
// away from one that is the first.
void raise_to_envelope(std::vector<Bucket>& buckets) {
    double most = buckets.front().count;
    for (Bucket& bucket : buckets) {
        if (bucket.count > most) {
            most = bucket.count;
        } else if (bucket.count < most) {
            bucket.count = most;
        }
    }
}

void flatten(std::vector<Bucket>& buckets) {
    double before = buckets.front().count;
    for (Bucket& bucket : buckets) {
        if (almost_equal(bucket.count, before) || bucket.count < before) {
            bucket.count = before;
        } else {
            before = bucket.count;
        }
    }
}

// The first bucket but the last that has `rank`, else the last. By halves, as a count that is NaN
// may lie on the way.
std::size_t first_reaching(const std::vector<Bucket>& buckets, double rank) {
    std::size_t low = 0;
    std::size_t high = buckets.size() - 1;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (buckets[middle].count >= rank) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

}  // namespace

std::optional<double> parse_bound(std::string_view le) {
    if (le.starts_with('+')) {
        le.remove_prefix(1);
        if (le.starts_with('-')) {
            return std::nullopt;
        }
    }
    double bound = 0;
    const char* const end = le.data() + le.size();
    const auto [rest, problem] = std::from_chars(le.data(), end, bound);
    if (problem != std::errc() || rest != end || std::isnan(bound)) {
        return std::nullopt;
    }
    return bound;
}

std::optional<BucketHistogram> BucketHistogram::of(
    std::vector<Bucket> buckets, BucketRepair repair
) {
    if (buckets.empty()) {
        return std::nullopt;
    }
    std::ranges::sort(buckets, {}, &Bucket::bound);
    BucketHistogram histogram;
    histogram.complete_ = buckets.back().bound == kInfinity;
    join_equal_bounds(buckets);
    repair == BucketRepair::kFlatten ? flatten(buckets) : raise_to_envelope(buckets);
    histogram.buckets_ = std::move(buckets);
    return histogram;
}

double BucketHistogram::count() const { return complete_ ? buckets_.back().count : kNaN; }

double BucketHistogram::quantile(double q) const {
    if (std::isnan(q)) {
        return kNaN;
    }
    if (q < 0) {
        return -kInfinity;
    }
    if (q > 1) {
        return kInfinity;
    }
    if (!complete_ || buckets_.size() < 2 || buckets_.back().count == 0) {
        return kNaN;
    }
    double rank = q * buckets_.back().count;
    const std::size_t last = buckets_.size() - 1;
    const std::size_t found = first_reaching(buckets_, rank);
    if (found == last) {
        return buckets_[last - 1].bound;
    }
    const double end = buckets_[found].bound;
    if (found == 0 && end <= 0) {
        return end;
    }
    double start = 0;
    double count = buckets_[found].count;
    if (found > 0) {
        const Bucket& below = buckets_[found - 1];
        start = below.bound;
        count -= below.count;
        rank -= below.count;
    }
    return start + (end - start) * (rank / count);
}

}  // namespace meshscope::business
