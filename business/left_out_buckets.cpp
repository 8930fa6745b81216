#include "business/left_out_buckets.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::size_t kMostRows = 64;  // of a histogram: the query names those that are left out
constexpr double kNoise = 1e-11;       // more than what Prometheus takes as none

std::set<double> bounds_of(const std::vector<std::string>& spellings) {
    std::set<double> bounds;
    for (const std::string& spelling : spellings) {
        if (const auto bound = parse_bound(spelling)) {
            bounds.insert(*bound);
        }
    }
    return bounds;
}

// Neither falls nor grows by less than can be told from rounding: no repair changes anything.
bool grows_clearly(const std::vector<Bucket>& buckets) {
    std::map<double, double> counts;
    for (const Bucket& bucket : buckets) {
        counts[bucket.bound] += bucket.count;
    }
    double before = 0;
    for (const auto& [bound, count] : counts) {
        if (!std::isfinite(count) || (count != before && count - before <= kNoise * count)) {
            return false;
        }
        before = count;
    }
    return true;
}

// The first bucket but the last that has the quantile, else the last.
std::size_t place_of(const std::vector<Bucket>& buckets, double quantile) {
    const double rank = quantile * buckets.back().count;
    const auto found =
        std::find_if(buckets.begin(), buckets.end() - 1, [rank](const Bucket& bucket) {
            return bucket.count >= rank;
        });
    return static_cast<std::size_t>(found - buckets.begin());
}

// The bounds around a quantile, and the next one on the side that it is nearer to: over another
// interval it may lie there.
void add_needed(const std::vector<Bucket>& buckets, double quantile, std::set<double>& needed) {
    const std::size_t place = place_of(buckets, quantile);
    const double below = place == 0 ? 0 : buckets[place - 1].count;
    const double rank = quantile * buckets.back().count;
    const bool low = place + 1 == buckets.size() || rank - below < buckets[place].count - rank;
    const std::size_t first = place - std::min<std::size_t>(place, low ? 2 : 1);
    for (std::size_t i = first; i <= place + (low ? 0 : 1); ++i) {
        needed.insert(buckets[i].bound);
    }
}

// Whether a bound in between was left out.
bool lies_open(const std::set<double>& left_out, std::optional<double> above, double below) {
    const auto first = above ? left_out.upper_bound(*above) : left_out.begin();
    return first != left_out.end() && *first < below;
}

}  // namespace

std::vector<Bucket> buckets_without(
    const std::vector<BucketRow>& rows, const std::vector<std::string>& left_out
) {
    const std::set<double> needless = bounds_of(left_out);
    std::vector<Bucket> buckets;
    buckets.reserve(rows.size());
    for (const BucketRow& row : rows) {
        const auto bound = parse_bound(row.le);
        if (bound && !needless.contains(*bound)) {
            buckets.push_back({*bound, row.count});
        }
    }
    return buckets;
}

std::vector<std::string> needless_bounds(
    const std::vector<BucketRow>& rows, const std::vector<double>& quantiles, BucketRepair repair
) {
    const auto histogram = BucketHistogram::of(buckets_without(rows, {}), repair);
    if (rows.size() > kMostRows || !histogram || !(histogram->count() > 0)) {
        return {};
    }
    const std::vector<Bucket>& buckets = histogram->buckets();
    std::set<double> needed{buckets.back().bound};
    for (const double quantile : quantiles) {
        add_needed(buckets, quantile, needed);
    }
    std::vector<std::string> needless;
    for (const BucketRow& row : rows) {
        const auto bound = parse_bound(row.le);
        if (bound && !needed.contains(*bound)) {
            needless.push_back(row.le);
        }
    }
    std::ranges::sort(needless);
    return needless;
}

bool is_settled(
    const std::vector<BucketRow>& rows,
    const std::vector<std::string>& left_out,
    const std::vector<double>& quantiles,
    BucketRepair repair
) {
    const std::set<double> needless = bounds_of(left_out);
    if (needless.empty() || rows.empty()) {
        return true;
    }
    std::vector<Bucket> known = buckets_without(rows, left_out);
    if (known.empty() || !grows_clearly(known)) {
        return false;
    }
    const auto histogram = BucketHistogram::of(std::move(known), repair);
    if (!(histogram->count() > 0)) {
        return true;  // nothing was counted, or nothing says how much
    }
    const std::vector<Bucket>& buckets = histogram->buckets();
    return std::ranges::all_of(quantiles, [&](double quantile) {
        const std::size_t place = place_of(buckets, quantile);
        if (place + 1 == buckets.size()) {  // it is the highest finite bound
            return place > 0 &&
                   !lies_open(needless, buckets[place - 1].bound, buckets[place].bound);
        }
        const auto above = place == 0 ? std::nullopt : std::optional(buckets[place - 1].bound);
        return !lies_open(needless, above, buckets[place].bound);
    });
}

}  // namespace meshscope::business
